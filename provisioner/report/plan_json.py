"""The plan for programs: the JSON of ``plan --format json`` and of a saved plan's readable part."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.components.snapshot import OrgFacts
from provisioner.errors import ProvisionerError
from provisioner.planning.plan import Blocked, Change, FieldChange, Plan
from provisioner.report.failures import failure_json
from provisioner.report.field_values import sentence, structured
from provisioner.report.shapes import FORMAT_VERSION, Json, finding, place


def plan_json(plan: Plan) -> Json:
    """Return the whole plan. A field with a list (the keys of a keyset) is a JSON list; null means missing.

    ``before`` and ``after`` are for people; ``before_value`` and ``after_value`` have a public key and a certificate as
    objects.
    """
    return {
        "format_version": FORMAT_VERSION,
        "environment": plan.environment,
        **_origin(plan),
        "declaration_digest": plan.declaration_digest,
        "complete": plan.complete,
        "risk": plan.risk.value,
        "summary": dict(plan.summary),
        "changes": [_change(each) for each in plan.changes],
        "blocked": [_blocked(each) for each in plan.blocked],
        "unmanaged": [
            {"address": each.address, "type": each.type.xml_name, "full_name": each.full_name}
            for each in plan.unmanaged
        ],
        "external": [
            {"address": each.address, "type": each.type.xml_name, "full_name": each.full_name} for each in plan.external
        ],
        "unchanged": list(plan.unchanged),
        "preserved": [{"address": each.address, "what": each.what} for each in plan.preserved],
        "not_in_force": [
            {
                "address": each.address,
                "path": each.path,
                "value": each.value,
                "takes_effect": each.takes_effect,
                "declared_at": place(each.declared_at),
            }
            for each in plan.not_in_force
        ],
        "unreadable": unreadable_json(plan),
        "warnings": [finding(each) for each in plan.warnings],
    }


def _origin(plan: Plan) -> Json:
    """Return the org that was read, or the folder of the declaration for an offline plan."""
    if plan.compared_with is not None:
        return {"org": None, "compared_with": plan.compared_with}
    return {
        "org": org_json(plan.org),
        "api_version": plan.api_version,
        "newest_api_version": plan.newest_api_version,
    }


def org_json(org: OrgFacts) -> Json:
    """Return the org that a plan or a drift is about."""
    return {
        "id": org.id,
        "instance_url": org.instance_url,
        "sandbox": org.is_sandbox,
        "production": org.is_production,
        "edition": org.edition,
    }


def unreadable_json(plan: Plan) -> list[Json]:
    """Return the components that could not be read, with the reason and the permission that shows them."""
    return [
        {"address": address, "reason": why.reason, "permission": why.permission}
        for address, why in plan.unreadable.items()
    ]


def plans_json(plans: Iterable[tuple[str, Plan | ProvisionerError]]) -> Json:
    """Return several environments, each with its plan or its ``error``."""
    return {
        "format_version": FORMAT_VERSION,
        "environments": [
            plan_json(each) if isinstance(each, Plan) else failure_json(name, each) for name, each in plans
        ],
    }


def _change(change: Change) -> Json:
    return {
        "address": change.address,
        "type": change.type.xml_name,
        "full_name": change.full_name,
        "action": change.action.value,
        "reason": change.reason.value,
        "risk": change.risk.value,
        "fields": [_field(each) for each in change.fields],
        "removals": list(change.removals),
        "impact": list(change.impact),
        "declared_at": place(change.declared_at),
    }


def _field(field: FieldChange) -> Json:
    return {
        "path": field.path,
        "before": sentence(field.before),
        "after": sentence(field.after),
        "before_value": structured(field.before),
        "after_value": structured(field.after),
        "risk": field.risk.value,
        "declared_at": place(field.declared_at),
    }


def _blocked(blocked: Blocked) -> Json:
    return {
        "guard": blocked.guard,
        "address": blocked.address,
        "message": blocked.message,
        "next": blocked.next,
        "exit_status": int(blocked.exit_status),
        "unread": blocked.unread,
        "declared_at": place(blocked.declared_at),
    }
