"""The texts of an answer: where they are, and the same answer with one of them replaced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import requests

#: Headers that a program may read.
HEADERS = ("Content-Type", "Date", "Location", "Retry-After")
_SLOT = "slot0f3a9c"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text is: a header, or a path inside the body. Items of one list count as one place."""

    path: Path

    def __str__(self) -> str:
        return "/".join(str(each) for each in self.path)


def places(answer: requests.Response) -> list[Place]:
    """Return the place of each text of an answer, the first item of each list only."""
    found = [Place(("header", name)) for name in HEADERS]
    body = _parsed(answer)
    texts = _json_texts(body) if isinstance(body, dict | list) else _xml_texts(body) if body is not None else ()
    return [*found, *dict.fromkeys(Place(path) for path in texts)]


def replaced(answer: requests.Response, place: Place, text: str) -> tuple[bytes, dict[str, str]]:
    """Return the body and the changed headers of the answer with the text at a place replaced."""
    if place.path[0] == "header":
        plain = re.sub(r"[^\x20-\x7e]", "?", text)[:8000]
        return answer.content, {str(place.path[1]): plain}
    body = _parsed(answer)
    if isinstance(body, dict | list):
        _put(body, place.path, text)
        return json.dumps(body).encode(), {}
    assert body is not None
    _element(body, place.path).text = _SLOT
    raw = escape(text).encode("utf-8", "surrogatepass").replace(b"\xed\xa0\x80", b"&#xD800;")
    return ElementTree.tostring(body, "utf-8", xml_declaration=True).replace(_SLOT.encode(), raw), {}


def _parsed(answer: requests.Response) -> Any:
    """Return JSON as values, XML as its root, and None for an answer that is neither."""
    try:
        return json.loads(answer.content)
    except ValueError:
        pass
    try:
        return ElementTree.fromstring(answer.content)
    except ElementTree.ParseError:
        return None


def _json_texts(value: Any, path: Path = ()) -> Iterator[Path]:
    match value:
        case str():
            yield path
        case dict():
            for key, each in value.items():
                yield from _json_texts(each, (*path, key))
        case [first, *_]:
            yield from _json_texts(first, (*path, 0))


def _xml_texts(element: ElementTree.Element, path: Path = ()) -> Iterator[Path]:
    """Elements are named by their tag, so that the hundredth record is the same place as the first."""
    if len(element) == 0 and (element.text or "").strip():
        yield path
    for child in element:
        yield from _xml_texts(child, (*path, child.tag))


def _put(value: Any, path: Path, text: str) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = text


def _element(root: ElementTree.Element, path: Path) -> ElementTree.Element:
    """Return the first element at a path that has a text."""
    if not path:
        return root
    for child in root:
        if child.tag == path[0] and (len(path) > 1 or (child.text or "").strip()):
            found = _search(child, path[1:])
            if found is not None:
                return found
    raise AssertionError(f"no element at {path}")


def _search(element: ElementTree.Element, path: Path) -> ElementTree.Element | None:
    if not path:
        return element if (element.text or "").strip() and len(element) == 0 else None
    for child in element:
        if child.tag == path[0]:
            found = _search(child, path[1:])
            if found is not None:
                return found
    return None
