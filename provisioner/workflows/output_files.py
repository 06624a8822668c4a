"""Writes the files that options such as --out name: without secrets, and an older file is replaced."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from provisioner.errors import InputError
from provisioner.report.json import json_text
from provisioner.secrets import redactor
from provisioner.untrusted import require_trusted
from provisioner.workflows.new_files import NEW, PUBLIC


def write_json(path: Path, document: object) -> None:
    """Write a document, and replace an older one. Raises :class:`InputError`."""
    write_text(path, json_text(document) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text without secrets, and replace an older one atomically. Raises :class:`InputError`."""
    require_trusted(f"{path} is not written")
    content = redactor.redact_document(text).encode()
    try:
        if path.exists() and not path.is_file():  # a pipe, /dev/stdout
            path.write_bytes(content)
            return
        target = Path(os.path.realpath(path))
        beside = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        try:
            _fill(beside, content, target.stat().st_mode & 0o777 if target.exists() else PUBLIC)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {(error.strerror or 'error').lower()}.",
            next="Name a file in an existing, writable folder.",
        ) from None


def _fill(path: Path, content: bytes, mode: int) -> None:
    """Make a file with at most the permissions of ``mode``: the umask can only remove some."""
    os.close(os.open(path, NEW, mode))
    path.write_bytes(content)
