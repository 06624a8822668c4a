"""Explains the YAML parser's syntax errors: the likely mistake, its place, and its fix.

The parser names the place where it had to stop, which is often the line after the mistake, in terms of its grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from provisioner.model.characters import named

#: YAML accepts no longer name before a colon (YAML 1.2.2 §7.4).
LONGEST_NAME = 1024
#: The line ends of the parser, which counts lines as YAML 1.1 does.
_LINE_ENDS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_QUOTE_IT = "Put the value in quotes."
#: A comment as in JavaScript, at the beginning of a line or after a value. A URL has no blank before ``//``.
_FOREIGN_COMMENT = re.compile(r"(?:^|(?<=\s))(?P<mark>//)")
_BLANK = "[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]"
#: A blank beyond ASCII in the indentation or after a colon or a dash, or a colon beyond ASCII after a name.
_LOOK_ALIKE = re.compile(rf"^ *(?P<first>{_BLANK})|[:-](?P<after>{_BLANK})|^[ -]*[\w.-]+ ?(?P<colon>[：﹕꞉])")
_NO_SPACE = re.compile(r"^[ -]*(?P<name>[A-Za-z_][\w.-]*):(?P<rest>[^\s/:])")
_NO_SPACE_DASH = re.compile(r" *-[^\s-]")
_FIELD = re.compile(r"^(?P<indent> *)(?:- +)*[^\s#:'\"\[{][^:]*: +[^\s#&|>]")


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """The likely mistake behind a syntax error. ``line`` and ``column`` count from 1."""

    message: str
    fix: str
    line: int
    column: int
    rule: str = "yaml-syntax"


@dataclass(frozen=True, slots=True)
class _Stop:
    """The place where the parser stopped. ``line``, ``column`` and ``opened`` (what it was in) count from 0."""

    lines: list[str]
    problem: str
    context: str
    line: int
    column: int
    opened: tuple[int, int]

    @property
    def text(self) -> str:
        """Return the line of the place."""
        return self.line_at(self.line)

    @property
    def before(self) -> str:
        """Return the part of the line before the place."""
        return self.text[: self.column]

    @property
    def character(self) -> str:
        """Return the character at the place; empty at the end of a line."""
        return self.text[self.column : self.column + 1]

    @property
    def above(self) -> int | None:
        """Return the number of the next line above that has content."""
        numbers = range(self.line - 1, -1, -1)
        return next((each for each in numbers if self.line_at(each).lstrip()[:1] not in ("", "#")), None)

    @property
    def is_second_value(self) -> bool:
        """Return whether the parser stopped at a colon that no name can be before."""
        return self.problem.startswith("mapping values are not allowed")

    @property
    def lacks_colon(self) -> bool:
        """Return whether the parser did not find a colon after what looked like a name."""
        return "find expected ':'" in self.problem

    @property
    def is_block(self) -> bool:
        """Return whether the parser stopped between the entries of a list or a mapping in lines."""
        return self.context.startswith("while parsing a block")

    def line_at(self, number: int) -> str:
        """Return a line by its number from 0; empty after the last one."""
        return self.lines[number] if number < len(self.lines) else ""

    def here(self, message: str, fix: str) -> SyntaxProblem:
        """Return a problem at the place itself."""
        return SyntaxProblem(message, fix, self.line + 1, self.column + 1)


def explained(text: str, error: yaml.MarkedYAMLError) -> SyntaxProblem:
    """Return the likely mistake behind a syntax error of the parser."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    opened = error.context_mark
    stop = _Stop(
        _LINE_ENDS.split(text),
        error.problem or "the text cannot be read",
        error.context or "",
        line,
        column,
        (opened.line, opened.column) if opened is not None else (line, column),
    )
    found = (explain(stop) for explain in _EXPLANATIONS)
    return next(each for each in found if each is not None)


