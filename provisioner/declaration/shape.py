"""Checks a tree against the schema; each wrong value is a finding at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from itertools import islice
from types import NoneType
from typing import Any, assert_never

from provisioner.declaration.schema_parts import Schema
from provisioner.declaration.tree import Branch, Entry, Node, Scalar, Sequence, plain, without_own_fields
from provisioner.declaration.yaml_text import parse
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.places import Path
from provisioner.model.types import TYPES, MetadataType
from provisioner.names import Nearest, nearest

#: The most findings that are searched for: a file can have 200,000, and no one reads so many.
MOST = 1_000
MORE = f"The check stopped after {MOST:,} findings."

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


_WORD_OF_SECTION = {kind.section: kind.word for kind in (*TYPES, MetadataType.DEPLOYMENT)} | {"logins": "login"}


def read_mapping(content: bytes, shown_path: str, what: str, begin: str) -> tuple[Branch | None, list[Diagnostic]]:
    """Return the mapping in a file, without the fields that only hold anchors, and the findings about the text.

    None if the text cannot be read or is not a mapping. ``what`` names the file in a sentence; ``begin`` is the fix for
    a file that is empty or holds something else.
    """
    written, findings = parse(content, shown_path, begin=begin)
    tree = without_own_fields(written)
    if tree is None or isinstance(tree, Branch):
        return tree, findings
    message = f"{what} must be a mapping; this is {_kind(plain(tree))}."
    return None, [*findings, Diagnostic("yaml-wrong-type", Severity.ERROR, message, begin, tree.location)]


def check_shape(tree: Node, schema: Schema, passed_over: Set[Path] = frozenset()) -> list[Diagnostic]:
    """Return a finding for each wrong value of ``tree``; values at the paths ``passed_over`` are not judged.

    Understands the keywords that :mod:`provisioner.declaration.schema` uses, as JSON Schema 2020-12 means them.
    """
    found = list(islice(_check(tree, schema, (), tree.location, passed_over), MOST + 1))
    if len(found) > MOST:
        found[-1] = replace(found[-1], message=f"{found[-1].message} {MORE}")
    return found


def _check(node: Node, schema: Schema, path: Path, place: Location, passed_over: Set[Path]) -> Iterator[Diagnostic]:
    if path in passed_over:
        return
    if isinstance(node, Branch) and node.is_partial and not node.entries:
        return  # a template expression, which has its own finding
    if "type" in schema and not _has_type(node, _types(schema)):
        yield _wrong_type(node, schema, path, place)
    elif "const" in schema or "enum" in schema:
        allowed = schema["enum"] if "enum" in schema else [schema["const"]]
        value = node.value if isinstance(node, Scalar) else node
        if value not in allowed:
            yield _wrong_value(value, allowed, path, place)
    elif "pattern" in schema and isinstance(node, Scalar) and not re.search(schema["pattern"], str(node.value)):
        yield _finding("yaml-missing-field", f"{_name(path)} is empty.", "Write a text.", path, place)
    elif isinstance(node, Branch):
        yield from _check_fields(node, schema, path, place, passed_over)
    elif isinstance(node, Sequence) and "items" in schema:
        for index, item in enumerate(node.items):
            yield from _check(item, schema["items"], (*path, index), item.location, passed_over)


def _check_fields(
    branch: Branch, schema: Schema, path: Path, place: Location, passed_over: Set[Path]
) -> Iterator[Diagnostic]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for field in schema.get("required", ()):
        if not may_hold(branch, field, properties):
            only = properties.get(field, {}).get("const")
            written = f"`{field}:`" if only is None else f"`{field}: {only}`"
            yield _finding("yaml-missing-field", f"{_name(path)} lacks `{field}`.", f"Add {written}.", path, place)
    for key, entry in branch.entries.items():
        is_free = any(re.search(pattern, key) for pattern in schema.get("patternProperties", ()))
        below = properties.get(key, True if is_free else others)
        if below is False:
            yield _unknown_field(entry, properties, path)
        elif below is not True:
            if "x-deprecated" in below:
                yield _deprecated(entry, below["x-deprecated"], path)
            own = entry.value.location if isinstance(entry.value, Scalar) else entry.key_location
            yield from _check(entry.value, below, (*path, key), own, passed_over)


def may_hold(branch: Branch, field: str, known: Iterable[str]) -> bool:
    """Return whether the mapping has the field, or a mistake that may be the field: one mistake gives one finding.

    Such a mistake is a part that could not be read, or an unknown field that is nearest to this one or to none.
    """
    if field in branch.entries or branch.is_partial:
        return True
    return not {field, None}.isdisjoint(meant_fields(branch, known))


def lacks(tree: Node | None, schema: Schema, path: Path, *fields: str) -> bool:
    """Return whether the mapping at a path has none of the fields, and no mistake in it may be one of them.

    A missing parent mapping is not a mistake; a misspelt or ill-shaped one is.
    """
    for step in map(str, path):
        if not isinstance(tree, Branch):
            return False
        known = schema.get("properties", {})
        if step not in tree.entries:
            return not may_hold(tree, step, known)
        tree, schema = tree.get(step), known.get(step, schema.get("additionalProperties"))
    return isinstance(tree, Branch) and not any(may_hold(tree, field, schema["properties"]) for field in fields)


def meant_fields(branch: Branch, known: Iterable[str]) -> set[str | None]:
    """Return the known fields that the mapping's unknown ones resemble; None for one that resembles none."""
    known = tuple(known)
    unknown = islice((key for key in branch.entries if key not in known), Nearest.MOST_HINTS)
    return {nearest(key, known) for key in unknown}


