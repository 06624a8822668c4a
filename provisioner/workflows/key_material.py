"""Files of key material and of tokens that a person names: read with bounds, written without overwriting."""

from __future__ import annotations

import sys
from pathlib import Path

from provisioner.errors import InputError
from provisioner.jose.certificates import Certificate, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.file_kinds import LARGEST_FILE, take
from provisioner.workflows.new_files import PUBLIC, make_whole

STDIN = "-"


def shown(path: str) -> str:
    """How a file is called in messages."""
    return "(standard input)" if path == STDIN else path


def read_bounded(path: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises :class:`InputError`."""
    try:
        if path == STDIN:
            content = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "no such path").lower()
        raise InputError(
            f"{shown(path)} cannot be read: {reason}.",
            next="Check the path and the file's permissions.",
            code="file-unreadable",
        ) from None
    if len(content) > LARGEST_FILE:
        raise InputError(
            f"{shown(path)} is larger than {LARGEST_FILE >> 20} MiB: no key, certificate or token is.",
            next="Name a file that holds only the key, certificate or token.",
            code="file-too-large",
        )
    return content


def read_certificate(path: str) -> Certificate:
    """The certificate that a person names beside a key. Raises :class:`InputError`."""
    taken = take(read_bounded(path))
    found = Findings()
    certificate = (
        read_der(taken.certificates[0], path, f"the certificate in {path}", found) if taken.certificates else None
    )
    if certificate is None:
        problem = found.defects[0].message if found.defects else f"{path} holds {taken.what}, not a certificate."
        raise InputError(problem, next="Name the public certificate, in PEM or DER.", code="certificate-unreadable")
    return certificate


def write_new(path: str, text: str) -> None:
    """Write a file that does not exist yet; a link counts as existing. Raises :class:`InputError`."""
    try:
        make_whole(Path(path), text.encode(), PUBLIC)
    except FileExistsError:
        raise InputError(
            f"{path} already exists, and provisioner never overwrites files.",
            next="Name another file, or move the existing one.",
            code="file-exists",
        ) from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {(error.strerror or 'error').lower()}.",
            next="Check the folder and its permissions.",
            code="file-unwritable",
        ) from None
