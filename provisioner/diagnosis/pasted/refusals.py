"""Finds the org's refusals of a deployment in pasted text: tables of the official CLI, JSON, SOAP, and single lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from provisioner.diagnosis.login.evidence import PastedRefusal
from provisioner.salesforce.refusal_texts import Cause, RefusalText, text_of

#: Words of a text about a deployment.
_DEPLOYMENT = re.compile(
    r"component ?failures|deployresult|checkdeploystatus|<problem>|\b0Af[A-Za-z0-9]{12,15}\b|\bdeploying v\d"
    r"|numbercomponenterrors|numbertesterrors|project path {2,}errors?\b"
    r"|(?-i:of Type [A-Z]\w{1,80} failed to deploy due to|Unknown user permission: [A-Z][a-z])|metadatacomponentfailure"
    r"|(?m:(?:^|(?<=[\s\"'>]))(?P<kind>\w{4,40})s/[^\s(]{1,200}\.(?P=kind) \([^()\n]{1,120}\) -- Error:)"
    r"|(?:updat|creat|delet)\w{1,3} of \w{1,80} [^\n:]{1,200}: error on line \d{1,7}, col \d{1,5}:"
    r"|deployfailed|=== deploy errors|(?:source|mdapi):(?:deploy|push)|project[: ]deploy|running deploy"
    r"|metadata api request failed|package\.xml|for deploy for this|(?m:^\s*deploy/)|\bMessagingChannel\b"
    r"|\bPublicKeyCertificate|organization's administration setup|admin operation already|agentforce service agent"
    r"|test coverage (?:across all|of selected) apex|% coverage to complete this deployment"
    r"|in field: \w{1,80} - no \w{1,80} named|(?m:^\s*failures:\s*\n\s*\w+/[^\s(]{1,200}\.\w+\()",
    re.I,
)
#: What a deployment that succeeded prints, and one that failed.
_SUCCEEDED = re.compile(r"status: succeeded|deploy(?:ment)? succeeded", re.I)
_FAILED = re.compile(
    r"component ?failures|status: failed|<problem>|deploy(?:ment)? ?failed|failed to (?:validate|deploy)"
    r"""|"status": ?"failed\"""",
    re.I,
)
#: The id of a deployment, and the name of the official CLI's error about one.
_OF_ONE = re.compile(r"""\b0Af[A-Za-z0-9]{12,15}\b|["']name["']\s{0,9}:\s{0,9}["']DeployFailed["']""")
#: An org's answers to any request: they need no sign of a deployment.
_OF_ANY_REQUEST = re.compile(r"unknown_exception|request_limit_exceeded|include this errorid", re.I)
_ANY_REQUEST = frozenset({Cause.INTERNAL, Cause.LIMIT})
_OBJECT = re.compile(r"\{[^{}]{0,4000}\}")
#: The names of members have no quotation marks in what JavaScript prints of an object.
_JSON_PROBLEM = re.compile(r"""["']?\bproblem["']?\s{0,9}:\s{0,9}["'](?P<words>.{1,600}?)["']\s{0,9}(?=[,}\]\n]|\Z)""")
_JSON_ERROR = re.compile(r"""["']error["']\s{0,9}:\s{0,9}["'](?P<words>.{1,600}?)["']\s{0,9}(?=[,}\]\n]|\Z)""")
#: An object with objects in it, but no deeper ones: the failure of an Apex test.
_NESTED = re.compile(r"\{(?>(?:[^{}]++|\{[^{}]{0,400}\}){0,200})\}")
_JSON_TEST = re.compile(r"""["']?\bmessage["']?\s{0,9}:\s{0,9}["'](?P<words>.{1,600}?)["']\s{0,9}(?=[,}\]\n]|\Z)""")
_JSON_CLASS = re.compile(r"""["']?\bname["']?\s{0,9}:\s{0,9}["'](?P<value>[^"'\n]{1,200})["']""")
_JSON_FAILED = re.compile(r"""["'](?:state["']\s{0,9}:\s{0,9}["']Failed|problemType["']\s{0,9}:\s{0,9}["']Error)["']""")
_JSON_TYPE = re.compile(r"""["']?\b(?:componentType|type)["']?\s{0,9}:\s{0,9}["'](?P<value>\w{1,80})["']""")
_JSON_NAME = re.compile(r"""["']?\bfullName["']?\s{0,9}:\s{0,9}["'](?P<value>[^"'\n]{1,200})["']""")
_XML_FAILURE = re.compile(r"<componentFailures>(?P<inside>.{0,4000}?)</componentFailures>", re.S)
_XML_PROBLEM = re.compile(r"<problem>(?P<words>[^<]{1,600})</problem>")
_XML_TYPE = re.compile(r"<componentType>(?P<value>\w{1,80})</componentType>")
_XML_NAME = re.compile(r"<fullName>(?P<value>[^<]{1,200})</fullName>")
#: Lists of Ant and of deploy tools on the web: a file, its place or a dash, and the words.
_LISTED = re.compile(
    r"(?m:(?:^|(?<=[\"'>]))(?:\W{0,4}\[[\w:]{1,20}\])?\s{0,9}(?:\d{1,5}\.\s{1,9})?(?:deploy/)?(?P<file>\w[\w-]{0,80}/[^\n():]{1,200}?\.\w{2,40})"
    r"(?:\([^()\n]{1,80}\):|(?:\s{1,4}\([^()\n]{1,120}\))?\s{1,4}--\s{1,4}Error:)\s{0,4}(?P<words>\S[^\n]{0,600})$)"
)
#: Sentences about one component: of CumulusCI, of DevOps Center, and a numbered list of Workbench.
_SENTENCES = (
    re.compile(
        r"\b(?:updat|creat|delet)\w{1,3} of (?P<type>\w{1,80}) (?P<name>[^\n:]{1,200}): error"
        r"(?: on line \d{1,7}, col \d{1,5})?:\s{1,4}(?P<words>\S[^\n]{0,600})",
        re.I,
    ),
    re.compile(
        r"(?P<name>[^\s\"'][^\n\"]{0,200}?) of Type (?P<type>[A-Z]\w{1,80}) failed to deploy due to "
        r"(?P<words>[^\n\"]{1,600})"
    ),
    re.compile(
        r"(?m:^\s{0,9}(?:\d{1,5}\.\s{1,4})?(?P<type>)(?P<name>\w[^\n:]{0,200}?) - problem: (?P<words>\S[^\n]{0,600})$)"
    ),
)
_TABLE = re.compile(r"component failures", re.I)
#: Titles of the columns of a table; their order differs between versions of the official CLI.
_TITLE = re.compile(
    r"(?P<path>\b(?:project path|file)\b)|(?P<type>\btype\b)|(?P<name>\bname\b)|(?P<problem>\b(?:problem|errors?)\b)"
    r"|(?P<place>\bline:column\b)",
    re.I,
)
_BETWEEN_TITLES = re.compile(r"[\s|│]*")
_CELLS = re.compile(r"\s*[│|]\s*|\s{2,}")
_PLACE = re.compile(r"\d+:\d+")
_LINE_END = re.compile(r"(?: {1,4}\(\d+:\d+\))$")
#: A deployment that failed, in a text without the org's words.
NO_REASON = PastedRefusal("")
#: More refusals of one deployment have the same reason or the same remedy.
_MOST = 3
_MOST_READ = 500
_TWO_COLUMNS = 2


