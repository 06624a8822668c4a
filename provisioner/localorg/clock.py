"""Times: milliseconds since 1970 inside, and Salesforce's two notations outside."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def soap_time(moment: int) -> str:
    """Return ``2026-10-01T02:46:23.000Z``."""
    return _text(moment) + "Z"


def rest_time(moment: int) -> str:
    """Return ``2026-10-01T02:46:23.000+0000``."""
    return _text(moment) + "+0000"


def parse_time(text: str) -> int:
    """Return the time in REST or SOAP notation; raises :class:`ValueError`."""
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _text(moment: int) -> str:
    whole, thousandths = divmod(moment, 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{thousandths:03d}"
