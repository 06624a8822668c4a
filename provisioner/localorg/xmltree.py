"""A small XML tree that records the place of each element, and that is written as Salesforce writes it.

Namespaces are not distinguished: known clients omit them on children, and the org accepts that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

METADATA_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DEEPEST = 60
_SPELLED = {False: "false", True: "true"}
_SPECIAL = re.compile("[&<>'\"\r]")
_SMALLEST_BUFFER, _LARGEST_BUFFER = 1 << 10, 1 << 26


class XmlProblem(Exception):
    """The text is not XML that the org reads. ``line`` and ``column`` start at 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(slots=True)
class Node:
    """An element. ``text`` counts only if there are no children; ``attributes`` have local names.

    ``markup`` is the content as XML, ready to be sent, if there are too many elements to make each of them.
    """

    name: str
    text: str = ""
    children: list[Node] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    namespace: str = METADATA_NAMESPACE
    line: int = 0
    column: int = 0
    markup: str = ""

    def all(self, name: str) -> list[Node]:
        return [child for child in self.children if child.name == name]

    def find(self, *path: str) -> Node | None:
        """Return the first descendant along ``path``."""
        here: Node | None = self
        for name in path:
            here = next((child for child in here.children if child.name == name), None) if here else None
        return here

    def value(self, *path: str) -> str | None:
        """Return the text of the first descendant along ``path``; None if there is none."""
        found = self.find(*path)
        return None if found is None else found.text

    def flag(self, *path: str, default: bool = False) -> bool:
        """Return the xsd:boolean of the first descendant along ``path``; ``default`` if it is missing or empty."""
        text = (self.value(*path) or "").strip()
        return text in ("true", "1") if text else default

    def add(self, name: str, content: str | Iterable[Node] | None = None) -> Node:
        child = leaf(name, content) if isinstance(content, str) or content is None else branch(name, content)
        self.children.append(child)
        return child

    def put(self, name: str, value: str | None) -> None:
        """Replace the children of that name by one with a text, or by none; the children are in alphabetical order."""
        self.children = [child for child in self.children if child.name != name]
        if value is not None:
            self.children.append(leaf(name, value))
            self.children.sort(key=lambda child: child.name)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def copy(self) -> Node:
        return Node(
            self.name, self.text, [child.copy() for child in self.children], dict(self.attributes),
            self.namespace, self.line, self.column,
        )  # fmt: skip


def leaf(name: str, value: str | bool | None = "") -> Node:
    """Return an element with a text; a truth value is spelled out."""
    return Node(name, _SPELLED[value] if isinstance(value, bool) else value or "")


def branch(name: str, children: Iterable[Node | None]) -> Node:
    """Return an element with children; those that are None are omitted."""
    return Node(name, children=[child for child in children if child is not None])


def parse(text: bytes) -> Node:
    """Return the root element; raises :class:`XmlProblem`. Document types, and with them entities, are refused."""
    parser = expat.ParserCreate(namespace_separator="}")
    stack: list[Node] = []
    roots: list[Node] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition("}")
        if len(stack) >= _DEEPEST:
            raise XmlProblem("The elements are nested too deeply.", *_place(parser))
        plain = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        node = Node(local, attributes=plain, namespace=namespace)
        node.line, node.column = _place(parser)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def end(_name: str) -> None:
        node = stack.pop()
        if node.children:
            node.text = ""

    def data(piece: str) -> None:
        if stack:
            stack[-1].text += piece

    def doctype(*_ignored: object) -> None:
        raise XmlProblem("DOCTYPE is not allowed.", *_place(parser))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = doctype
    parser.buffer_text = True
    parser.buffer_size = min(max(len(text), _SMALLEST_BUFFER), _LARGEST_BUFFER)  # a zip in one piece
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise XmlProblem(f"{expat.errors.messages[error.code]}", error.lineno, error.offset + 1) from None
    except (ValueError, LookupError):
        raise XmlProblem("The encoding is not known.", 1, 1) from None
    return roots[0]


def _place(parser: expat.XMLParserType) -> tuple[int, int]:
    return parser.CurrentLineNumber, parser.CurrentColumnNumber + 1


def escape(text: str) -> str:
    """Return the text as the org writes it: with all five predefined entities."""
    if not _SPECIAL.search(text):
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("'", "&apos;").replace('"', "&quot;").replace("\r", "&#13;")


def compact(node: Node) -> str:
    """Return the element without white space between its children, as in an answer."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    content = node.markup or "".join([compact(child) for child in node.children]) or escape(node.text)
    if not content and node.attributes:
        return f"<{node.name}{attributes}/>"
    return f"<{node.name}{attributes}>{content}</{node.name}>"


def written(name: str, fields: Iterable[tuple[str, object]]) -> Node:
    """Return an element of plain fields as markup; truth values are spelled out, and None is omitted."""
    parts = []
    for field_name, value in fields:
        if value is not None:
            text = _SPELLED[value] if isinstance(value, bool) else escape(str(value))
            parts.append(f"<{field_name}>{text}</{field_name}>")
    return Node(name, markup="".join(parts))


def file_text(root: Node) -> str:
    """Return the element as a whole file of a retrieved package: four spaces for each level, a final line feed."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root.name} xmlns="{METADATA_NAMESPACE}">']
    _indented(root, "    ", lines)
    return "\n".join((*lines, f"</{root.name}>", ""))


def _indented(node: Node, indent: str, lines: list[str]) -> None:
    for child in node.children:
        if child.children:
            lines.append(f"{indent}<{child.name}>")
            _indented(child, indent + "    ", lines)
            lines.append(f"{indent}</{child.name}>")
        else:
            lines.append(f"{indent}<{child.name}>{escape(child.text)}</{child.name}>")