def refusals_in(text: str) -> tuple[PastedRefusal, ...]:
    """Return the refusals in a plain text, known ones first; none if it is not about a deployment or a request."""
    about_deployment = _DEPLOYMENT.search(text) is not None and (
        _SUCCEEDED.search(text) is None or _FAILED.search(text) is not None
    )
    if not about_deployment and _OF_ANY_REQUEST.search(text) is None:
        return ()
    reported = tuple(islice(_reported(text), _MOST_READ)) if about_deployment else ()
    known = [each for each in reported if _is_known(each)]
    if not known:
        known = [
            refusal
            for refusal in islice(_in_lines(text), _MOST_READ)
            if about_deployment or meaning_of(refusal).cause in _ANY_REQUEST
        ]
    found = tuple(dict.fromkeys([*known, *reported]))[:_MOST]
    if not found and about_deployment and _OF_ONE.search(text) is not None and _FAILED.search(text) is not None:
        return (NO_REASON,)
    return found


def meaning_of(refusal: PastedRefusal) -> RefusalText:
    """Return the known text in the words of a refusal."""
    return text_of(refusal.words)


def _is_known(refusal: PastedRefusal) -> bool:
    return meaning_of(refusal).cause is not Cause.UNKNOWN


def _reported(text: str) -> Iterator[PastedRefusal]:
    """Yield the failures of components that JSON, SOAP or a table of the official CLI reports."""
    for found in _OBJECT.finditer(text):
        words = _JSON_PROBLEM.search(found[0])
        if words is None and _JSON_FAILED.search(found[0]) is not None:
            words = _JSON_ERROR.search(found[0])
        if words is not None:
            yield _refusal(words["words"], _JSON_TYPE.search(found[0]), _JSON_NAME.search(found[0]))
    yield from _failed_tests(text)
    for failure in _XML_FAILURE.finditer(text):
        inside = failure["inside"]
        words = _XML_PROBLEM.search(inside)
        if words is not None:
            yield _refusal(words["words"], _XML_TYPE.search(inside), _XML_NAME.search(inside))
    yield from _in_table(text)
    for listed in _LISTED.finditer(text):
        yield PastedRefusal(listed["words"].strip(), "", listed["file"])
    for sentence in _SENTENCES:
        for said in sentence.finditer(text):
            kind = "" if said["type"] == "None" else said["type"]  # CumulusCI names no type for the manifest
            yield PastedRefusal(said["words"].strip(), kind, said["name"].strip())


