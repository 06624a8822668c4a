"""Edits of ``logins.yaml`` and of an environment file for a rotation.

Every other byte stays, and the result is read again.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.declaration.edit_put import Put, put_all
from provisioner.declaration.edit_retire import without_part
from provisioner.declaration.spans import SourceSpan
from provisioner.declaration.text_edits import Edit, NotEditable, after, appended, edited, lines

#: What a block of YAML reads as text without quotes; a reference is such a text.
_PLAIN = re.compile(r"(?:\$\{(?:env|file):)?[A-Za-z0-9_.~/-]+\}?")
FALLBACK = "fallback"
HALF_FIELDS = ("consumer_key", "private_key", "private_key_passphrase")


@dataclass(frozen=True, slots=True)
class Half:
    """One half of an environment's login, as texts: values or references. None: the field is missing."""

    consumer_key: str | None
    private_key: str
    private_key_passphrase: str | None = None

    @property
    def fields(self) -> dict[str, str]:
        found = {name: getattr(self, name) for name in HALF_FIELDS}
        return {name: value for name, value in found.items() if value is not None}


def set_app(content: bytes, login: str, app: Mapping[str, str], replaces: Mapping[str, str]) -> bytes:
    """``logins.yaml`` with these fields of a login's app, and exactly these under ``replaces``.

    Raises :class:`NotEditable`.
    """
    path = ("logins", login, "app")
    with contextlib.suppress(KeyError):
        content = _without(content, (*path, "replaces"))
    puts = [Put((*path, name), value) for name, value in app.items()]
    for each in puts:
        content = put_all(content, [each])
    return put_all(content, [Put((*path, "replaces"), dict(replaces))])


def set_halves(content: bytes, first: Half, second: Half | None) -> bytes:
    """Return an environment file with these halves of its login. Raises :class:`NotEditable`."""
    for name in HALF_FIELDS:
        content = _set(content, name, first.fields.get(name))
    return _set(content, FALLBACK, second.fields if second is not None else None)


def _set(content: bytes, name: str, value: str | dict[str, str] | None) -> bytes:
    """Return the text with a field at the top level; without it if ``value`` is None."""

    def meaning(tree: dict[str, Any]) -> None:
        tree.pop(name, None)
        if value is not None:
            tree[name] = value

    def edits(text: str, root: SourceSpan) -> Iterator[Edit]:
        found = root.field(name)
        if found is not None and isinstance(value, str):
            yield Edit(found[1].start, found[1].end, _words(value, is_flow=root.is_flow))
        elif found is not None and value is not None and root.is_flow:
            yield Edit(found[1].start, found[1].end, json.dumps(value, ensure_ascii=False))
        else:
            if found is not None:
                yield _removal(text, root, name)
            if value is not None:
                yield _addition(text, root, {name: value})

    return edited(content, meaning, edits)


def _addition(text: str, root: SourceSpan, added: Mapping[str, Any]) -> Edit:
    if root.is_flow:
        return appended(
            text, root, ", ".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in added.items())
        )
    indent, wanted = " " * root.column, []
    for name, value in added.items():
        if isinstance(value, str):
            wanted.append(f"{indent}{name}: {_words(value)}")
        else:
            wanted.append(f"{indent}{name}:")
            wanted += [f"{indent}  {field}: {_words(part)}" for field, part in value.items()]
    return lines(text, _end(text, root), wanted)


def _end(text: str, root: SourceSpan) -> int:
    """The line after the last field that stays."""
    stays = [value.end for name, value in root.fields if name.text != FALLBACK]
    if not stays:
        raise NotEditable("it has no field")
    return after(text, max(stays))


def _removal(text: str, root: SourceSpan, name: str) -> Edit:
    return without_part(text, root, [key.text for key, _ in root.fields].index(name))


def _words(value: str, *, is_flow: bool = False) -> str:
    return value if _PLAIN.fullmatch(value) and not is_flow else json.dumps(value, ensure_ascii=False)


def _without(content: bytes, path: tuple[str, ...]) -> bytes:
    """The text without the field at ``path``. Raises :class:`KeyError` if there is none."""

    def meaning(tree: dict[str, Any]) -> None:
        node = tree
        for name in path[:-1]:
            node = node[name]
        del node[path[-1]]

    def edits(text: str, root: SourceSpan) -> Iterator[Edit]:
        node = root
        for name in path[:-1]:
            found = node.field(name)
            if found is None:
                raise KeyError(name)
            node = found[1]
        yield _removal(text, node, path[-1])

    return edited(content, meaning, edits)