def _tab(stop: _Stop) -> SyntaxProblem | None:
    indent = stop.text[: len(stop.text) - len(stop.text.lstrip())]
    if "\t" not in indent and stop.character != "\t":
        return None
    column = stop.text.index("\t") + 1
    message = "There is a tab where YAML allows only spaces."
    return SyntaxProblem(message, "Indent with spaces.", stop.line + 1, column, "yaml-tab")


def _foreign_comment(stop: _Stop) -> SyntaxProblem | None:
    """Find a ``//`` comment: the parser stops in its line or in the next one."""
    for number in (stop.line, stop.line - 1):
        if number >= 0 and (found := _FOREIGN_COMMENT.search(stop.line_at(number))):
            message, fix = "`//` begins no comment in YAML.", "Begin the comment with #."
            return SyntaxProblem(message, fix, number + 1, found.start("mark") + 1)
    return None


def _look_alike(stop: _Stop) -> SyntaxProblem | None:
    for number in (stop.line, stop.above):
        found = _LOOK_ALIKE.search(stop.line_at(number)) if number is not None else None
        if number is not None and found is not None:
            kind = found.lastgroup or ""
            meant = "a colon and a space" if kind == "colon" else "a space"
            message = f"YAML needs {meant} here, and this is {named(found[kind])}."
            return SyntaxProblem(message, f"Type {meant} there.", number + 1, found.start(kind) + 1)
    return None


def _no_space(stop: _Stop) -> SyntaxProblem | None:
    """Find a colon or a dash without a space after it: the parser takes the line as text, and stops at the next."""
    colon = _NO_SPACE.search(stop.line_at(stop.above)) if stop.is_second_value and stop.above is not None else None
    if colon is not None and stop.above is not None:
        message, fix = f"There is no space after the colon of `{colon['name']}`.", f"Write `{colon['name']}: `."
        return SyntaxProblem(message, fix, stop.above + 1, colon.start("rest") + 1)
    line = stop.opened[0] if stop.lacks_colon else stop.line
    is_between = stop.is_second_value or stop.lacks_colon or stop.is_block
    if is_between and (dash := _NO_SPACE_DASH.match(stop.line_at(line))):
        return SyntaxProblem("There is no space after the dash.", "Write `- `.", line + 1, dash.end())
    return None


def _second_colon(stop: _Stop) -> SyntaxProblem | None:
    if not stop.is_second_value:
        return None
    if stop.column > LONGEST_NAME:
        return stop.here(f"A name before a colon has at most {LONGEST_NAME:,} characters.", "Shorten the name.")
    if re.search(r":\s", stop.before):
        return stop.here("The value contains a colon and a space, which YAML reads as a second field.", _QUOTE_IT)
    return None


def _deeper(stop: _Stop) -> SyntaxProblem | None:
    """Find a line that is indented below a field with a value."""
    field = _FIELD.search(stop.line_at(stop.above)) if stop.above is not None else None
    own = len(stop.text) - len(stop.text.lstrip())
    if stop.above is None or field is None or own <= len(field["indent"]):
        return None
    if not stop.is_second_value and (not stop.is_block or stop.before.strip()):
        return None
    number = stop.above + 1
    return SyntaxProblem(
        f"The line is indented by {own} spaces, line {number} above it by {len(field['indent'])}, and line {number} "
        "has a value, so it cannot have fields.",
        "Give both lines the same indentation, or remove the value.",
        stop.line + 1,
        own + 1,
    )


_WITHOUT_COLON = ("The line has no colon and is not a list item.", "Write `NAME: VALUE`, or a dash before it.")


def _no_colon(stop: _Stop) -> SyntaxProblem | None:
    if stop.lacks_colon:
        line, column = stop.opened
    elif stop.is_second_value and stop.above is not None:
        line, above = stop.above, stop.line_at(stop.above)
        column = len(above) - len(above.lstrip())
    else:
        return None
    return SyntaxProblem(*_WITHOUT_COLON, line + 1, column + 1)


