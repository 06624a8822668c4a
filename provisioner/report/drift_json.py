"""The drift for programs: the shape of ``drift --format json``, modelled on the plan's."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Difference, Drift, Drifted, DriftedField, LastChange, Undeclared
from provisioner.planning.plan import FieldValue
from provisioner.report.failures import failure_json
from provisioner.report.shapes import FORMAT_VERSION, Json, finding, place


def drift_json(drift: Drift, *, unmanaged: bool = False) -> Json:
    """One environment::

        {"format_version", "environment", "org": {"id", "instance_url", "sandbox", "production", "edition"},
         "api_version", "newest_api_version", "declaration_digest",
         "summary": {"missing", "differs", "left_over", "as_declared", "unmanaged"},
         "drift": [{"address", "type", "full_name", "difference": "missing|differs|left-over",
                    "fields": [{"path", "org", "declared", "declared_at"}],
                    "last_modified_by", "last_modified_date", "declared_at"}],
         "as_declared": [ADDRESS], "unmanaged": [{"address", "type", "full_name", "last_modified_by",
         "last_modified_date"}] | null, "errors": [{"guard", "address", "message", "next", "declared_at"}],
         "unreadable": [{"address", "reason", "permission"}], "warnings": [as findings]}

    ``unmanaged`` is null where it was not asked for. Null stands for "not there" in ``org`` and ``declared``, and for
    "the org does not say" in ``last_modified_by`` and ``last_modified_date``.
    """
    return {
        "format_version": FORMAT_VERSION,
        "environment": drift.environment,
        "org": {
            "id": drift.org.id,
            "instance_url": drift.org.instance_url,
            "sandbox": drift.org.is_sandbox,
            "production": drift.org.is_production,
            "edition": drift.org.edition,
        },
        "api_version": drift.api_version,
        "newest_api_version": drift.newest_api_version,
        "declaration_digest": drift.declaration_digest,
        "summary": {
            **{each.value.replace("-", "_"): drift.count(each) for each in Difference},
            "as_declared": len(drift.as_declared),
            "unmanaged": len(drift.unmanaged),
        },
        "drift": [_drifted(each) for each in drift.components],
        "as_declared": list(drift.as_declared),
        "unmanaged": [_undeclared(each) for each in drift.unmanaged] if unmanaged else None,
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
        "unreadable": [
            {"address": address, "reason": why.reason, "permission": why.permission}
            for address, why in drift.unreadable.items()
        ],
        "warnings": [finding(each) for each in drift.warnings],
    }


def drifts_json(drifts: Iterable[tuple[str, Drift | ProvisionerError]], *, unmanaged: bool = False) -> Json:
    """Several environments, in the order given: ``{"format_version", "environments": [a drift each, or a failure]}``.

    A failure is ``{"environment", "error": {"code", "message", "next", "exit_status"}}``, with ``findings`` where the
    declaration is what is wrong.
    """
    return {
        "format_version": FORMAT_VERSION,
        "environments": [
            drift_json(each, unmanaged=unmanaged) if isinstance(each, Drift) else failure_json(name, each)
            for name, each in drifts
        ],
    }


def _drifted(drifted: Drifted) -> Json:
    return {
        "address": drifted.address,
        "type": drifted.type.xml_name,
        "full_name": drifted.full_name,
        "difference": drifted.difference.value,
        "fields": [_field(each) for each in drifted.fields],
        **_last_change(drifted.last_change),
        "declared_at": place(drifted.declared_at),
    }


def _field(field: DriftedField) -> Json:
    return {
        "path": field.path,
        "org": _value(field.org),
        "declared": _value(field.declared),
        "declared_at": place(field.declared_at),
    }


def _undeclared(each: Undeclared) -> Json:
    return {
        "address": each.address,
        "type": each.type.xml_name,
        "full_name": each.full_name,
        **_last_change(each.last_change),
    }


def _last_change(change: LastChange) -> Json:
    """The org's own words; the date is not brought to another form."""
    return {"last_modified_by": change.by, "last_modified_date": change.date}


def _value(value: FieldValue) -> str | int | bool | list[str] | None:
    return list(value) if isinstance(value, tuple) else value
