"""The positions of the parts of a YAML text, by character, for edits that keep every other byte.

The text must have been read by :mod:`provisioner.declaration.yaml_text` before: that bounds depth and size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import AliasEvent, MappingEndEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

_LOADER: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """A node from ``start`` to ``end`` (exclusive). A block collection ends where its last part ends.

    ``column`` counts from 0. ``fields`` are a mapping's keys and values, ``items`` a sequence's parts. ``text`` is a
    scalar's; an alias is a span with nothing in it.
    """

    start: int
    end: int
    column: int
    is_mapping: bool = False
    is_sequence: bool = False
    is_flow: bool = False
    text: str | None = None
    fields: tuple[tuple[SourceSpan, SourceSpan], ...] = ()
    items: tuple[SourceSpan, ...] = ()

    def field(self, name: str) -> tuple[SourceSpan, SourceSpan] | None:
        """Return the key and the value of a mapping's field."""
        return next(((key, value) for key, value in self.fields if key.text == name), None)

    @property
    def is_empty_text(self) -> bool:
        """Return whether the value is empty, as after a colon at the end of a line."""
        return self.text == "" and self.start == self.end


def spans(text: str) -> SourceSpan:
    """Return the span of a text's only document."""
    events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
    next(events)  # start of the stream
    next(events)  # start of the document
    return _span(next(events), events)


def _span(event: Any, events: Iterator[Any]) -> SourceSpan:
    start, end, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
    if isinstance(event, AliasEvent):
        return SourceSpan(start, end, column)
    if isinstance(event, ScalarEvent):
        return SourceSpan(start, end, column, text=event.value)
    flow = bool(event.flow_style)
    if isinstance(event, SequenceStartEvent):
        items, closed = _until(SequenceEndEvent, events)
        last = closed if flow else items[-1].end if items else end
        return SourceSpan(start, last, column, is_sequence=True, is_flow=flow, items=tuple(items))
    parts, closed = _until(MappingEndEvent, events)
    last = closed if flow else parts[-1].end if parts else end
    fields = tuple(zip(parts[::2], parts[1::2], strict=True))
    return SourceSpan(start, last, column, is_mapping=True, is_flow=flow, fields=fields)


def _until(end: Any, events: Iterator[Any]) -> tuple[list[SourceSpan], int]:
    """Return the parts of a collection, and the position of the event that closes it."""
    parts = []
    while not isinstance(event := next(events), end):
        parts.append(_span(event, events))
    return parts, event.end_mark.index
