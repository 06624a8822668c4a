"""The plan in JSON, written and read: ``plan --format json``, and the readable part of a saved plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, assert_never

from provisioner.components.snapshot import OrgFacts, Unreadable
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import ExitStatus, ProvisionerError
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
from provisioner.planning.values import CertificateValue, FieldValue, PublicKeyValue
from provisioner.report.errors import environments_json
from provisioner.report.json import FORMAT_VERSION, Json, finding_json, members


def plan_json(plan: Plan) -> Json:
    """Return the whole plan. A field with a list (the keys of a keyset) is a JSON list; null means missing.

    ``before`` and ``after`` are for people; ``before_value`` and ``after_value`` have a public key and a certificate as
    objects.
    """
    return {
        "format_version": FORMAT_VERSION,
        "environment": plan.environment,
        **_origin(plan),
        **members(plan, "declaration_digest", "complete", "risk", "summary"),
        "changes": [_change(each) for each in plan.changes],
        "blocked": [
            members(each, "guard", "address", "message", "next", "exit_status", "unread", "declared_at")
            for each in plan.blocked
        ],
        "unmanaged": [component_json(each) for each in plan.unmanaged],
        "external": [component_json(each) for each in plan.external],
        "unchanged": list(plan.unchanged),
        "preserved": [members(each, "address", "what") for each in plan.preserved],
        "not_in_force": [
            members(each, "address", "path", "value", "takes_effect", "declared_at") for each in plan.not_in_force
        ],
        "unreadable": unreadable_json(plan),
        "warnings": [finding_json(each) for each in plan.warnings],
    }


def _origin(plan: Plan) -> Json:
    """Return the org that was read, or the folder of the declaration for an offline plan."""
    if plan.compared_with is not None:
        return {"org": None, "compared_with": plan.compared_with}
    return {"org": org_json(plan.org), **members(plan, "api_version", "newest_api_version")}


def org_json(org: OrgFacts) -> Json:
    """Return the org that a plan or a drift is about."""
    return members(org, "id", "instance_url", "sandbox=is_sandbox", "production=is_production", "edition")


def unreadable_json(plan: Plan) -> list[Json]:
    """Return the components that could not be read, with the reason and the permission that shows them."""
    return [{"address": address, **members(why, "reason", "permission")} for address, why in plan.unreadable.items()]


def component_json(component: Change | Unmanaged | OwnedElsewhere) -> Json:
    """Return the names of a component."""
    return {"address": component.address, "type": component.type.xml_name, "full_name": component.full_name}


def plans_json(plans: Iterable[tuple[str, Plan | ProvisionerError]]) -> Json:
    """Return several environments, each with its plan or its ``error``."""
    return environments_json(plans, plan_json)


def _change(change: Change) -> Json:
    return {
        **component_json(change),
        **members(change, "action", "reason", "risk"),
        "fields": [_field(each) for each in change.fields],
        **members(change, "removals", "impact", "declared_at"),
    }


def _field(field: FieldChange) -> Json:
    return {
        "path": field.path,
        "before": sentence(field.before),
        "after": sentence(field.after),
        "before_value": structured(field.before),
        "after_value": structured(field.after),
        **members(field, "risk", "declared_at"),
    }


Plain = str | int | bool | list[str] | None


def sentence(value: FieldValue) -> Plain:
    """Return a value for people: a public key and a certificate are text."""
    match value:
        case tuple():
            return list(value)
        case PublicKeyValue() | CertificateValue():
            return str(value)
        case None | bool() | int() | str():
            return value
        case _:
            assert_never(value)


def structured(value: FieldValue) -> Plain | dict[str, Any]:
    """Return the complete value for programs."""
    match value:
        case PublicKeyValue():
            return members(value, "kty", "bits", "kid", "alg", "thumbprint")
        case CertificateValue():
            return members(value, "subject", "not_before", "not_after", "sha256")
        case None | bool() | int() | str() | tuple():
            return sentence(value)
        case _:
            assert_never(value)


def read_value(shown: Any, value: Any) -> FieldValue:
    """Return the value that :func:`sentence` and :func:`structured` wrote.

    Raises :class:`ValueError`, :class:`TypeError` or :class:`KeyError` if the two do not form such a pair.
    """
    read = _read(value)
    if sentence(read) != shown or type(sentence(read)) is not type(shown):
        raise ValueError(shown)
    return read


def _read(value: Any) -> FieldValue:
    match value:
        case {"kty": str(kty), "bits": int(bits), "kid": str(kid), "alg": str(alg), "thumbprint": str(thumbprint)}:
            return PublicKeyValue(kty, bits, kid, alg, thumbprint)
        case {"subject": str(subject), "not_before": str(begins), "not_after": str(ends), "sha256": str(sha256)}:
            return CertificateValue(subject, datetime.fromisoformat(begins), datetime.fromisoformat(ends), sha256)
        case list() if all(isinstance(each, str) for each in value):
            return tuple(value)
        case None | bool() | int() | str():
            return value
        case _:
            raise ValueError(value)


Document = Mapping[str, Any]


def read_plan_json(document: Document) -> Plan:
    """Return the plan in a document.

    Raises :class:`KeyError`, :class:`TypeError`, :class:`ValueError` or :class:`AttributeError` if it contains none.
    """
    org = document["org"]
    blocked = tuple(map(_read_blocked, document["blocked"]))
    return Plan(
        environment=_text(document["environment"]),
        org=OrgFacts(
            _text(org["id"]),
            _text(org["instance_url"]),
            _flag(org["sandbox"]),
            _flag(org["production"]),
            _optional(org["edition"]),
        ),
        api_version=_text(document["api_version"]),
        newest_api_version=_text(document["newest_api_version"]),
        declaration_digest=_text(document["declaration_digest"]),
        narrowed=not document["complete"] and not any(each.unread for each in blocked),
        changes=tuple(map(_read_change, document["changes"])),
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


def _read_change(document: Document) -> Change:
    return Change(
        type=type_of_xml_name(document["type"]),
        full_name=_text(document["full_name"]),
        action=Action(document["action"]),
        reason=Reason(document["reason"]),
        fields=tuple(map(_read_field, document["fields"])),
        removals=tuple(map(_text, document["removals"])),
        impact=tuple(map(_text, document["impact"])),
        risk=Risk(document["risk"]),
        declared_at=_place(document["declared_at"]),
    )


def _read_field(document: Document) -> FieldChange:
    return FieldChange(
        path=_text(document["path"]),
        before=read_value(document["before"], document["before_value"]),
        after=read_value(document["after"], document["after_value"]),
        risk=Risk(document["risk"]),
        declared_at=_place(document["declared_at"]),
    )


def _read_blocked(document: Document) -> Blocked:
    return Blocked(
        guard=_text(document["guard"]),
        message=_text(document["message"]),
        next=_text(document["next"]),
        address=_optional(document["address"]),
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
    file = _optional(document["file"])
    return Diagnostic(
        rule=_text(document["rule"]),
        severity=Severity(document["severity"]),
        message=_text(document["message"]),
        fix=_text(document["fix"]),
        location=Location(file, int(document["line"]), int(document["column"])) if file is not None else None,
        address=_optional(document["address"]),
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


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)
