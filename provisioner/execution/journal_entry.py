"""An entry of the journal: one apply with its touched components, deployments and result, to JSON and back.

It holds no secrets: a component is kept only if it has no private key material and nothing that the redactor would
mask; else the entry has the reason why it is withheld.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from lxml import etree

from provisioner.components import xml as component_xml
from provisioner.components.metadata import NAMESPACE, MetadataType
from provisioner.components.package import Name, Package
from provisioner.components.snapshot import ROUTING_FIELDS, Routing
from provisioner.components.xml import text_of
from provisioner.jose.material import leaked_members
from provisioner.model.actor import NOBODY, Actor
from provisioner.model.ids import ID
from provisioner.model.login_types import LOGIN_TYPES, known_type
from provisioner.model.names import ENVIRONMENT_NAME
from provisioner.secrets import redactor

FORMAT_VERSION = "1"
#: The command whose entries stay open until the org is clean again, and the outcome of a clean org.
PROBE, CLEANED = "probe", "cleaned"
_API_NAME = re.compile(r"[A-Za-z0-9_]{1,80}")
_ROUTING_VALUE = re.compile(r"[A-Za-z0-9_]{1,40}")
#: As :func:`provisioner.execution.journal.new_id` makes them.
_ENTRY_ID = re.compile(r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{6}")


class DamagedError(ValueError):
    """The content is not a journal entry; the text is the reason."""


@dataclass(frozen=True, slots=True)
class SavedComponent:
    """An earlier or a sent component. ``xml`` is None if it was absent or withheld; ``withheld`` is the reason."""

    xml: str | None = None
    withheld: str | None = None

    @property
    def members(self) -> str:
        """Its members of a JSON object."""
        return f'"xml": {_encoded(self.xml)}, "withheld": {_encoded(self.withheld)}'

    @classmethod
    def of(cls, element: etree._Element | None, text: str | None = None) -> SavedComponent:
        """Return a component as it may be kept; ``text`` is its file, if there is one."""
        if element is None:
            return cls()
        leaked = leaked_members(text_of(element, "jsonWebKey") or "")
        if leaked:
            return cls(withheld=f"its JWK holds private members ({', '.join(leaked)})")
        text = text if text is not None else component_xml.to_file(element).decode("utf-8")
        if redactor.redact_document(text) != text:
            return cls(withheld="it holds a secret")
        return cls(text)

    def element(self) -> etree._Element | None:
        """Return the component's root element; None if it is absent or withheld."""
        if self.xml is None:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
        return etree.fromstring(self.xml.encode("utf-8"), parser)


@dataclass(frozen=True, slots=True)
class ChangedComponent:
    """A component of the plan; ``action`` is that of the plan, ``before`` the earlier component.

    ``routing`` is the known routing of a channel's record before the apply.
    """

    type: MetadataType
    full_name: str
    action: str
    before: SavedComponent
    routing: Routing = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


@dataclass(frozen=True, slots=True)
class SentDeployment:
    """One deployment. ``deploy_id`` is None from "about to send" until the org's answer.

    ``known`` are the deployments (15 characters) in the org just before, None if the org did not list them: with them,
    this one is found again. ``ended`` is the org's final status, None if it is not known. ``applied``: the deployment
    failed, but may have changed the org.
    """

    at: datetime
    check_only: bool
    phase: str | None = None
    known: tuple[str, ...] | None = None
    components: Mapping[Name, SavedComponent] = field(default_factory=dict)
    deletions: tuple[Name, ...] = ()
    deploy_id: str | None = None
    ended: str | None = None
    success: bool | None = None
    applied: bool = False

    def package(self) -> Package:
        """Return the package that was sent, without withheld components."""
        found = {name: kept.element() for name, kept in self.components.items()}
        return Package({name: each for name, each in found.items() if each is not None}, self.deletions)


@dataclass(frozen=True, slots=True)
class RecordStep:
    """A channel that was activated or deactivated in its record. ``taken``: the org confirmed it."""

    at: datetime
    channel: str
    active: bool
    taken: bool = False


#: What a call does.
SET_UP, TRUST_FRAME, PUBLISH = "set-up", "trust-frame", "publish"


