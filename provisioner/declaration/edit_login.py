"""The edits of ``logins.yaml`` and of an environment file for the rotation of a login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from provisioner.declaration.editor import Change, Put, Remove, edit
from provisioner.declaration.text_edits import Verbatim
from provisioner.model.environment import Fallback

FALLBACK = "fallback"
HALF_FIELDS = tuple(field.name for field in fields(Fallback))


@dataclass(frozen=True, slots=True)
class Half:
    """One half of an environment's login, as texts: values or references. None: the field is missing."""

    consumer_key: str | None
    private_key: str
    private_key_passphrase: str | None = None

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields that are not missing, by name."""
        found = {name: getattr(self, name) for name in HALF_FIELDS}
        return {name: value for name, value in found.items() if value is not None}


def set_app(content: bytes, login: str, app: Mapping[str, str], replaces: Mapping[str, str]) -> bytes:
    """Return ``logins.yaml`` with these fields of a login's app, and exactly these under ``replaces``.

    Raises :class:`NotEditable`.
    """
    path = ("logins", login, "app")
    content = edit(content, [Remove((*path, "replaces"))])
    content = edit(content, [Put((*path, name), value) for name, value in app.items()])
    return edit(content, [Put((*path, "replaces"), dict(replaces))])


def set_halves(content: bytes, first: Half, second: Half | None) -> bytes:
    """Return an environment file with these halves of its login. Raises :class:`NotEditable`."""
    content = edit(content, [Remove((FALLBACK,))])
    for name in HALF_FIELDS:
        value = first.fields.get(name)
        change: Change = Remove((name,)) if value is None else Put((name,), Verbatim(value))
        content = edit(content, [change])
    if second is None:
        return content
    return edit(content, [Put((FALLBACK,), {name: Verbatim(value) for name, value in second.fields.items()})])
