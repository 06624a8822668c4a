"""``${var:NAME}`` in the declaration and in overrides: replaced by one environment's variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import is_

from provisioner.declaration.tree import Branch, Entry, Node, Scalar, Sequence, text, walk
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.places import Path
from provisioner.names import Nearest

_MARK = re.compile(r"\$\$\{|\$\{(?:([a-z]+):([^{}]*)\})?")
_SECRET_KINDS = ("env", "file", "command")
#: The most characters of all replaced variables: a value that is used often must not fill the memory.
LARGEST_REPLACEMENT = 8 * 1024 * 1024


def variable_names(text: str) -> tuple[str, ...]:
    """Return the names of the variables that a text refers to, each once."""
    found = (match[2].strip() for match in _MARK.finditer(text) if match[1] == "var")
    return tuple(dict.fromkeys(found))


@dataclass(slots=True)
class Substitution:
    """Replaces references in a tree. ``unresolved`` collects the paths of references without a value.

    ``variables`` is None if no environment is given: then references stay unresolved.
    """

    variables: Mapping[str, Node] | None
    findings: list[Diagnostic] = field(default_factory=list)
    unresolved: set[Path] = field(default_factory=set)
    _sizes: dict[str, int] = field(default_factory=dict)
    _replaced: int = 0
    _nearest: Nearest | None = None

    def apply(self, node: Node, path: Path = ()) -> Node:
        match node:
            case Branch(entries=entries):
                values = {key: self.apply(entry.value, (*path, key)) for key, entry in entries.items()}
                if all(values[key] is entry.value for key, entry in entries.items()):
                    return node  # of a large declaration, a second tree would take much memory
                applied = {key: Entry(key, entry.key_location, values[key]) for key, entry in entries.items()}
                return replace(node, entries=applied)
            case Sequence(items=items, location=location):
                parts = tuple(self.apply(item, (*path, index)) for index, item in enumerate(items))
                return node if all(map(is_, parts, items)) else Sequence(parts, location)
            case Scalar(value=str(text), location=location) if "${" in text:
                return self._scalar(text, location, path)
            case _:
                return node

    def _scalar(self, text: str, location: Location, path: Path) -> Node:
        if self.variables is None:
            self.unresolved.add(path)
            return Scalar(text, location)
        whole = _MARK.fullmatch(text)
        if whole and whole[1] == "var":
            return self._alone(whole[2].strip(), text, location, path)
        parts, end = [], 0
        for match in _MARK.finditer(text):
            parts.append(text[end : match.start()])
            parts.append("${" if match[0] == "$${" else self._inside(match, location, path))
            end = match.end()
        parts.append(text[end:])
        return Scalar("".join(parts), location)

    def _alone(self, name: str, text: str, location: Location, path: Path) -> Node:
        value = self._look_up(name, location, path)
        match value:
            case None:
                return Scalar(text, location)
            case Scalar(value=plain):
                return Scalar(plain, location)
            case _:
                return value

    def _inside(self, match: re.Match[str], location: Location, path: Path) -> str:
        kind, name = match[1], (match[2] or "").strip()
        if kind == "var":
            value = self._look_up(name, location, path)
            if isinstance(value, Scalar):
                return {True: "true", False: "false"}.get(value.value, str(value.value))  # type: ignore[arg-type]
            if value is not None:
                self._report(
                    "variable-unresolved",
                    f"${{var:{name}}} is inside a longer text, but its value is a list or a mapping.",
                    "Make the reference the whole value, or give the variable a plain value.",
                    location,
                    path,
                )
        elif kind in _SECRET_KINDS:
            self._report(
                "environment-reference-misplaced",
                f"{match[0]} is not allowed here: the declaration, overrides and logins allow only ${{var:NAME}}.",
                "Put the value under variables in the environment file and refer to it with ${var:NAME}.",
                location,
                path,
            )
        else:
            self._report(
                "variable-unresolved",
                f"`{match[0]}` is an unknown reference, or is not closed.",
                "Write ${var:NAME}, or $${ for a literal ${.",
                location,
                path,
            )
        return match[0]

    def _look_up(self, name: str, location: Location, path: Path) -> Node | None:
        assert self.variables is not None
        if name in self.variables:
            return self._counted(name, location, path)
        if self._nearest is None:
            self._nearest = Nearest(self.variables)
        self._report(
            "variable-unresolved",
            f"The variable {name} is not defined under variables.{self._nearest.hint(name)}",
            f"Define {name} under variables in the environment file.",
            location,
            path,
        )
        return None

    def _counted(self, name: str, location: Location, path: Path) -> Node | None:
        """Return the variable, unless all replacements would be too long with it."""
        assert self.variables is not None
        value = self.variables[name]
        if name not in self._sizes:
            self._sizes[name] = sum(1 + len(text(node) or "") for _, node, _ in walk(value))
        before = self._replaced
        self._replaced += self._sizes[name]
        if self._replaced <= LARGEST_REPLACEMENT:
            return value
        self.unresolved.add(path)
        if before <= LARGEST_REPLACEMENT:  # report it once
            self._report(
                "yaml-alias-bomb",
                f"With ${{var:{name}}}, the variables expand to more than 8 MiB of text.",
                "Use smaller values.",
                location,
                path,
            )
        return None

    def _report(self, rule: str, message: str, fix: str, location: Location, path: Path) -> None:
        self.unresolved.add(path)
        self.findings.append(Diagnostic(rule, Severity.ERROR, message, fix, location))
