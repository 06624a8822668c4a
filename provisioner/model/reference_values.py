"""The values of an environment file's references: each must have the shape of its field, and none is shown.

A reference can name any variable and any file. The author of an environment file must not be able to send or print one
by naming it as a username: a value of another shape is refused before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields

from provisioner.diagnostics import Location
from provisioner.errors import InputError
from provisioner.model.environment import Environment, Fallback, Login
from provisioner.secrets import Reference, ReferenceKind, Resolver, Secret, redactor

#: Source: Object Reference, User.Username.
LONGEST_USERNAME = 80
#: Source: Metadata API Developer Guide, ConnectedApp.consumerKey (8 to 256 characters). A chosen one has any form.
SHORTEST_CONSUMER_KEY, LONGEST_CONSUMER_KEY = 8, 256
#: In bytes; OpenSSL accepts no longer one.
LONGEST_PASSPHRASE = 1024

_USERNAME = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_CONSUMER_KEY = re.compile(r"[A-Za-z0-9._-]+")
_GENERATED_KEY = re.compile(r"3MVG[A-Za-z0-9._]{20,}")
_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
REFUSED, SWAPPED = "reference-wrong-shape", "swapped-claims"
_IS_CONSUMER_KEY, _IS_USERNAME = "is a consumer key, not a username", "is a username, not a consumer key"


def resolve(resolver: Resolver, environment: Environment, *path: str) -> Secret:
    """Return the value of the reference at ``path``, such as ``("verify", "Web_Chat", "key_file")``.

    Raises :class:`InputError` if it is not available, or does not have the shape of its field; the message names the
    field, the place and the reference, never the value.
    """
    reference = _reference(environment, path)
    field = path[-1]
    if field not in _SHAPES:
        return resolver.resolve_key(reference)
    try:
        kept = resolver.read(reference).reveal().rstrip("\r\n")
    except InputError as error:
        if field != "consumer_key" or reference.kind is not ReferenceKind.FILE:
            raise
        created = (
            f"`provisioner login apply --env {environment.name}` creates the app of a declared login, and writes it."
        )
        raise InputError(error.message, next=f"{error.next} {created}", code=error.code) from None
    problem = _SHAPES[field](kept)
    if problem is not None:
        raise InputError(
            f"The value of {reference} for {described(environment, *path)} {problem}. The value is not printed, and "
            f"it was not used.",
            next=_remedy(reference, field),
            code=SWAPPED if problem in (_IS_CONSUMER_KEY, _IS_USERNAME) else REFUSED,
        )
    redactor.keep(kept)
    return Secret(kept)


def described(environment: Environment, *path: str) -> str:
    """Return the field with its place: ```username` (config/environments/sandbox.yaml:3:11)``."""
    at: Location | None = environment.places.of(*path)
    return f"`{path[-1]}` ({at or environment.file})"


def references(environment: Environment) -> Iterator[tuple[Reference, tuple[str, ...]]]:
    """Yield every reference of an environment, with the path of its field."""
    login = environment.login
    yield from _references_of(login)
    yield from _references_of(login.fallback if login is not None else None, "fallback")
    for channel, target in environment.verify.items():
        if target.key_file is not None:
            yield target.key_file, ("verify", channel, "key_file")


def _references_of(part: Login | Fallback | None, *path: str) -> Iterator[tuple[Reference, tuple[str, ...]]]:
    for field in fields(part) if part is not None else ():
        value = getattr(part, field.name)
        if isinstance(value, Reference):
            yield value, (*path, field.name)


def _reference(environment: Environment, path: tuple[str, ...]) -> Reference:
    return next(reference for reference, place in references(environment) if place == path)


def _remedy(reference: Reference, field: str) -> str:
    where = {
        ReferenceKind.ENV: f"Set the variable {reference.target} to",
        ReferenceKind.FILE: f"Write into the file {reference.target}",
        ReferenceKind.COMMAND: "Name a command that prints",
    }[reference.kind]
    what = {
        "username": "only the username, such as ci@acme.com.uat",
        "consumer_key": "only the consumer key, as in Setup",
        "private_key_passphrase": "only the passphrase, on one line",
    }[field]
    return f"{where} {what}, or correct the reference. If you did not write it, find out who changed it last."


def _word_problem(value: str, name: str) -> str | None:
    """Return the problem of a value that must be one word."""
    if not value.strip():
        return "is blank"
    if value[0] in _QUOTES and value[-1] in _QUOTES and len(value) > 1:
        return "is in quotation marks"
    if "\n" in value or "\r" in value:
        return f"has several lines, but {name} has one"
    if value.strip() != value:
        return "begins or ends with white space"
    if any(character.isspace() for character in value):
        return f"contains white space, but {name} has none"
    return None


def _username_problem(value: str) -> str | None:
    found = _word_problem(value, "a username")
    if found is not None:
        return found
    if _GENERATED_KEY.fullmatch(value):
        return _IS_CONSUMER_KEY
    if "@" not in value:
        return "contains no @, but every username has one"
    if len(value) > LONGEST_USERNAME:
        return f"has more than {LONGEST_USERNAME} characters, more than any username"
    return None if _USERNAME.fullmatch(value) else "does not have the form of a username (NAME@DOMAIN)"


def _consumer_key_problem(value: str) -> str | None:
    found = _word_problem(value, "a consumer key")
    if found is not None:
        return found
    if _username_problem(value) is None:
        return _IS_USERNAME
    if not SHORTEST_CONSUMER_KEY <= len(value) <= LONGEST_CONSUMER_KEY:
        return f"does not have {SHORTEST_CONSUMER_KEY} to {LONGEST_CONSUMER_KEY} characters, as consumer keys have"
    return None if _CONSUMER_KEY.fullmatch(value) else "contains characters that no consumer key has"


def _passphrase_problem(value: str) -> str | None:
    if "\n" in value or "\r" in value or "\0" in value:
        return "has several lines, but a passphrase has one"
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        return "is not text in UTF-8"
    return f"has more than {LONGEST_PASSPHRASE} bytes, more than any passphrase" if size > LONGEST_PASSPHRASE else None


#: A private key has a separate reader (``jose.private_key``), which refuses everything else without showing it.
_SHAPES: dict[str, Callable[[str], str | None]] = {
    "username": _username_problem,
    "consumer_key": _consumer_key_problem,
    "private_key_passphrase": _passphrase_problem,
}
