"""Reads a plan from its JSON: the inverse of :func:`provisioner.report.plan_json.plan_json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provisioner.components.snapshot import OrgFacts, Unreadable
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import ExitStatus
from provisioner.model.types import Risk, type_of_xml_name
from provisioner.planning.plan import (
    Action,
    Blocked,
    Change,
    FieldChange,
    NotInForce,
    OwnedElsewhere,
    Plan,
    Preserved,
    Reason,
    Unmanaged,
)
from provisioner.report.field_values import read_value

Document = Mapping[str, Any]


def read_plan_json(document: Document) -> Plan:
    """Return the plan in a document.

    Raises :class:`KeyError`, :class:`TypeError`, :class:`ValueError` or :class:`AttributeError` if it contains none.
    """
    org = document["org"]
    blocked = tuple(map(_blocked, document["blocked"]))
    return Plan(
        environment=_text(document["environment"]),
        org=OrgFacts(
            _text(org["id"]),
            _text(org["instance_url"]),
            _flag(org["sandbox"]),
            _flag(org["production"]),
            _optional(org["edition"], _text),
        ),
        api_version=_text(document["api_version"]),
        newest_api_version=_text(document["newest_api_version"]),
        declaration_digest=_text(document["declaration_digest"]),
        narrowed=not document["complete"] and not any(each.unread for each in blocked),
        changes=tuple(map(_change, document["changes"])),
        unchanged=tuple(map(_text, document["unchanged"])),
        blocked=blocked,
        unmanaged=tuple(
            Unmanaged(type_of_xml_name(each["type"]), _text(each["full_name"])) for each in document["unmanaged"]
        ),
        external=tuple(
            OwnedElsewhere(type_of_xml_name(each["type"]), _text(each["full_name"])) for each in document["external"]
        ),
        preserved=tuple(Preserved(_text(each["address"]), _text(each["what"])) for each in document["preserved"]),
        not_in_force=tuple(map(_not_in_force, document["not_in_force"])),
        unreadable={
            _text(each["address"]): Unreadable(_text(each["reason"]), _text(each["permission"]))
            for each in document["unreadable"]
        },
        warnings=tuple(map(_finding, document["warnings"])),
    )


def _change(document: Document) -> Change:
    return Change(
        type=type_of_xml_name(document["type"]),
        full_name=_text(document["full_name"]),
        action=Action(document["action"]),
        reason=Reason(document["reason"]),
        fields=tuple(map(_field, document["fields"])),
        removals=tuple(map(_text, document["removals"])),
        impact=tuple(map(_text, document["impact"])),
        risk=Risk(document["risk"]),
        declared_at=_place(document["declared_at"]),
    )


def _field(document: Document) -> FieldChange:
    return FieldChange(
        path=_text(document["path"]),
        before=read_value(document["before"], document["before_value"]),
        after=read_value(document["after"], document["after_value"]),
        risk=Risk(document["risk"]),
        declared_at=_place(document["declared_at"]),
    )


def _blocked(document: Document) -> Blocked:
    return Blocked(
        guard=_text(document["guard"]),
        message=_text(document["message"]),
        next=_text(document["next"]),
        address=_optional(document["address"], _text),
        exit_status=ExitStatus(document["exit_status"]),
        declared_at=_place(document["declared_at"]),
        unread=document["unread"] is True,
    )


def _not_in_force(document: Document) -> NotInForce:
    return NotInForce(
        _text(document["address"]),
        _text(document["path"]),
        int(document["value"]),
        _text(document["takes_effect"]),
        _place(document["declared_at"]),
    )


def _finding(document: Document) -> Diagnostic:
    file = _optional(document["file"], _text)
    return Diagnostic(
        rule=_text(document["rule"]),
        severity=Severity(document["severity"]),
        message=_text(document["message"]),
        fix=_text(document["fix"]),
        location=Location(file, int(document["line"]), int(document["column"])) if file is not None else None,
        address=_optional(document["address"], _text),
        environments=tuple(map(_text, document["environments"])),
    )


def _place(text: str | None) -> Location | None:
    if text is None:
        return None
    file, line, column = text.rsplit(":", 2)
    return Location(file, int(line), int(column))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _flag(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise TypeError(value)
    return value


def _optional(value: Any, read: Callable[[Any], str]) -> str | None:
    return None if value is None else read(value)
