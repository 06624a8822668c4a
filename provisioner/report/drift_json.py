"""The drift for programs: the JSON of ``drift --format json``, modelled on the plan's."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change, FieldChange, OwnedElsewhere, Unmanaged
from provisioner.report.drift_words import LABELS
from provisioner.report.failures import failure_json
from provisioner.report.field_values import sentence, structured
from provisioner.report.plan_json import org_json, unreadable_json
from provisioner.report.shapes import FORMAT_VERSION, Json, finding, place


def drift_json(drift: Drift, *, unmanaged: bool = False) -> Json:
    """Return one environment::

        {"format_version", "environment", "org": {"id", "instance_url", "sandbox", "production", "edition"},
         "api_version", "newest_api_version", "declaration_digest",
         "summary": {"missing", "differs", "left_over", "as_declared", "unmanaged"},
         "drift": [{"address", "type", "full_name", "difference": "missing|differs|left-over",
                    "fields": [{"path", "org", "declared", "org_value", "declared_value", "declared_at"}],
                    "last_modified_by", "last_modified_date", "last_modified_by_another", "declared_at"}],
         "as_declared": [ADDRESS], "changed_by_another": [ADDRESS], "unmanaged": [{"address", "type", "full_name",
         "last_modified_by", "last_modified_date", "last_modified_by_another"}] | null,
         "external": [{"address", "type", "full_name", "last_modified_by", "last_modified_date",
         "last_modified_by_another"}], "errors": [{"guard", "address", "message", "next", "declared_at"}],
         "unreadable": [{"address", "reason", "permission"}], "warnings": [as findings]}

    ``unmanaged`` is null if it was not requested. Null means "missing" in ``org`` and ``declared``, and "not returned
    by the org" in ``last_modified_by`` and ``last_modified_date``. ``last_modified_by_another``: a user other than
    this run's login made the last change; null if that is not known. ``changed_by_another`` holds such components
    among ``as_declared``.
    """
    plan = drift.plan
    return {
        "format_version": FORMAT_VERSION,
        "environment": plan.environment,
        "org": org_json(plan.org),
        "api_version": plan.api_version,
        "newest_api_version": plan.newest_api_version,
        "declaration_digest": plan.declaration_digest,
        "summary": {
            **{label.replace(" ", "_"): drift.count(reason) for reason, label in LABELS.items()},
            "as_declared": len(plan.unchanged),
            "unmanaged": len(plan.unmanaged),
        },
        "drift": [_drifted(each, drift.last_change(each)) for each in plan.changes],
        "as_declared": list(plan.unchanged),
        "changed_by_another": list(drift.changed_by_another),
        "unmanaged": [_undeclared(each, drift.last_change(each)) for each in plan.unmanaged] if unmanaged else None,
        "external": [_undeclared(each, drift.last_change(each)) for each in plan.external],
        "errors": [
            {
                "guard": each.guard,
                "address": each.address,
                "message": each.message,
                "next": each.next,
                "declared_at": place(each.declared_at),
            }
            for each in drift.errors
        ],
        "unreadable": unreadable_json(plan),
        "warnings": [finding(each) for each in plan.warnings],
    }


def drifts_json(drifts: Iterable[tuple[str, Drift | ProvisionerError]], *, unmanaged: bool = False) -> Json:
    """Return several environments, in the order given: ``{"format_version", "environments": [DRIFT or FAILURE]}``.

    A failure is ``{"environment", "error": {"code", "message", "next", "exit_status"}}``, with ``findings`` if the
    declaration is wrong.
    """
    return {
        "format_version": FORMAT_VERSION,
        "environments": [
            drift_json(each, unmanaged=unmanaged) if isinstance(each, Drift) else failure_json(name, each)
            for name, each in drifts
        ],
    }


def _drifted(change: Change, last: LastChange) -> Json:
    return {
        "address": change.address,
        "type": change.type.xml_name,
        "full_name": change.full_name,
        "difference": LABELS[change.reason].replace(" ", "-"),
        "fields": [_field(each) for each in change.fields],
        **_last_change(last),
        "declared_at": place(change.declared_at),
    }


def _field(field: FieldChange) -> Json:
    return {
        "path": field.path,
        "org": sentence(field.before),
        "declared": sentence(field.after),
        "org_value": structured(field.before),
        "declared_value": structured(field.after),
        "declared_at": place(field.declared_at),
    }


def _undeclared(each: Unmanaged | OwnedElsewhere, last: LastChange) -> Json:
    return {
        "address": each.address,
        "type": each.type.xml_name,
        "full_name": each.full_name,
        **_last_change(last),
    }


def _last_change(change: LastChange) -> Json:
    """Return the org's own texts; the date keeps its form."""
    return {
        "last_modified_by": change.by,
        "last_modified_date": change.date,
        "last_modified_by_another": change.by_another,
    }
