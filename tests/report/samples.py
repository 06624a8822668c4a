"""Plans, outcomes and findings as they occur, for the renderers to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from provisioner.components.snapshot import OrgFacts, Unreadable
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome, Problem, Reached, Result
from provisioner.model.actor import Actor
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.plan import (
    Action,
    Blocked,
    Change,
    FieldChange,
    NotInForce,
    Plan,
    Preserved,
    Reason,
    Unmanaged,
)
from provisioner.planning.saved_plan import sealed
from provisioner.planning.values import CertificateValue, PublicKeyValue
from provisioner.report.plan_json import plan_json

DECLARATION = "config/user-verification.yaml"

SOURCE = """\
version: 1
issuers:
  storefront: https://id.example.com
keys:
  storefront_2026_11:
    label: Storefront November 2026
    certificate: keys/storefront-2026-11.crt
    kid: storefront-2026-11
keysets:
  storefront:
    issuer: storefront
    keys: [storefront_2026_11, legacy]
""".splitlines()


def at(line: int, column: int = 3, end: int | None = None) -> Location:
    return Location(DECLARATION, line, column, line if end else None, end)


def error(**changed: object) -> Diagnostic:
    finding = Diagnostic(
        rule="keyset-unknown-key",
        severity=Severity.ERROR,
        message="The keyset names the key legacy, and no key of that name is declared.",
        fix="Declare keys.legacy, or take it out of the list.",
        location=at(12, 32, 38),
        address="keyset.storefront",
        environments=("local", "sandbox"),
    )
    return replace(finding, **changed)  # type: ignore[arg-type]


def warning(**changed: object) -> Diagnostic:
    finding = Diagnostic(
        rule="certificate-ends-soon",
        severity=Severity.WARNING,
        message="The certificate in config/keys/storefront-2026-11.crt ends in 21 days.",
        fix="Rotate it: provisioner keys rotate storefront --env sandbox.",
        location=at(7, 18, 45),
        address="key.storefront_2026_11",
        environments=("local", "sandbox"),
    )
    return replace(finding, **changed)  # type: ignore[arg-type]


SANDBOX = OrgFacts("00D5g000000XXXXEAA", "https://acme--uat.sandbox.my.salesforce.com", True, False)
PRODUCTION = OrgFacts("00D5g000000YYYYEAA", "https://acme.my.salesforce.com", False, True, "Enterprise Edition")

NEW_KEY = Change(
    MetadataType.KEY,
    "storefront_2026_11",
    Action.CREATE,
    Reason.NOT_IN_ORG,
    fields=(
        FieldChange("label", None, "Storefront November 2026", declared_at=at(6, 12)),
        FieldChange("active", None, True),
        FieldChange("kid", None, "storefront-2026-11", declared_at=at(8, 10)),
        FieldChange("algorithm", None, "RS256", declared_at=at(7, 18)),
        FieldChange(
            "public_key",
            None,
            PublicKeyValue("RSA", 2048, "storefront-2026-11", "RS256", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
            declared_at=at(7, 18),
        ),
        FieldChange(
            "certificate",
            None,
            CertificateValue(
                "CN=Storefront, O=Acme",
                datetime(2026, 11, 1, tzinfo=UTC),
                datetime(2027, 11, 1, tzinfo=UTC),
                "0123456789abcdef" * 4,
            ),
        ),
    ),
    impact=("Tokens signed with kid storefront-2026-11 can verify where a channel uses a keyset with this key.",),
    declared_at=at(5),
)

KEYSET_MOVES = Change(
    MetadataType.KEYSET,
    "storefront",
    Action.UPDATE,
    Reason.DIFFERS,
    fields=(
        FieldChange(
            "issuer",
            "https://id.example.com",
            "https://id.example.com/realms/storefront/with/a/long/path",
            Risk.DESTRUCTIVE,
            Location("config/environments/sandbox.yaml", 12, 15),
        ),
        FieldChange("keys", ("legacy", "old"), ("legacy", "storefront_2026_11"), declared_at=at(12, 11)),
    ),
    removals=("key old leaves the keyset",),
    impact=("Tokens signed with kid old-2025 will stop verifying on Web_Chat; the delay is not documented.",),
    risk=Risk.DESTRUCTIVE,
    declared_at=at(10),
)

CHANNEL_SWITCHES_ON = Change(
    MetadataType.CHANNEL,
    "Web_Chat",
    Action.UPDATE,
    Reason.DIFFERS,
    fields=(
        FieldChange("user_verification.enabled", False, True, Risk.DISRUPTIVE, at(16, 16)),
        FieldChange(
            "user_verification.configurations.storefront_login.keyset", "mobile", "storefront", declared_at=at(18)
        ),
        FieldChange("token_expiration_minutes.verified", 60, 30, Risk.DISRUPTIVE, at(19, 40)),
    ),
    impact=("Guests can no longer chat on Web_Chat: only customers with a valid token can.",),
    risk=Risk.DISRUPTIVE,
    declared_at=at(14),
)

OLD_KEY_GOES = Change(
    MetadataType.KEY,
    "storefront_2025",
    Action.DELETE,
    Reason.TOMBSTONE,
    fields=(FieldChange("kid", "storefront-2025", None, Risk.DESTRUCTIVE),),
    removals=("the key goes",),
    risk=Risk.DESTRUCTIVE,
    declared_at=at(21, 10),
)

NEEDS_ALLOW_DESTROY = Blocked(
    "destructive",
    "key.storefront_2025 would be changed destructively: the key goes.",
    "To do this, apply with --allow-destroy.",
    "key.storefront_2025",
    declared_at=at(21, 10),
)

EMPTY = Plan(
    environment="sandbox",
    org=SANDBOX,
    api_version="67.0",
    newest_api_version="67.0",
    declaration_digest="sha256:6b3a",
    unchanged=("key.storefront_2026_11", "keyset.storefront", "channel.Web_Chat"),
)

FULL = replace(
    EMPTY,
    changes=(NEW_KEY, KEYSET_MOVES, CHANNEL_SWITCHES_ON, OLD_KEY_GOES),
    unchanged=("key.legacy",),
    blocked=(NEEDS_ALLOW_DESTROY,),
    unmanaged=tuple(Unmanaged(MetadataType.CHANNEL, name) for name in ("App_Chat", "Kiosk_Chat", "SMS_Alerts")),
    preserved=(Preserved("channel.Web_Chat", "configuration sso of type AuthProvider stays as it is"),),
    not_in_force=(
        NotInForce(
            "channel.Web_Chat",
            "token_expiration_minutes.unverified",
            360,
            "when verification is switched off",
            at(19, 55),
        ),
    ),
    warnings=(warning(environments=()),),
)

UNREADABLE = replace(
    EMPTY,
    api_version="62.0",
    unreadable={
        "keyset": Unreadable(
            "INVALID_TYPE: the org does not offer PublicKeyCertificateSet to this user.",
            "Modify Metadata, in a permission set of the user.",
        )
    },
    blocked=(Blocked("unreadable", "keyset could not be read: INVALID_TYPE.", "Modify Metadata.", unread=True),),
)

MISSING_CHANNEL = replace(
    EMPTY,
    blocked=(
        Blocked(
            "channel-missing",
            "channel.Web_Chet does not exist in the org. Did you mean Web_Chat? "
            "The org's Enhanced Chat channels: App_Chat, Web_Chat.",
            "Write the API name of the channel, or create the channel in Setup > Messaging Settings first.",
            "channel.Web_Chet",
            ExitStatus.WRONG_INPUT,
            at(14),
        ),
    ),
)

APPLIED = Outcome(
    Result.APPLIED,
    ExitStatus.DONE,
    FULL,
    deploy_id="0Af5g00000AbCdEFGH",
    converged=True,
    notes=("Whether a changed authMode needs the deployment to be published again is not settled: publish Web_Chat.",),
)

FAILED = Outcome(
    Result.FAILED,
    ExitStatus.ORG_REFUSED,
    FULL,
    deploy_id="0Af5g00000AbCdEFGH",
    phase="channels",
    problems=(
        Problem(
            'The keyset "storefront" does not exist.\nCheck the name.',
            "This org does not resolve a keyset that comes in the same package.",
            "channel.Web_Chat",
            at(14),
        ),
        Problem("UNKNOWN_EXCEPTION", "The org gave no reason that we know."),
    ),
    next="Run provisioner plan --env sandbox to see what is left to do.",
    reached=Reached.PHASES,
)


def saved(plan: Plan) -> dict[str, Any]:
    """Return the plan as the document of a saved plan."""
    return sealed(
        {
            **plan_json(plan),
            "tool_version": "0.1.0",
            "saved_at": "2026-11-26T10:00:00Z",
            "saved_by": Actor(user="ada").to_json(),
            "targets": [],
            "components": {each.address: None for each in plan.changes},
        }
    )
