"""Whether a tree has the shape of the schema; what has not is a finding at its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Set
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from provisioner.declaration.schema import Schema
from provisioner.declaration.tree import Branch, Node, plain, walk
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.places import Path

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


def check_shape(tree: Node, schema: Schema, passed_over: Set[Path] = frozenset()) -> list[Diagnostic]:
    """What of ``tree`` does not have the shape; values at the paths ``passed_over`` are not judged."""
    errors = list(Draft202012Validator(schema).iter_errors(plain(tree)))
    if not errors:
        return []
    marks = {path: (node, place) for path, node, place in walk(tree)}
    findings: list[Diagnostic] = []
    for error in errors:
        path = tuple(error.absolute_path)
        if path not in passed_over:
            node, place = marks[path]
            findings.extend(_explain(error, path, node, place))
    return findings


def _explain(error: ValidationError, path: Path, node: Node, place: Location) -> Iterator[Diagnostic]:
    schema: Any = error.schema
    name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "This entry" if path else "The file"
    address = address_of(path)

    def finding(rule: str, message: str, fix: str, location: Location = place) -> Diagnostic:
        return Diagnostic(rule, Severity.ERROR, message, fix, location, address)

    if error.validator == "additionalProperties" and isinstance(node, Branch):
        known = schema["properties"]
        for key, entry in node.entries.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f" Did you mean `{near[0]}`?" if near else ""
                known_names = ", ".join(known)
                yield finding(
                    "yaml-unknown-field",
                    f"`{key}` is not a field here.{hint}",
                    f"Write `{near[0]}`, or remove the field." if near else f"Fields here: {known_names}.",
                    entry.key_location,
                )
    elif error.validator == "required" and isinstance(error.instance, dict):
        missing = [field for field in schema["required"] if field not in error.instance]
        if missing and f"'{missing[0]}'" in error.message:
            for field in missing:
                yield finding("yaml-missing-field", f"{name} lacks `{field}`.", f"Add `{field}:`.")
    elif error.validator == "type" and error.instance is None:
        yield finding(
            "yaml-null",
            f"{name} is null (nothing stands after the colon).",
            "Write a value; `{}` or `[]` for none; or remove the field. Only in overrides does null mean something.",
        )
    elif error.validator == "type":
        wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        expected = " or ".join(_WORDS[kind] for kind in wanted if kind != "null")
        rule = schema.get("x-rule", "yaml-wrong-type")
        found = "something else" if schema.get("x-secret") else _found(error.instance)
        yield finding(rule, f"{name} must be {expected}; this is {found}.", _how(wanted, error.instance))
    elif error.validator in ("const", "enum") and not _is_wrong_type(error):
        values = [schema["const"]] if "const" in schema else [value for value in schema["enum"] if value is not None]
        allowed = " or ".join(str(value) for value in values)
        rule = "version-unsupported" if path == ("version",) else "yaml-wrong-type"
        yield finding(rule, f"{name} must be {allowed}; this is {_found(error.instance)}.", f"Write {allowed}.")


def address_of(path: Path) -> str | None:
    """The address of what stands at a path of the declaration (or of overrides), if it has one."""
    if path[:1] == ("overrides",):
        path = path[1:]
    words = {"keys": "key", "keysets": "keyset", "channels": "channel"}
    if len(path) >= 2 and path[0] in words:
        return f"{words[str(path[0])]}.{path[1]}"
    return None


def _is_wrong_type(error: ValidationError) -> bool:
    """Whether the value's type is wrong as well; that is said on its own."""
    return not Draft202012Validator({"type": error.schema["type"]}).is_valid(error.instance)  # type: ignore[index]


def _found(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return f"the number {value}" if abs(value) < 10**20 else "a very large number"
    if isinstance(value, float):
        return f"the number {value}"
    if isinstance(value, str):
        return "text" if len(value) > 40 else f"the text {value!r}"
    return "a list" if isinstance(value, list) else "a mapping"


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
    return "Write the value as described in the schema (provisioner schema)."
