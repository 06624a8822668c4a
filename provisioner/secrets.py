"""Secret values, and references to them.

A :class:`Secret` prints as ``***``; :class:`Redactor` masks every value that was registered with it, in any text.
References (``${env:NAME}``, ``${file:PATH}``, ``${command:WORDS}``) are resolved only when a command needs them.
"""

from __future__ import annotations

import os
import re
import shlex
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from provisioner.errors import InputError
from provisioner.files import UnreadableError, expand_home, read_regular, require_no_kernel_file
from provisioner.redaction import MASK, SHORTEST_MASKED, RedactingFilter, Redactor, redactor
from provisioner.untrusted import require_trusted

__all__ = [
    "MASK", "SHORTEST_MASKED", "RedactingFilter", "Redactor", "Reference", "ReferenceKind", "Resolver", "Secret",
    "redactor",
]  # fmt: skip

#: The largest file of a reference; a key store with many keys is much smaller.
LARGEST_REFERENCED_FILE = 1024 * 1024
COMMAND_SECONDS = 30.0
#: Commands run one at a time: each may ask the user for a password.
_COMMANDS = threading.Lock()


class Secret:
    """A value that only :meth:`reveal` and :meth:`octets` return."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def of_octets(cls, content: bytes) -> Secret:
        """Return a secret that need not be text, such as a keystore: :meth:`octets` returns the same bytes."""
        return cls(content.decode("utf-8", "surrogateescape"))

    def reveal(self) -> str:
        return self._value

    def octets(self) -> bytes:
        try:
            return self._value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # half of a character, which no file contains
            return self._value.encode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))


class ReferenceKind(StrEnum):
    ENV = "env"
    FILE = "file"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a value. ``target`` is a variable's name, a path, or a command line."""

    kind: ReferenceKind
    target: str

    _SHAPE = re.compile(r"\$\{(env|file|command):(.*)\}", re.S)

    @classmethod
    def parse(cls, text: str) -> Reference | None:
        """Return the reference that makes up the whole ``text``; None if it is not one, or names nothing."""
        match = cls._SHAPE.fullmatch(text)
        if match is None or not match[2].strip():
            return None
        return cls(ReferenceKind(match[1]), match[2].strip())

    @classmethod
    def names_nothing(cls, text: str) -> bool:
        """Return whether ``text`` is a reference without a target, such as ``${env:}``."""
        match = cls._SHAPE.fullmatch(text)
        return match is not None and not match[2].strip()

    def __str__(self) -> str:
        return f"${{{self.kind.value}:{self.target}}}"


#: A home folder as a shell or Windows names it; `${file:}` writes it as `~`.
_HOME = re.compile(r"(\$HOME|\$\{HOME\}|%USERPROFILE%)(?=[/\\])")
#: A path to a key in common forms: from home, from here, from the root, on a drive or a share; or a file name with a
#: usual suffix of key files. It has no character that is typical of base64, YAML or prose.
_PATH = re.compile(
    r"(?:(?:~[\w.-]*|\.{1,2}|\$HOME|\$\{HOME\}|%USERPROFILE%|[A-Za-z]:)?[/\\]|\\\\)[\w./\\ @()-]{1,250}"
    r"|[\w./\\ @()-]{1,250}\.(?:key|pem|der|p8|p12|pfx|jks|ppk)"
)
_OF_1PASSWORD = re.compile(r"op://[\w./ @()-]{1,250}")


def meant_reference(text: str) -> Reference | None:
    """Return the reference for a path, or for a reference of 1Password, that was written as the value.

    None for others.
    """
    if _PATH.fullmatch(text):
        return Reference(ReferenceKind.FILE, _HOME.sub("~", text))
    if _OF_1PASSWORD.fullmatch(text):
        return Reference(ReferenceKind.COMMAND, f"op read {shlex.quote(text)}")
    return None


#: A reference with a mistake in its frame (`$env:NAME`, `${env:NAME`, `${ENV:NAME}`).
_FRAME = re.compile(r"[$%]?[{(]{0,2} ?(env|file|command): ?([^{}\n]{1,250}?) ?[)}]{0,2}", re.I)
#: A variable as shells and CI services name it.
_VARIABLE = re.compile(
    r"\$\{?([A-Za-z_]\w*)\}?|\$\(([A-Za-z_]\w*)\)|%([A-Za-z_]\w*)%|\$\{\{ ?(?:env|secrets|vars)\.([A-Za-z_]\w*) ?\}\}"
)


def misspelt_reference(text: str) -> Reference | None:
    """Return the reference that was written in the notation of a shell or of a CI service, or with a typing error."""
    if (framed := _FRAME.fullmatch(text)) is not None:
        return Reference(ReferenceKind(framed[1].lower()), framed[2].strip())
    named = _VARIABLE.fullmatch(text)
    return Reference(ReferenceKind.ENV, next(filter(None, named.groups()))) if named is not None else None