@dataclass(frozen=True, slots=True)
class Call:
    """A request about a deployment that no package carries: ``what`` it does, for the deployment ``name``.

    ``ended`` is a word for how it ended, None while that is not known.
    """

    at: datetime
    what: str
    name: str
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One apply. ``command`` is the verb; ``outcome`` how it ended (a Result, or ``interrupted``), None until then.

    ``steps`` are changes of records, and ``calls`` requests about chat deployments, which no package carries.
    ``config`` is the path of the config directory, for there can be several over one org; None if it was not kept.
    """

    id: str
    began: datetime
    command: str
    environment: str
    org_id: str
    instance_url: str
    tool_version: str
    declaration_digest: str
    touched: tuple[ChangedComponent, ...]
    sent: tuple[SentDeployment, ...] = ()
    outcome: str | None = None
    ended: datetime | None = None
    problems: tuple[str, ...] = ()
    steps: tuple[RecordStep, ...] = ()
    by: Actor = NOBODY
    config: str | None = None
    calls: tuple[Call, ...] = ()

    @property
    def is_unsettled(self) -> bool:
        """Tell if a deployment has no known result, or was not read back."""
        if self.open_set_ups:
            return True
        if not self.sent:
            return False
        if any(each.ended is None for each in self.sent) or self.needs_cleaning:
            return True
        return self.outcome in (None, "running", "interrupted") and any(each.success for each in self.sent)

    @property
    def needs_cleaning(self) -> bool:
        """Tell if a probe may have left components in the org."""
        return self.command == PROBE and self.outcome != CLEANED and self.changed_something

    @property
    def open_sent(self) -> tuple[SentDeployment, ...]:
        """Deployments of which the end is not known."""
        return tuple(each for each in self.sent if each.ended is None)

    @property
    def open_set_ups(self) -> tuple[Call, ...]:
        """Chat deployments that were about to be set up, and of which it is not known if they were."""
        return tuple(each for each in self.calls if each.what == SET_UP and each.ended is None)

    def with_ended(self, call: Call, ended: str) -> Entry:
        """Return the entry with the end of a call."""
        return replace(self, calls=tuple(replace(each, ended=ended) if each is call else each for each in self.calls))

    @property
    def deploy_ids(self) -> tuple[str, ...]:
        return tuple(each.deploy_id for each in self.sent if each.deploy_id is not None)

    @property
    def changed_something(self) -> bool:
        """Tell if the run may have changed the org."""
        deployed = any(not each.check_only and (each.success is not False or each.applied) for each in self.sent)
        return deployed or bool(self.steps or self.calls)

    @property
    def activated(self) -> tuple[str, ...]:
        """Return the channels that the run left active."""
        last = {each.channel: each.active for each in self.steps}
        return tuple(channel for channel, active in last.items() if active)

    @property
    def is_of_logins(self) -> bool:
        """Tell if the run changed apps or permission sets of logins, which `restore` does not undo."""
        return any(each.type in LOGIN_TYPES for each in self.touched)

    def sent_as(self, deploy_id: str) -> SentDeployment | None:
        """Return the deployment of an id (15 or 18 characters)."""
        found = (each for each in self.sent if each.deploy_id is not None and each.deploy_id[:15] == deploy_id[:15])
        return next(found, None)

    @property
    def routing(self) -> dict[str, Routing]:
        """Return the routing of the records of the touched channels, by channel, if they bound any."""
        return {
            each.full_name: each.routing
            for each in self.touched
            if each.type is MetadataType.CHANNEL and any(value is not None for value in each.routing.values())
        }

    def with_sent(self, old: SentDeployment, new: SentDeployment) -> Entry:
        return replace(self, sent=tuple(new if each is old else each for each in self.sent))


def words(problems: Iterable[str]) -> tuple[str, ...]:
    """Sentences as they may be kept."""
    return tuple(redactor.redact(each) for each in problems)


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
    naming, routing = _naming(touched.type, touched.full_name), _encoded(dict(touched.routing))
    action = _encoded(touched.action)
    return f'{{{naming}, "action": {action}, {touched.before.members}, "routing": {routing}}}'


def _deployment(sent: SentDeployment) -> Iterator[str]:
    components = ((f"{{{_naming(*name)}, {kept.members}}}",) for name, kept in sent.components.items())
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


_encoded = json.JSONEncoder(ensure_ascii=False).encode


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
