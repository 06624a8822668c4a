"""Who ran a command: each CI's variables, git's own files, users without a name, and nothing harmful in any of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.model.actor import NOBODY, Actor
from provisioner.secrets import redactor
from provisioner.workflows.actor import APPROVER, CIS, LONGEST, actor_of

SHA = "0123456789abcdef0123456789abcdef01234567"
GITHUB = {
    "GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "ada", "GITHUB_TRIGGERING_ACTOR": "grace", "GITHUB_SHA": SHA,
    "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/chat", "GITHUB_RUN_ID": "7",
    "GITHUB_RUN_ATTEMPT": "2",
}  # fmt: skip
EXAMPLES = {
    "GitHub Actions": (GITHUB, "grace", "https://github.com/acme/chat/actions/runs/7/attempts/2"),
    "GitLab": (
        {"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "grace", "CI_COMMIT_SHA": SHA,
         "CI_JOB_URL": "https://gitlab.example.com/acme/chat/-/jobs/7"},
        "grace", "https://gitlab.example.com/acme/chat/-/jobs/7",
    ),
    "Azure DevOps": (
        {"TF_BUILD": "True", "BUILD_REQUESTEDFOR": "Grace Hopper", "BUILD_SOURCEVERSION": SHA, "BUILD_BUILDID": "7",
         "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/", "SYSTEM_TEAMPROJECT": "Web Chat"},
        "Grace Hopper", "https://dev.azure.com/acme/Web%20Chat/_build/results?buildId=7",
    ),
    "Bitbucket": (
        {"BITBUCKET_BUILD_NUMBER": "7", "BITBUCKET_STEP_TRIGGERER_UUID": "{9a5c}", "BITBUCKET_COMMIT": SHA,
         "BITBUCKET_GIT_HTTP_ORIGIN": "https://bitbucket.org/acme/chat"},
        "{9a5c}", "https://bitbucket.org/acme/chat/pipelines/results/7",
    ),
    "Jenkins": (
        {"JENKINS_URL": "https://ci.example.com/", "BUILD_USER_ID": "grace", "GIT_COMMIT": SHA,
         "BUILD_URL": "https://ci.example.com/job/chat/7/"},
        "grace", "https://ci.example.com/job/chat/7/",
    ),
    "CircleCI": (
        {"CIRCLECI": "true", "CIRCLE_USERNAME": "grace", "CIRCLE_SHA1": SHA,
         "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/chat/7"},
        "grace", "https://circleci.com/gh/acme/chat/7",
    ),
}  # fmt: skip


def test_every_ci_has_an_example() -> None:
    assert [ci.name for ci in CIS] == list(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_ci_says_who_where_and_of_which_commit(name: str, tmp_path: Path) -> None:
    variables, person, run = EXAMPLES[name]
    found = actor_of(tmp_path, {**variables, APPROVER: "linus"})
    assert (found.ci, found.actor, found.approver, found.commit, found.run) == (name, person, "linus", SHA, run)
    assert found.name == person


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_ci_that_says_nothing_more_is_no_error(name: str, tmp_path: Path) -> None:
    marker = next(ci.marker for ci in CIS if ci.name == name)
    found = actor_of(tmp_path, {marker: "true"})
    assert (found.ci, found.actor, found.approver, found.commit, found.run) == (name, None, None, None, None)


def test_without_a_ci_it_is_the_user_of_the_machine(tmp_path: Path) -> None:
    found = actor_of(tmp_path, {})
    assert found.user is not None
    assert found == Actor(user=found.user)
    assert found.name == found.user


def test_a_user_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container runs under a number that no file names."""
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    monkeypatch.setenv("USER", "somebody-else")
    assert actor_of(tmp_path, {}).user == "uid 987654321"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@ci.example.com:8443/job/7", "https://ci.example.com:8443/job/7"),
        ("javascript:alert(1)", None),
        ("https://[broken", None),
        ("https://ci.example.com:notaport/", None),
        ("file:///etc/passwd", None),
        ("", None),
    ],
)
def test_the_run_s_address_is_one_without_a_password(url: str, shown: str | None, tmp_path: Path) -> None:
    assert actor_of(tmp_path, {"JENKINS_URL": "x", "BUILD_URL": url}).run == shown