def _refusal(words: str, type: re.Match[str] | None, name: re.Match[str] | None) -> PastedRefusal:
    return PastedRefusal(words.strip(), type["value"] if type else "", name["value"] if name else "")


def _failed_tests(text: str) -> Iterator[PastedRefusal]:
    """Yield the failures of Apex tests in the JSON of a deployment's result."""
    for found in _NESTED.finditer(text) if "methodName" in text else ():
        words = _JSON_TEST.search(found[0]) if "methodName" in found[0] else None
        name = _JSON_CLASS.search(found[0])
        if words is not None and name is not None:
            yield PastedRefusal(words["words"].strip(), "ApexClass", name["value"])


def _in_table(text: str) -> Iterator[PastedRefusal]:
    """Yield the rows of the official CLI's table; a row with one cell continues the words of the row before it."""
    titles: dict[str, int] = {}
    row: list[str] = []
    has_begun = False
    for line in _table_lines(text):
        head = _titles(line)
        if head:
            titles = head
            continue
        cells = _cells(line, tuple(titles.values()))
        if len(cells) == 1 and row:
            row[2] = f"{row[2]} {cells[0]}"
            continue
        if row:
            yield PastedRefusal(row[2], row[0], row[1])
        row = _row(cells, tuple(titles))
        has_begun = has_begun or bool(row)
        if not cells and titles and (has_begun or len(titles) != _TWO_COLUMNS):
            return
    if row:
        yield PastedRefusal(row[2], row[0], row[1])


def _table_lines(text: str) -> list[str]:
    """Return the lines of the table: after the words that begin one, or from the line with the titles of columns."""
    start = _TABLE.search(text)
    if start is not None:
        return text[start.end() :].splitlines()[1:]
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if _titles(line)), len(lines))
    return lines[first:]


def _titles(line: str) -> dict[str, int]:
    """Return the columns of a table's head with their places; none if the line is no head.

    In a member of JSON the head follows a quotation mark.
    """
    line = line.rpartition('"')[2]
    if _BETWEEN_TITLES.fullmatch(_TITLE.sub("", line)) is None:
        return {}
    titles = {str(found.lastgroup): found.start() for found in _TITLE.finditer(line)}
    return titles if "problem" in titles and titles.keys() & {"name", "path"} else {}


def _cells(line: str, columns: tuple[int, ...]) -> list[str]:
    """Return the cells of a row: between bars, else at the columns of the head if no word crosses one."""
    if len(columns) == _TWO_COLUMNS and "│" not in line:
        return _two_cells(line, columns[1])
    if "│" in line or not columns or any(line[start - 1 : start].strip() for start in columns if start):
        return [cell for cell in _CELLS.split(line.strip()) if cell]
    cells = [line[start:end].strip() for start, end in zip(columns, (*columns[1:], None), strict=True)]
    return cells if all(cells[:3]) else list(filter(None, cells))


def _two_cells(line: str, second: int) -> list[str]:
    """Return the cells of a table with two columns, which have two blanks between them; none for another line."""
    if line[second - _TWO_COLUMNS : second].strip() or not line[second:].strip():
        return []
    return [line[:second].strip(), line[second:].strip()]


def _row(cells: list[str], titles: tuple[str, ...]) -> list[str]:
    """Return type, name and words of a row of the table; empty if it is no row. Older tables have no type."""
    if len(titles) == _TWO_COLUMNS:
        cells = ["" if cell == "N/A" else cell for cell in cells]
        return ["", *cells] if len(cells) == _TWO_COLUMNS and any(sign.isalnum() for sign in cells[1]) else []
    cells = cells[:-1] if cells and (not cells[-1] or _PLACE.fullmatch(cells[-1])) else cells
    if len(cells) < 3 or not any(cell.isalnum() for cell in cells[0]):
        return []
    names = [title for title in titles if title != "place"]
    if len(names) == len(cells) and "type" in names:
        named = dict(zip(names, cells, strict=True))
        kind, name, words = named["type"], named.get("name") or named["path"], named["problem"]
    else:
        kind, name, words = cells[0], cells[1], " ".join(cells[2:])
    return ["" if kind == "Error" else kind, name, words]


def _in_lines(text: str) -> Iterator[PastedRefusal]:
    """Yield the lines with known words of an org; words may be broken over two lines."""
    lines = [line.strip(" \t-*•") for line in text.splitlines() if line.strip()]
    for line in lines:
        cells = [_LINE_END.sub("", cell) for cell in _CELLS.split(line) if cell]
        known = [cell for cell in cells if text_of(cell).cause is not Cause.UNKNOWN]
        if known:
            yield PastedRefusal(known[0], *(cells[:2] if len(cells) > 2 and cells[2] == known[0] else ()))
    for first, second in zip(lines, lines[1:], strict=False):
        pair = f"{first} {second}"
        if all(text_of(each).cause is Cause.UNKNOWN for each in (first, second)) and _is_known(PastedRefusal(pair)):
            yield PastedRefusal(pair)
