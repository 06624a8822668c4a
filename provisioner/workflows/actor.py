"""The actor of this command: the user of the machine, or the CI by its variables, and the commit of the config.

It runs no program and asks nothing. The values are variables and files of others, so each is bounded, one line of
printable characters, and without secrets.

Sources of the variables: the documentation of GitHub Actions, GitLab, Azure DevOps, Bitbucket, Jenkins and CircleCI.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from provisioner.files import UnreadableError, read_regular, require_no_kernel_file
from provisioner.model.actor import Actor
from provisioner.secrets import redactor

#: A CI can name the approver in this variable.
APPROVER = "PROVISIONER_APPROVER"
#: The most characters of a value.
LONGEST = 200
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"refs/[A-Za-z0-9._/@+-]+")
_LARGEST_PACKED_REFS = 16 * 1024 * 1024

Variables = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ci:
    """A CI: the variable that identifies it, those of person and commit (the first that is set), and the run."""

    name: str
    marker: str
    person: tuple[str, ...]
    commit: str
    run: Callable[[Variables], str]


def _github_run(variables: Variables) -> str:
    server, repository, run = (variables[f"GITHUB_{each}"] for each in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}/attempts/{variables.get('GITHUB_RUN_ATTEMPT', '1')}"


def _azure_run(variables: Variables) -> str:
    collection, project = variables["SYSTEM_COLLECTIONURI"].rstrip("/"), variables["SYSTEM_TEAMPROJECT"]
    return f"{collection}/{project}/_build/results?buildId={variables['BUILD_BUILDID']}".replace(" ", "%20")


def _bitbucket_run(variables: Variables) -> str:
    return f"{variables['BITBUCKET_GIT_HTTP_ORIGIN']}/pipelines/results/{variables['BITBUCKET_BUILD_NUMBER']}"


CIS = (
    Ci("GitHub Actions", "GITHUB_ACTIONS", ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"), "GITHUB_SHA", _github_run),
    Ci("GitLab", "GITLAB_CI", ("GITLAB_USER_LOGIN",), "CI_COMMIT_SHA", lambda found: found["CI_JOB_URL"]),
    Ci("Azure DevOps", "TF_BUILD", ("BUILD_REQUESTEDFOR", "BUILD_QUEUEDBY"), "BUILD_SOURCEVERSION", _azure_run),
    Ci("Bitbucket", "BITBUCKET_BUILD_NUMBER", ("BITBUCKET_STEP_TRIGGERER_UUID",), "BITBUCKET_COMMIT", _bitbucket_run),
    Ci("Jenkins", "JENKINS_URL", ("BUILD_USER_ID", "BUILD_USER"), "GIT_COMMIT", lambda found: found["BUILD_URL"]),
    Ci("CircleCI", "CIRCLECI", ("CIRCLE_USERNAME",), "CIRCLE_SHA1", lambda found: found["CIRCLE_BUILD_URL"]),
)


def actor_of(config: str | Path, variables: Variables = os.environ) -> Actor:
    """Return who runs this command on the config directory. Never raises."""
    ci = next((each for each in CIS if variables.get(each.marker)), None)
    approver = _clean(variables.get(APPROVER))
    if ci is None:
        return Actor(user=_user(), approver=approver, commit=_commit_of(config))
    return Actor(
        user=_user(),
        ci=ci.name,
        actor=_clean(next((value for name in ci.person if (value := variables.get(name))), None)),
        approver=approver,
        commit=_commit_of(config) or _whole_commit(variables.get(ci.commit)),
        run=_address(ci, variables),
    )


def _user() -> str | None:
    """Return the name of the process's user; its number if it has no name, as in many containers."""
    try:
        import pwd
    except ImportError:  # Windows
        return _clean(os.environ.get("USERNAME"))
    number = os.getuid()
    try:
        return _clean(pwd.getpwuid(number).pw_name)
    except (KeyError, OSError):
        return f"uid {number}"


def _clean(text: str | None) -> str | None:
    """Return one bounded line of printable characters without secrets; None if nothing is left."""
    printable = "".join(each if each.isprintable() else "?" for each in (text or "").strip())
    return redactor.redact(printable)[:LONGEST] or None


def _address(ci: Ci, variables: Variables) -> str | None:
    """Return the address of the run, without a user or a password in it; None if the CI does not provide it."""
    try:
        parts = urlsplit(ci.run(variables))
        host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    except (KeyError, ValueError):
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return _clean(urlunsplit((parts.scheme, host or "", parts.path, parts.query, "")))


# The commit, read from git's own files


def _commit_of(config: str | Path) -> str | None:
    """Return the checked-out commit of the config directory; None without git, or in another layout."""
    try:
        folder = Path(os.path.realpath(config))
        found = next((each / ".git" for each in (folder, *folder.parents) if os.path.lexists(each / ".git")), None)
        return _head(found) if found is not None else None
    except (UnreadableError, OSError, ValueError):
        return None


def _head(git: Path) -> str | None:
    """Return the commit that HEAD of a ``.git`` folder or file leads to."""
    if not git.is_dir():  # a worktree or a submodule: a file that names the folder
        git = git.parent / _line(git).removeprefix("gitdir: ")
    head = _line(git / "HEAD")
    if not head.startswith("ref: "):
        return _whole_commit(head)
    ref = head.removeprefix("ref: ")
    if _REF.fullmatch(ref) is None or ".." in ref:
        return None
    common = git / _line(git / "commondir") if (git / "commondir").exists() else git
    if (common / ref).is_file():
        return _whole_commit(_line(common / ref))
    packed = _text(common / "packed-refs", _LARGEST_PACKED_REFS)
    lines = (line.split(" ", 1) for line in packed.splitlines())
    return next((_whole_commit(line[0]) for line in lines if line[1:] == [ref]), None)


def _line(path: Path) -> str:
    return _text(path, 4096).strip()


def _text(path: Path, limit: int) -> str:
    require_no_kernel_file(path)
    return read_regular(path, limit).decode("utf-8", "replace")


def _whole_commit(text: str | None) -> str | None:
    return text if text is not None and _COMMIT.fullmatch(text) else None
