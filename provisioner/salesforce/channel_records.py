"""The MessagingChannel records: the fields of a channel that are not in metadata."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from provisioner.components.snapshot import ROUTING_FIELDS, ChannelRecord
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.rest import Rest

log = logging.getLogger(__name__)

_BASE = ("Id", "DeveloperName", "IsActive")
_INVALID_FIELD = "INVALID_FIELD"


def read_channel_records(rest: Rest) -> dict[str, ChannelRecord]:
    """Return the records of all channels by API name. Raises :class:`OrgFault` and :class:`UnreachableError`.

    An org that lacks a routing field is asked again, without that field and those that are offered with it.
    """
    try:
        return _query(rest, ROUTING_FIELDS)
    except OrgFault as fault:
        if fault.fault_code != _INVALID_FIELD:
            raise
        log.info("The routing of the channels cannot be read whole: %s", fault.words)
        newer = any(f"'{name}'" in fault.text for name in ROUTING_FIELDS[2:])
        return _query(rest, ROUTING_FIELDS[:2] if newer else ())


def _query(rest: Rest, fields: tuple[str, ...]) -> dict[str, ChannelRecord]:
    rows = rest.query(f"SELECT {', '.join((*_BASE, *fields))} FROM MessagingChannel")  # noqa: S608 - our own names
    return {str(row.get("DeveloperName")): _record(row, fields) for row in rows}


def _record(row: Mapping[str, Any], fields: tuple[str, ...]) -> ChannelRecord:
    routing = {name: str(row[name]) if row[name] else None for name in fields if name in row}
    return ChannelRecord(bool(row.get("IsActive")), routing)