def _types(schema: Schema) -> list[str]:
    return schema["type"] if isinstance(schema["type"], list) else [schema["type"]]


def _has_type(node: Node, types: list[str]) -> bool:
    if isinstance(node, Branch):
        return "object" in types
    if isinstance(node, Sequence):
        return "array" in types
    value = node.value
    match value:
        case None:
            return "null" in types
        case bool():
            return "boolean" in types
        case str():
            return "string" in types
        case int() | float():  # 60.0 is an integer, too (JSON Schema Validation §6.1.1).
            return "number" in types or ("integer" in types and value == int(value))
        case _:
            assert_never(value)


def _name(path: Path) -> str:
    if not path:
        return "The file"
    return f"`{path[-1]}`" if isinstance(path[-1], str) else "This entry"


def _finding(rule: str, message: str, fix: str, path: Path, place: Location) -> Diagnostic:
    return Diagnostic(rule, Severity.ERROR, message, fix, place, address_of(path))


def _deprecated(entry: Entry, what: Schema, path: Path) -> Diagnostic:
    return Diagnostic(
        "yaml-deprecated-field",
        Severity.WARNING,
        f"`{entry.key}` is deprecated since provisioner {what['since']}. It works in every version that is released "
        f"before {what['until']}.",
        f"Write {what['instead']}.",
        entry.key_location,
        address_of((*path, entry.key)),
    )


def _unknown_field(entry: Entry, known: Schema, path: Path) -> Diagnostic:
    near = nearest(entry.key, known)
    return _finding(
        "yaml-unknown-field",
        f"`{entry.key}` is not a field here." + (f" Did you mean `{near}`?" if near else ""),
        f"Write `{near}`, or remove the field." if near else f"Fields here: {', '.join(known)}.",
        path,
        entry.key_location,
    )


def _wrong_type(node: Node, schema: Schema, path: Path, place: Location) -> Diagnostic:
    if isinstance(node, Scalar) and node.value is None:
        mark = "dash" if path and isinstance(path[-1], int) else "colon"
        return _finding(
            "yaml-null",
            f"{_name(path)} is null (there is no value after the {mark}).",
            "Write a value; `{}` or `[]` for none; or remove the field. null has a meaning only in overrides.",
            path,
            place,
        )
    wanted = [kind for kind in _types(schema) if kind != "null"]
    expected = " or ".join(_WORDS[kind] for kind in wanted)
    value = plain(node)
    is_secret = schema.get("x-secret", False)
    found = _kind(value) if is_secret else _found(value)
    fix = "Write a reference, such as ${env:NAME} or ${file:PATH}."
    if isinstance(node, Scalar) or not is_secret:
        fix = _how(wanted, value)
    rule = schema.get("x-rule", "yaml-wrong-type")
    return _finding(rule, f"{_name(path)} must be {expected}; this is {found}.", fix, path, place)


def _wrong_value(value: object, allowed: list[Any], path: Path, place: Location) -> Diagnostic:
    words = " or ".join(str(each) for each in allowed if each is not None)
    message = f"{_name(path)} must be {words}; this is {_found(value)}."
    return _finding("yaml-wrong-type", message, f"Write {words}.", path, place)


def address_of(path: Path) -> str | None:
    """Return the address of the component at a path of the declaration, of overrides or of logins, if it has one."""
    if path[:1] == ("overrides",):
        path = path[1:]
    word = _WORD_OF_SECTION.get(str(path[0])) if len(path) >= 2 else None
    return f"{word}.{path[1]}" if word is not None else None


def _found(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return f"the number {value}" if abs(value) < 10**20 else "a very large number"
    if isinstance(value, float):
        return f"the number {value}"
    if isinstance(value, str):
        return "text" if len(value) > 40 else f"the text {value!r}"
    return _kind(value)


def _kind(value: Any) -> str:
    """Return the kind of a value, without the value itself."""
    kinds = (
        (NoneType, "null"),
        (bool, "true or false"),
        (int | float, "a number"),
        (str, "text"),
        (list, "a list"),
    )
    return next((kind for types, kind in kinds if isinstance(value, types)), "a mapping")


def _how(wanted: list[str], value: Any) -> str:
    if "string" in wanted and isinstance(value, bool | int | float):
        return "Put it in quotes."
    if wanted == ["boolean"]:
        return "Write true or false (in YAML 1.2, yes, no, on and off are text)."
    if "integer" in wanted:
        return "Write a whole number, without quotes and without a unit."
    if "array" in wanted:
        return "Write a list: [a, b], or lines that begin with a dash."
    if "object" in wanted:
        return "Write a mapping: fields with a colon, indented under this line."
    if "string" in wanted:
        return "Write one text; put it in quotes if it begins with { or [."
    return "Write the value as described in the schema (provisioner schema)."
