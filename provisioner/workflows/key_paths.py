"""The allowed paths of private keys: outside of the config directory, and never in a commit of git."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

from provisioner.errors import InputError, RefusedError
from provisioner.files import home_folder, user_directory
from provisioner.untrusted import require_trusted
from provisioner.workflows.new_files import already_there

#: The variables of the person's shell that git gets: the paths of programs and settings. Without GIT_DIR and the like,
#: which would select another repository, and without secrets.
_GIVEN_TO_GIT = ("PATH", "HOME", "XDG_CONFIG_HOME", "LANG", "LC_ALL", "SYSTEMROOT", "GIT_CONFIG_GLOBAL")
_GIT_SECONDS = 20
_ELSEWHERE = "Name a path outside it with --private-key FILE"


def default_folder(config: Path) -> Path:
    """Return the folder for the private keys of the project with this config directory, in the user's own folder.

    Its name has a digest of the directory's path, because two projects can have a key of one name. Without a config
    directory it is the folder of all projects. Raises :class:`InputError` if the user has no folder.
    """
    own = user_directory("config")
    if own is None:
        raise InputError(
            "This user has no home folder, so there is no default folder for a private key.",
            next="Name a file with --private-key FILE, or set HOME or XDG_CONFIG_HOME.",
            code="no-home-folder",
        )
    if not config.is_dir():
        return own / "keys"
    real = Path(os.path.realpath(config))
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", real.parent.name).strip(".-") or "project"
    digest = hashlib.sha256(os.fsencode(os.path.normcase(real))).hexdigest()[:6]
    return own / "keys" / f"{name}-{digest}"


def display_path(path: Path) -> str:
    """Return a path as people write it: with ~ for the home folder, and without ``..`` in it."""
    path, home = Path(os.path.normpath(path)), home_folder()
    return f"~/{path.relative_to(home).as_posix()}" if home is not None and path.is_relative_to(home) else str(path)


def check_private_place(path: Path, config: Path) -> None:
    """Raise :class:`RefusedError` if a private key must not be written to ``path``; ``config`` is the directory."""
    if os.path.lexists(path):
        raise already_there(path)
    real = Path(os.path.realpath(path.parent)) / path.name
    if real.is_relative_to(os.path.realpath(config)):
        raise RefusedError(
            f"{path} is in the config directory, where only public key material belongs.",
            next=f"{_ELSEWHERE}, or leave the option out.",
            code="private-key-in-config",
        )
    tree = work_tree(real)
    if tree is not None and not is_ignored(real, tree):
        raise RefusedError(
            f"{path} is in the git work tree {tree} and not ignored there: the private key could be committed.",
            next=f"{_ELSEWHERE}, or add it to {tree / '.gitignore'} first.",
            code="private-key-in-git",
        )


def work_tree(path: Path) -> Path | None:
    """Return the git work tree of ``path``, by its ``.git`` (a folder, or a file in linked work trees)."""
    return next((folder for folder in path.parents if os.path.lexists(folder / ".git")), None)


def is_ignored(path: Path, tree: Path) -> bool:
    """Return whether git ignores the file; without an answer of git it counts as not ignored."""
    require_trusted("git is not run")
    environment = {name: os.environ[name] for name in _GIVEN_TO_GIT if name in os.environ}
    try:
        done = subprocess.run(
            ["git", "-C", str(tree), "check-ignore", "--quiet", "--", str(path)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