def test_a_secret_in_a_variable_is_masked(tmp_path: Path) -> None:
    redactor.keep("a-very-secret-value-12345")
    found = actor_of(tmp_path, {**GITHUB, "GITHUB_TRIGGERING_ACTOR": "x a-very-secret-value-12345"})
    assert "a-very-secret-value" not in str(found)


@given(st.text(max_size=2000), st.text(max_size=60))
def test_whatever_is_set_gives_one_bounded_line(text: str, commit: str) -> None:
    variables = {**GITHUB, "GITHUB_TRIGGERING_ACTOR": text, APPROVER: text, "GITHUB_REPOSITORY": text,
                 "GITHUB_SHA": commit}  # fmt: skip
    found = actor_of(Path("/nowhere"), variables)
    for value in (found.actor, found.approver, found.run):
        assert value is None or (value.isprintable() and 0 < len(value) <= LONGEST)
    assert found.commit is None or len(found.commit) in (40, 64)


class TestGit:
    """The commit is read out of git's own files: no program is run."""

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        if shutil.which("git") is None:
            pytest.skip("git is missing")
        self.git(tmp_path, "init", "--quiet", "--initial-branch", "main")
        (tmp_path / "config").mkdir()
        (tmp_path / "config/x").write_text("x")
        self.git(tmp_path, "add", ".")
        self.git(tmp_path, "commit", "--quiet", "--message", "x")
        return tmp_path

    @staticmethod
    def git(folder: Path, *words: str) -> str:
        named = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        done = subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def test_of_a_branch_packed_detached_and_in_a_worktree(self, repository: Path) -> None:
        sha = self.git(repository, "rev-parse", "HEAD")
        assert actor_of(repository / "config", {}).commit == sha
        self.git(repository, "pack-refs", "--all")
        assert actor_of(repository / "config", {}).commit == sha
        self.git(repository, "worktree", "add", "--quiet", "-b", "side/topic", "side")
        assert actor_of(repository / "side/config", {}).commit == sha
        self.git(repository, "checkout", "--quiet", "--detach")
        assert actor_of(repository / "config", {}).commit == sha

    def test_its_own_checkout_counts_before_the_ci_s_variable(self, repository: Path) -> None:
        """The configuration may be checked out from another repository than the workflow's."""
        assert actor_of(repository / "config", GITHUB).commit == self.git(repository, "rev-parse", "HEAD") != SHA

    @pytest.mark.parametrize(
        "files",
        [
            {"HEAD": ""},
            {"HEAD": "ref: refs/heads/main"},
            {"HEAD": "ref: ../../outside"},
            {"HEAD": "ref: refs/heads/../../../outside"},
            {"HEAD": "nonsense"},
            {"HEAD": "ref: refs/heads/main", "packed-refs": f"{SHA} refs/heads/main-2\n"},
            {},
        ],
    )
    def test_what_git_would_not_write_is_no_commit(self, files: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / "outside").write_text(SHA)
        (tmp_path / "a/.git").mkdir(parents=True)
        for name, text in files.items():
            (tmp_path / "a/.git" / name).write_text(text)
        assert actor_of(tmp_path / "a", {}).commit is None

    @pytest.mark.parametrize("text", ["gitdir: /proc/self", "gitdir: nowhere", "\0", "gitdir: /dev"])
    def test_a_git_file_that_leads_astray(self, text: str, tmp_path: Path) -> None:
        (tmp_path / ".git").write_text(text)
        assert actor_of(tmp_path, {}).commit is None


@pytest.mark.parametrize("document", [None, [], {"user": 7}, {"other": "x"}, {}])
def test_what_is_no_actor_is_nobody_known(document: object) -> None:
    assert Actor.from_json(document) == NOBODY


def test_an_actor_is_read_as_it_was_written() -> None:
    found = Actor("root", "GitLab", "ada", "grace", SHA, "https://example.com")
    assert Actor.from_json(found.to_json()) == found