#: The credentials in the authority of a URL.
_CREDENTIALS = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://([^/?#\s]+)@")


def mask_credentials(url: str | None) -> str | None:
    """Return ``url``; its password is masked in all output from now on: a finding shows the line of such a URL."""
    found = _CREDENTIALS.match(url) if url is not None else None
    if found is not None:
        redactor.keep(found[1].rpartition(":")[2])
    return url


def command_words(text: str, *, windows: bool = os.name == "nt") -> list[str]:
    """Split a command into words as a shell does; on Windows a backslash is a part of a path.

    Raises :class:`ValueError` for a quote that is not closed.
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if windows:
        lexer.escape = ""
    return list(lexer)


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves references. ``base`` is the folder for relative ``${file:}`` paths."""

    base: Path
    allow_commands: bool = False

    def resolve(self, reference: Reference) -> Secret:
        """Return the referenced value, registered with :data:`redactor`.

        Raises :class:`InputError` if it is not available; the message names the reference, never a value.
        """
        value = self.read(reference)
        redactor.keep(value.reveal())
        return value

    def resolve_key(self, reference: Reference) -> Secret:
        """Return key material as :meth:`resolve` does: any bytes; of JSON, only the private values are masked."""
        require_trusted(f"{reference} is not resolved")
        value = Secret.of_octets(getattr(self, f"_{reference.kind.value}")(reference))
        redactor.keep_key(value.reveal())
        return value

    def read(self, reference: Reference) -> Secret:
        """Return a value that is inspected before it is used: as :meth:`resolve`, but not masked yet."""
        require_trusted(f"{reference} is not resolved")
        content: bytes = getattr(self, f"_{reference.kind.value}")(reference)
        match reference.kind:
            case ReferenceKind.ENV:
                return Secret(os.fsdecode(content))
            case ReferenceKind.COMMAND:
                return Secret(content.decode("utf-8", "replace").rstrip("\r\n"))
            case ReferenceKind.FILE:
                try:
                    return Secret(content.decode("utf-8-sig"))
                except UnicodeDecodeError:
                    problem = self._unusable(reference, "is not text in UTF-8", "Give the file as text in UTF-8.")
                raise problem
            case _:
                assert_never(reference.kind)

    def _env(self, reference: Reference) -> bytes:
        value = os.environ.get(reference.target)
        if value is None or value == "":
            state = "not set" if value is None else "empty"
            raise InputError(
                f"The environment variable {reference.target} is {state}, but {reference} needs it.",
                next=f"Set {reference.target} in the environment the command runs in.",
                code="reference-unset",
            )
        return os.fsencode(value)

    def _file(self, reference: Reference) -> bytes:
        try:
            path = self.base / expand_home(reference.target)
            require_no_kernel_file(path)
            return read_regular(path, LARGEST_REFERENCED_FILE)
        except UnreadableError as error:
            meant = Reference(ReferenceKind.FILE, _HOME.sub("~", reference.target))
            if meant != reference:
                remedy = f"Write {meant}: variables in a path are not replaced."
            else:
                remedy = error.remedy
                if not (reference.target.startswith("~") or Path(reference.target).is_absolute()):
                    remedy += " The path is relative to the environment file."
            raise self._unusable(reference, error.problem, remedy) from None

    def _unusable(self, reference: Reference, problem: str, remedy: str) -> InputError:
        try:
            shown = str(self.base / expand_home(reference.target))
        except UnreadableError:
            shown = reference.target
        said = f"The file {shown}, which {reference} names, {problem}."
        return InputError(said, next=remedy, code="reference-unset")

    def _command(self, reference: Reference) -> bytes:
        if not self.allow_commands:
            raise InputError(
                f"{reference} runs a command, but commands are not allowed.",
                next="Give --allow-commands or set PROVISIONER_ALLOW_COMMANDS=1, if you trust everyone who can edit "
                "this YAML.",
                code="commands-not-allowed",
            )
        import subprocess

        try:
            words = command_words(reference.target)
            with _COMMANDS:
                done = subprocess.run(
                    words, capture_output=True, timeout=COMMAND_SECONDS, check=False, stdin=subprocess.DEVNULL
                )
        except subprocess.TimeoutExpired:
            problem = f"gave no answer within {COMMAND_SECONDS:.0f} seconds"
        except (OSError, ValueError) as error:
            problem = f"could not be started ({getattr(error, 'strerror', None) or 'its arguments cannot be parsed'})"
        else:
            if done.returncode == 0 and done.stdout.strip():
                return done.stdout
            problem = f"exited with status {done.returncode}" if done.returncode else "printed nothing"
        raise InputError(
            f"The command of {reference} {problem}.",
            next="Run the command by hand in the same shell; it must print only the value.",
            code="reference-unset",
        )