def _wrong_begin(stop: _Stop) -> SyntaxProblem | None:
    """Find a value that begins with a character of YAML's own."""
    line, column = stop.opened
    if "cannot start any token" in stop.problem:
        return stop.here(f"A value without quotes cannot begin with {stop.character!r}.", _QUOTE_IT)
    if "directive" in stop.context:
        return SyntaxProblem("A line cannot begin with `%`.", "Put the text in quotes.", line + 1, column + 1)
    if "scanning an alias" in stop.context or "scanning an anchor" in stop.context:
        mark, word = ("*", "alias") if "alias" in stop.context else ("&", "anchor")
        message = f"The value begins with `{mark}`, which begins an {word} in YAML."
        return SyntaxProblem(message, _QUOTE_IT, line + 1, column + 1)
    return None


def _quoted(stop: _Stop) -> SyntaxProblem | None:
    """Find mistakes in a text in quotes and after one."""
    line, column = stop.opened
    if "quoted scalar" in stop.context and "end of stream" in stop.problem:
        message = "The quotation mark that opens the text here is not closed."
        return SyntaxProblem(message, "Close it at the end of the value.", line + 1, column + 1)
    if "quoted scalar" in stop.context:
        message = "A backslash in double quotes begins an escape, and this one does not exist."
        return stop.here(message, r"Write the backslash twice (`\\`), or use single quotes.")
    if stop.before.rstrip()[-1:] in ("'", '"') and stop.is_block and stop.character:
        message = "There is text after the closing quotation mark."
        return stop.here(message, "Put the whole value in quotes; write '' for an apostrophe inside single quotes.")
    return None


def _flow(stop: _Stop) -> SyntaxProblem | None:
    line, column = stop.opened
    if "',' or " in stop.problem:
        begin, end = ("{", "}") if "mapping" in stop.context else ("[", "]")
        where = f"at line {line + 1}, column {column + 1},"
        message = f"A comma is missing before this, or the `{begin}` {where} is not closed."
        return stop.here(message, f"Write the comma, or close with `{end}`.")
    if stop.is_block and stop.character in ("]", "}"):
        return stop.here(
            f"The `{stop.character}` closes nothing.", f"Remove it, or open it with a `{_OPEN[stop.character]}`."
        )
    return None


_OPEN = {"]": "[", "}": "{"}


def _block(stop: _Stop) -> SyntaxProblem | None:
    """Find lines that do not continue the list or the mapping above them."""
    if "sequence entries are not allowed" in stop.problem:
        return stop.here(
            "A list with dashes cannot begin after a colon.", "Begin it on the next line, or write [a, b]."
        )
    if "block scalar" in stop.context:
        return stop.here("There is text after `|` or `>`.", "Begin the text on the next line, or put it in quotes.")
    if "document start" in stop.problem:
        return stop.here("There is content after the end of the document.", "Remove the line `...` above it.")
    if not stop.is_block or stop.before.strip():
        return None
    message = f"The line is indented by {stop.column} spaces, and no part above it continues there."
    if "collection" in stop.context and stop.column == stop.opened[1]:
        message = "The line is not an item of the list above it."
    elif stop.character == "-":
        message = "The line is a list item among the fields of a mapping."
    elif stop.character == ":":
        return stop.here("There is no name before the colon.", "Write `NAME: VALUE`.")
    return stop.here(message, "Indent it as the lines that it belongs to.")


def _other(stop: _Stop) -> SyntaxProblem:
    context = f" {stop.context}" if stop.context else ""
    return stop.here(f"This is not YAML: {stop.problem}{context}.", "Check quotes, colons and indentation here.")


#: The explanations, the most certain first.
_EXPLANATIONS: tuple[Callable[[_Stop], SyntaxProblem | None], ...] = (
    _tab, _foreign_comment, _look_alike, _no_space, _second_colon, _deeper, _no_colon, _wrong_begin, _quoted, _flow,
    _block, _other,
)  # fmt: skip
