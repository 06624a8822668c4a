"""Files of key material and of tokens that a person names: read with bounds, written without overwriting."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from provisioner.declaration.key_files import LARGEST_KEY_FILE
from provisioner.errors import InputError, UsageError
from provisioner.files import UnreadableError, git_damage, read_regular
from provisioner.jose.certificates import Certificate, read_der
from provisioner.jose.cures import STANDARD_INPUT, Input, for_upload
from provisioner.jose.defects import Findings
from provisioner.jose.file_kinds import LARGEST_FILE, take
from provisioner.jose.private_key import opened, opened_without, repairs_of
from provisioner.jose.recognition import Form, Recognition
from provisioner.model.estate import KeyFile
from provisioner.secrets import Reference, ReferenceKind, Resolver, Secret, redactor
from provisioner.workflows.console import Console
from provisioner.workflows.new_files import PUBLIC, make_whole, unwritable

STDIN = "-"
_CERTIFICATE_SUFFIXES = (".crt", ".pem", ".cer")
#: A text that can only be a token, or the beginning of one.
_TOKEN = re.compile(r"\s*(?:bearer\s+)?(?:ey[A-Za-z0-9_-]{15,}|00D[A-Za-z0-9]{12,15}!)", re.I)
_NAME_A_CERTIFICATE = "Name the public certificate, in PEM or DER."
#: The next step for an encrypted private key, in every command that has this option.
UNLOCK = "Give its passphrase in a variable: --passphrase-env NAME."


def shown(path: str) -> str:
    """Return the name of a file in messages."""
    return STANDARD_INPUT if path == STDIN else path


def read_bounded(path: str) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``; ~ is the home folder. Raises :class:`InputError`."""
    try:
        if path == STDIN:
            content = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with Path(expanded(path)).open("rb") as file:
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
    if (damage := git_damage(content)) is not None:
        raise InputError(
            f"{shown(path)}:{damage.line}: The file {damage.problem}.", next=damage.remedy, code="file-unreadable"
        )
    return content


def expanded(path: str) -> str:
    """Return a path with ~ replaced by the home folder, if there is one."""
    try:
        return str(Path(path).expanduser())
    except RuntimeError:  # ~NAME of a user without a home folder
        return path


def read_taken(path: str, passphrase_variable: str | None) -> Recognition:
    """Return the content of a file, opened with its passphrase if one is named. Raises :class:`InputError`.

    A PKCS #12 keystore is also opened without a passphrase, if it has an empty one or none.
    """
    taken, passphrase = take(read_bounded(path)), passphrase_in(passphrase_variable)
    if passphrase is None:
        return opened_without(taken)
    return opened(taken, passphrase, called=f"The private key {shown(path)}", given=Input.of_file(path))


def read_key(path: str) -> Secret:
    """Return the content of a private key's file, which is masked from then on. Raises :class:`InputError`."""
    key = Secret.of_octets(read_bounded(path))
    redactor.keep_key(key.reveal())
    return key


def refuse_token(word: str) -> None:
    """Raise :class:`UsageError` if a token was typed where the name of its file belongs."""
    if _TOKEN.match(word) and not _is_file(word):
        raise UsageError(
            "The command line contains a token, and the shell history keeps it.",
            next="Give a file name, or - and the token on standard input. Treat this token as compromised: wait "
            "until it has expired, or revoke its session.",
        )


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):  # too long for a name, as tokens are
        return False


def read_secret(path: str, option: str) -> str:
    """Return the text of a file that holds a secret, which is masked from then on. Raises :class:`InputError`."""
    content = read_bounded(path)
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise InputError(
            f"{shown(path)}, which {option} names, is not text in UTF-8.",
            next="Save it as plain text in UTF-8.",
            code="file-unreadable",
        ) from None
    redactor.keep(text)
    return text


def passphrase_in(variable: str | None) -> Secret | None:
    """Return the passphrase in a variable, masked from then on; None for no variable. Raises :class:`InputError`."""
    if variable is None:
        return None
    found = Resolver(Path()).resolve(Reference(ReferenceKind.ENV, variable)).reveal()
    return Secret(found.rstrip("\r\n"))


def input_of(reference: Reference, folder: Path) -> Input:
    """Return how a shell reads the target of a reference in an environment file of ``folder``."""
    match reference.kind:
        case ReferenceKind.ENV:
            return Input.of_variable(reference.target)
        case ReferenceKind.COMMAND:
            return Input.of_command(reference.target)
        case ReferenceKind.FILE:
            target = reference.target
            return Input.of_file(target if target.startswith("~") else os.path.normpath(folder / target))
        case _:
            assert_never(reference.kind)


def say_repairs(console: Console, key: Secret, called: str) -> None:
    """Warn that a private key is read only because something is undone. ``called`` begins the sentence."""
    repairs = repairs_of(key)
    if repairs is not None:
        console.say(f"Warning: {called} is not plain PEM: {repairs}. Other programs may refuse it as it is.")


def read_certificate(path: str) -> Certificate:
    """Return the certificate that a person names beside a key. Raises :class:`InputError`."""
    taken = take(read_bounded(path))
    found = Findings()
    certificate = (
        read_der(taken.certificates[0], path, f"the certificate in {path}", found) if taken.certificates else None
    )
    if certificate is None:
        problem = found.defects[0].message if found.defects else f"{path} holds {taken.what}, not a certificate."
        cure = for_upload(taken, Input.of_file(path)) if taken.form is not Form.OTHER else _NAME_A_CERTIFICATE
        raise InputError(problem, next=cure, code="certificate-unreadable")
    return certificate


def certificates_beside(private_key: Path) -> Iterator[KeyFile]:
    """Yield the readable files beside a private key that may hold its certificate, the likeliest first."""
    for path in map(private_key.with_suffix, _CERTIFICATE_SUFFIXES):
        if path == private_key:
            continue
        try:
            content = read_regular(path, LARGEST_KEY_FILE)
        except UnreadableError:
            continue
        yield KeyFile(path.name, str(path), content)


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
        raise unwritable(Path(path), error, "Check the folder and its permissions.", "file-unwritable") from None
