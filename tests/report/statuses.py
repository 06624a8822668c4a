"""States of environments as they occur, and hostile ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from provisioner.components.snapshot import Unreadable
from provisioner.diagnosis.chat.guests import Guests, judge
from provisioner.errors import LoginError
from provisioner.model.estate import Channel
from provisioner.model.types import MetadataType
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change, Plan
from provisioner.report.status_state import (
    Chain,
    ChannelState,
    DeploymentState,
    EnvironmentState,
    Expiry,
    KeyState,
    Publication,
    States,
)
from provisioner.salesforce.messaging_sessions import Sessions, Visits
from tests.report import samples

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NEW = KeyState("storefront_2026_11", "storefront-2026-11", True, datetime(2027, 11, 1, tzinfo=UTC))
OLD = KeyState("legacy", "legacy-2025", True, NOW + timedelta(days=12))
GONE = KeyState("first", "first-2024", False, NOW - timedelta(days=40))
LOGIN = Chain("storefront_login", True, "storefront", True, "https://id.example.com", None, (NEW, OLD, GONE), True)
MOBILE = Chain(
    "mobile_login", False, "mobile", True, "https://m.example.com", "https://m.example.com/jwks.json", (), False
)
LOST = Chain("kiosk_login", True, "kiosk", False, None, None, (), False)
PUBLISHED = DeploymentState("Shop_Web", Publication.CURRENT)
BEHIND = DeploymentState("Shop_Api", Publication.BEHIND)
HIDDEN = DeploymentState("Shop_App", Publication.UNKNOWN, "HTTP 503: a web page (Service Unavailable)")
NEVER = DeploymentState("App_Web", Publication.NEVER)
WEB = ChannelState("Web_Chat", "declared", True, True, True, 60, (LOGIN, MOBILE), (PUBLISHED, BEHIND, HIDDEN))
KIOSK = ChannelState("Kiosk_Chat", "unmanaged", True, True, False, 60, (LOST,), ())
APP = ChannelState("App_Chat", "declared", False, True, False, None, (), (NEVER,))
CHANNELS = (APP, KIOSK, WEB)


def guests(environment: str, declared: str = "Web_Chat") -> Guests:
    """Two weeks of sessions on Web_Chat, two of them of guests; and none on another declared channel."""
    today = NOW.date()
    days = tuple(today - timedelta(days=back) for back in range(14, -1, -1))
    visits = {(declared, day): Visits(verified=9 + day.day % 4, guests=2 if day == today else 0) for day in days}
    sessions = Sessions(days, "Europe/Berlin", ("App_Chat", declared), visits, {}, sees_all=True)
    return judge(environment, {declared: Channel(declared, enabled=True)}, sessions)


def expiries(environment: str) -> tuple[Expiry, ...]:
    return tuple(
        Expiry(environment, each.name, each.kid, each.expires, each.active)
        for each in (NEW, OLD, GONE)
        if each.expires is not None
    )


def drift_of(plan: Plan, *changes: Change) -> Drift:
    found = replace(plan, changes=changes, blocked=())
    return Drift(found, {each.address: LastChange("Ada Lovelace", "2026-11-20T08:00:00Z") for each in changes})


SANDBOX = EnvironmentState(drift_of(samples.EMPTY), False, CHANNELS, expiries("sandbox"), guests("sandbox"))
PRODUCTION = EnvironmentState(
    drift_of(
        replace(samples.EMPTY, environment="production", org=samples.PRODUCTION),
        samples.KEYSET_MOVES,
        samples.CHANNEL_SWITCHES_ON,
    ),
    True,
    (WEB,),
    expiries("production"),
    guests_unknown="The sessions of production cannot be counted: no access to MessagingSession.",
)
FAILED = LoginError("The org did not log us in.", next="Run provisioner diagnose login.")
FLEET: States = [("sandbox", SANDBOX), ("production", PRODUCTION), ("uat", FAILED)]

#: What an org or a file could hold to become markup, a script, a link or an invisible trick.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></script><!--",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;",
    "\u202etxt.exe\x1b[31m",
    "' onmouseover='alert(1)",
)


def hostile(value: str) -> States:
    """An environment in which every text is ``value``."""
    key = KeyState(value, value, True, NOW + timedelta(days=300))
    chain = Chain(value, True, value, True, value, None, (key,), True)
    endpoint = Chain(value, True, value, True, value, value, (), True)
    deployment = DeploymentState(value, Publication.UNKNOWN, value)
    channel = ChannelState(value, "declared", True, True, True, 60, (chain, endpoint), (deployment,))
    bare = replace(channel, chains=())
    plan = replace(
        samples.EMPTY,
        environment=value,
        org=replace(samples.SANDBOX, instance_url=value, edition=value, is_sandbox=False),
        unreadable={value: Unreadable(value, value)},
    )
    change = replace(samples.KEYSET_MOVES, full_name=value, type=MetadataType.KEYSET)
    drift = replace(drift_of(plan, change), last_changes={change.address: LastChange(value, value)})
    expiry = Expiry(value, value, "kid" + value, NOW, True)
    state = EnvironmentState(drift, False, (channel, bare), (expiry,), guests(value, declared=value))
    unknown = replace(state, guests=None, guests_unknown=value)
    return [
        (value, state),
        (f"{value} uncounted", unknown),
        (f"{value} again", LoginError(value, next=value, code=value)),
    ]


def forty() -> States:
    """Forty environments, each with channels, certificates and drift of its own."""
    states = []
    for number in range(40):
        name = f"region-{number:02}"
        base = PRODUCTION if number % 3 == 0 else SANDBOX
        plan = replace(base.drift.plan, environment=name)
        dated = tuple(
            replace(each, environment=name, expires=each.expires + timedelta(days=number * 7))
            for each in expiries(name)
        )
        drift = replace(base.drift, plan=plan)
        counted = guests(name)
        states.append((name, replace(base, drift=drift, channels=CHANNELS, expiries=dated, guests=counted)))
    return states
