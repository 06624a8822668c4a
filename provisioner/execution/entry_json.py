"""An entry of the journal to JSON and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from lxml import etree

from provisioner.components.metadata import NAMESPACE
from provisioner.components.package import Name
from provisioner.components.snapshot import ROUTING_FIELDS, Routing
from provisioner.execution.journal_entry import (
    Call,
    ChangedComponent,
    Entry,
    RecordStep,
    SavedComponent,
    SentDeployment,
)
from provisioner.model.actor import Actor
from provisioner.model.ids import ID
from provisioner.model.login_types import known_type
from provisioner.model.names import ENVIRONMENT_NAME
from provisioner.model.types import MetadataType

FORMAT_VERSION = "1"
_API_NAME = re.compile(r"[A-Za-z0-9_]{1,80}")
_ROUTING_VALUE = re.compile(r"[A-Za-z0-9_]{1,40}")
#: As :func:`provisioner.execution.journal.new_id` makes them.
_ENTRY_ID = re.compile(r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{6}")


class DamagedError(ValueError):
    """The content is not a journal entry; the text is the reason."""


def to_json(entry: Entry) -> Iterator[str]:
    """Yield the entry as a JSON object in pieces: a line for each member, and for each row of a list of objects.

    In pieces, because one text would be a copy of megabytes at each step of an apply.
    """
    touched = ((_touched(each),) for each in entry.touched)
    yield from _object(
        {
            "format_version": _value(FORMAT_VERSION),
            "settled": _value(not entry.is_unsettled),
            "id": _value(entry.id),
            "began": _value(entry.began.isoformat()),
            "command": _value(entry.command),
            "environment": _value(entry.environment),
            "org": _value({"id": entry.org_id, "instance_url": entry.instance_url}),
            "tool_version": _value(entry.tool_version),
            "declaration_digest": _value(entry.declaration_digest),
            "components": _between("[\n  ", ",\n  ", "\n ]", touched),
            "deployments": _between("[\n  ", ",\n  ", "\n ]", map(_deployment, entry.sent)),
            "outcome": _value(entry.outcome),
            "ended": _value(entry.ended.isoformat() if entry.ended is not None else None),
            "problems": _value(entry.problems),
            "records": _between("[\n  ", ",\n  ", "\n ]", map(_step, entry.steps)),
            "by": _value(entry.by.to_json()),
            "config": _value(entry.config),
            "calls": _between("[\n  ", ",\n  ", "\n ]", map(_call, entry.calls)),
        },
        "{\n ", ",\n ", "\n}\n",
    )  # fmt: skip


def _touched(touched: ChangedComponent) -> str:
    naming, action = _naming(touched.type, touched.full_name), _encoded(touched.action)
    routing = _encoded(dict(touched.routing)) if touched.routing else "{}"
    return f'{{{naming}, "action": {action}, {_kept(touched.before)}, "routing": {routing}}}'


def _kept(kept: SavedComponent) -> str:
    return f'"xml": {_encoded(kept.xml)}, "withheld": {_encoded(kept.withheld)}'


def _deployment(sent: SentDeployment) -> Iterator[str]:
    components = ((f"{{{_naming(*name)}, {_kept(kept)}}}",) for name, kept in sent.components.items())
    deletions = ((f"{{{_naming(*name)}}}",) for name in sent.deletions)
    return _object(
        {
            "at": _value(sent.at.isoformat()),
            "check_only": _value(sent.check_only),
            "phase": _value(sent.phase),
            "known": _value(sent.known),
            "components": _between("[", ", ", "]", components),
            "deletions": _between("[", ", ", "]", deletions),
            "deploy_id": _value(sent.deploy_id),
            "ended": _value(sent.ended),
            "success": _value(sent.success),
            "applied": _value(sent.applied),
        },
        "{", ", ", "}",
    )  # fmt: skip


def _step(step: RecordStep) -> tuple[str]:
    return _value({"at": step.at.isoformat(), "channel": step.channel, "active": step.active, "taken": step.taken})


def _call(call: Call) -> tuple[str]:
    return _value({"at": call.at.isoformat(), "what": call.what, "name": call.name, "ended": call.ended})


_json = json.JSONEncoder(ensure_ascii=False).encode


def _encoded(found: object) -> str:
    # Most members of a large entry are null, for which the encoder takes longer than for a text.
    return "null" if found is None else _json(found)


def _value(found: object) -> tuple[str]:
    return (_encoded(found),)


def _naming(kind: MetadataType, full_name: str) -> str:
    return f'"type": {_encoded(kind.xml_name)}, "full_name": {_encoded(full_name)}'


def _object(members: Mapping[str, Iterable[str]], start: str, comma: str, end: str) -> Iterator[str]:
    return _between(start, comma, end, (chain((f'"{name}": ',), value) for name, value in members.items()))


def _between(start: str, comma: str, end: str, parts: Iterable[Iterable[str]]) -> Iterator[str]:
    mark = start
    for part in parts:
        yield mark
        yield from part
        mark = comma
    yield end if mark is comma else start + end


def from_json(document: object) -> Entry:
    """Return the entry in a JSON object. Raises :class:`DamagedError` for any other content."""
    try:
        if not isinstance(document, dict):
            raise DamagedError("it is not a JSON object")
        if document["format_version"] != FORMAT_VERSION:
            raise DamagedError(
                f"its format_version is {document['format_version']!r}, but this version of provisioner reads 1"
            )
        ended = document["ended"]
        return Entry(
            id=_shaped(document["id"], _ENTRY_ID),
            began=_moment(document["began"]),
            command=_text(document["command"]),
            environment=_shaped(document["environment"], ENVIRONMENT_NAME),
            org_id=_shaped(document["org"]["id"], ID),
            instance_url=_text(document["org"]["instance_url"]),
            tool_version=_text(document["tool_version"]),
            declaration_digest=_text(document["declaration_digest"]),
            touched=tuple(
                ChangedComponent(*_name(each), _text(each["action"]), _read_kept(each), _read_routing(each))
                for each in document["components"]
            ),
            sent=tuple(_read_sent(each) for each in document["deployments"]),
            outcome=_optional(document["outcome"]),
            ended=_moment(ended) if ended is not None else None,
            problems=tuple(map(_text, document["problems"])),
            steps=tuple(_read_step(each) for each in document.get("records", ())),
            by=Actor.from_json(document.get("by")),
            config=_optional(document.get("config")),
            calls=tuple(_read_call(each) for each in document.get("calls", ())),
        )
    except DamagedError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, etree.XMLSyntaxError) as error:
        raise DamagedError(f"a part of it is missing or malformed ({type(error).__name__})") from None


def _read_kept(document: Mapping[str, Any]) -> SavedComponent:
    kept = SavedComponent(_optional(document["xml"]), _optional(document["withheld"]))
    element = kept.element()
    if element is not None and not str(element.tag).startswith(f"{{{NAMESPACE}}}"):
        raise DamagedError("it holds a component that is not metadata")
    return kept


def _read_routing(document: Mapping[str, Any]) -> Routing:
    """Return the routing that was kept; a restore sets it, so each value must have the shape of an id or a word."""
    found: dict[str, str | None] = {}
    for name, value in document.get("routing", {}).items():
        if name not in ROUTING_FIELDS:
            raise DamagedError("it holds a field that no channel's routing has")
        found[name] = None if value is None else _shaped(value, _ROUTING_VALUE)
    return found


def _read_sent(document: Mapping[str, Any]) -> SentDeployment:
    known, success = document["known"], document["success"]
    return SentDeployment(
        at=_moment(document["at"]),
        check_only=document["check_only"] is True,
        phase=_optional(document["phase"]),
        known=tuple(map(_text, known)) if known is not None else None,
        components={_name(each): _read_kept(each) for each in document["components"]},
        deletions=tuple(_name(each) for each in document["deletions"]),
        deploy_id=None if document["deploy_id"] is None else _shaped(document["deploy_id"], ID),
        ended=_optional(document["ended"]),
        success=success if isinstance(success, bool) else None,
        applied=document.get("applied") is True,
    )


def _read_step(document: Mapping[str, Any]) -> RecordStep:
    active, taken = document["active"] is True, document["taken"] is True
    return RecordStep(_moment(document["at"]), _text(document["channel"]), active, taken)


def _read_call(document: Mapping[str, Any]) -> Call:
    name = _shaped(document["name"], _API_NAME)
    return Call(_moment(document["at"]), _text(document["what"]), name, _optional(document["ended"]))


def _name(document: Mapping[str, Any]) -> Name:
    return known_type(_text(document["type"])), _text(document["full_name"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise DamagedError("it holds a value that should be text but is not")
    return value


def _shaped(value: object, shape: re.Pattern[str]) -> str:
    """Return a text that becomes a part of a path or of a command, if it has the shape of one."""
    text = _text(value)
    if shape.fullmatch(text) is None:
        raise DamagedError("a name or an id in it has another shape")
    return text


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _moment(value: object) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise DamagedError("it holds a time without a time zone")
    return at
