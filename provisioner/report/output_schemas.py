"""The shape of each command's JSON, in a short notation. A test compares every output with it.

``str``, ``int``, ``float``, ``bool`` and ``None`` are types; ``{"name": X}`` is an object, ``"name?"`` an optional
member; ``[X]`` is a list, ``(X, Y)`` one of several, :class:`Map` an object with arbitrary names, an enumeration or a
set of texts one of its values, and ``object`` anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provisioner.diagnosis.findings import Confidence, Verdict
from provisioner.diagnostics import Severity
from provisioner.execution.outcome import Result
from provisioner.jose.expiry import ExpiryState as Validity
from provisioner.jose.expiry import Where
from provisioner.jose.rotation_state import StepKind
from provisioner.model.estate import DeploymentType
from provisioner.model.types import Risk
from provisioner.planning.login_rotation_state import Side, Way
from provisioner.planning.login_rotation_state import StepKind as LoginStep
from provisioner.planning.plan import Action, Reason
from provisioner.report.doctor import CheckState
from provisioner.report.json import FORMAT_VERSION
from provisioner.report.promotion import Verdict as Promoted
from provisioner.salesforce.chat import TokenEndpoint
from provisioner.salesforce.chat_proof import Control, Why
from provisioner.tokens.check import CheckId, Status

Notation = Any


@dataclass(frozen=True, slots=True)
class Map:
    """An object with members of one shape."""

    of: Notation


@dataclass(frozen=True, slots=True)
class Described:
    """A shape with a sentence about it."""

    shape: Notation
    description: str


TEXT = (str, None)
NUMBER = (int, None)
FLAG = (bool, None)
FORMAT = {"format_version": Described({FORMAT_VERSION}, "Raised if a program that reads this would break.")}
PLACE = Described(TEXT, "file:line:column")

FINDING = {
    "rule": str, "severity": Severity, "address": TEXT, "file": TEXT, "line": NUMBER, "column": NUMBER, "message": str,
    "fix": str, "page": str, "environments": [str],
}  # fmt: skip
SERVER = {"status": NUMBER, "error": TEXT, "error_description": TEXT}
ERROR = {
    "code": str, "message": str, "next": str, "exit_status": int, "deploy_id?": TEXT,
    "server?": Map((str, int, None)),
}  # fmt: skip
FAILURE = {**FORMAT, "error": ERROR, "findings?": [FINDING]}
#: A failed environment among several.
FAILED = {"environment": str, "error": ERROR, "findings?": [FINDING]}

_ORG = {"id": str, "instance_url": str, "sandbox": FLAG, "production": FLAG, "edition": TEXT}
_NAMED = {"address": str, "type": str, "full_name": str}
_SENTENCE = (str, int, bool, None, [str])
VALUE = (
    str, int, bool, None, [str],
    Described({"kty": str, "bits": int, "kid": str, "alg": str, "thumbprint": str}, "A public key (RFC 7638)."),
    Described({"subject": str, "not_before": str, "not_after": str, "sha256": str}, "A certificate."),
)  # fmt: skip
_UNREADABLE = {"address": str, "reason": str, "permission": str}
_CHANGE = {
    **_NAMED, "action": Action, "reason": Reason, "risk": Risk,
    "fields": [{"path": str, "before": _SENTENCE, "after": _SENTENCE, "before_value": VALUE, "after_value": VALUE,
                "risk": Risk, "declared_at": PLACE}],
    "removals": [str], "impact": [str], "declared_at": PLACE,
}  # fmt: skip
_SUMMARY = {"create": int, "update": int, "delete": int, "unchanged": int, "unmanaged": int}
_PLANNED = {
    **FORMAT, "environment": str, "declaration_digest": str, "complete": bool, "risk": Risk, "summary": _SUMMARY,
    "changes": [_CHANGE],
    "blocked": [{"guard": str, "address": TEXT, "message": str, "next": str, "exit_status": int, "unread": bool,
                 "declared_at": PLACE}],
    "unmanaged": [_NAMED], "external": [_NAMED], "unchanged": [str],
    "preserved": [{"address": str, "what": str}],
    "not_in_force": [{"address": str, "path": str, "value": int, "takes_effect": str, "declared_at": PLACE}],
    "unreadable": [_UNREADABLE], "warnings": [FINDING],
}  # fmt: skip
PLAN = {**_PLANNED, "org": _ORG, "api_version": str, "newest_api_version": str}
OFFLINE_PLAN = {**_PLANNED, "org": None, "compared_with": str}
#: The author of a command; null means unknown.
BY = {"user": TEXT, "ci": TEXT, "actor": TEXT, "approver": TEXT, "commit": TEXT, "run": TEXT}
SAVED_PLAN = {
    **PLAN, "tool_version": str, "saved_at": str, "saved_by": BY, "targets": [str],
    "components": Described(Map(TEXT), "A digest of each touched component; null: it did not exist."), "digest": str,
}  # fmt: skip
OUTCOME = {
    **FORMAT, "outcome": Result, "environment": str, "org": {"id": str, "instance_url": str}, "deploy_id": TEXT,
    "phase": TEXT, "converged": FLAG,
    "problems": [{"address": TEXT, "problem": str, "meaning": str, "declared_at": PLACE}], "summary": _SUMMARY,
    "changes": [{"address": str, "action": Action, "risk": Risk}], "notes": [str], "next": TEXT, "by": (BY, None),
    "exit_status": int,
}  # fmt: skip
_LAST = {"last_modified_by": TEXT, "last_modified_date": TEXT, "last_modified_by_another": FLAG}
DRIFT = {
    **FORMAT, "environment": str, "org": _ORG, "api_version": str, "newest_api_version": str,
    "declaration_digest": str,
    "summary": {"missing": int, "differs": int, "left_over": int, "as_declared": int, "unmanaged": int},
    "drift": [{**_NAMED, "difference": {"missing", "differs", "left-over"},
               "fields": [{"path": str, "org": _SENTENCE, "declared": _SENTENCE, "org_value": VALUE,
                           "declared_value": VALUE, "declared_at": PLACE}],
               **_LAST, "declared_at": PLACE}],
    "as_declared": [str], "changed_by_another": [str], "unmanaged": ([{**_NAMED, **_LAST}], None),
    "external": [{**_NAMED, **_LAST}],
    "errors": [{"guard": str, "address": TEXT, "message": str, "next": str, "declared_at": PLACE}],
    "unreadable": [_UNREADABLE], "warnings": [FINDING],
}  # fmt: skip
_REQUEST = {
    "purpose": str, "method": str, "path": str, "status": NUMBER, "message": str, "subject": TEXT, "seconds": float,
}  # fmt: skip
PROOF = {
    **FORMAT, "verified": bool, "subject": TEXT, "endpoint": (TokenEndpoint, None), "negative_control": Control,
    "revoked": FLAG,
    "server": {"status": NUMBER, "message": str, "deployment_type": TEXT, "auth_mode": TEXT,
               "clock_offset_seconds": (float, None)},
    "reason": Why, "expected_subject": TEXT, "environment": str, "channel": str, "deployment": str,
    "configuration": TEXT, "signed_by": TEXT, "chat_url": str, "verdict": str, "meaning": str, "next": [str],
    "notes": [str], "requests": [_REQUEST], "exit_status": int,
}  # fmt: skip
_CAUSES = [{"cause": str, "rank": int, "confidence": Confidence, "evidence": [str], "meaning": str, "fix": [str],
            "wait": TEXT, "page": str}]  # fmt: skip
LOGIN = {
    **FORMAT, "verdict": Verdict, "server": (SERVER, None), "findings": _CAUSES,
    "excluded": [{"cause": str, "because": str}],
}  # fmt: skip
CHAT = {
    **FORMAT, "verdict": Verdict, "environment": str, "channel": TEXT, "deployment": TEXT, "chat_url": TEXT,
    "findings": _CAUSES, "seen": [{"what": str, "text": str}], "next": [str], "exit_status": int,
}  # fmt: skip
_DEFECT = {"rule": str, "severity": Severity, "message": str, "fix": str}
_ENDPOINT = {
    "url": str, "verdict": str, "reachable": FLAG, "answer_good": FLAG, "provider": TEXT,
    "answer": ({"url": str, "address": TEXT, "status": int, "content_type": TEXT, "cache_control": TEXT, "bytes": int,
                "redirects": [{"url": str, "status": int, "address": TEXT}]}, None),
    "findings": [_DEFECT],
    "keys": [{"index": int, "kid": TEXT, "kty": TEXT, "alg": TEXT, "usable": bool, "bits": NUMBER,
              "thumbprint": TEXT,
              "not_before": TEXT, "not_after": TEXT, "findings": [_DEFECT]}],
    "kid": ({"wanted": str, "found": FLAG}, None),
}  # fmt: skip
ENDPOINT = {
    **FORMAT, **_ENDPOINT, "followed": (_ENDPOINT, None), "keyset": ({"issuer": TEXT, "endpoint": TEXT}, None),
}  # fmt: skip
KEY = {
    **FORMAT, "file": str, "taken_for": {"kind": str, "what": str}, "uploadable": bool, "findings": [FINDING],
    "certificate": ({"subject": str, "issuer": str, "serial": str, "not_before": str, "not_after": str, "sha1": str,
                     "sha256": str, "signature_algorithm": str, "bits": int}, None),
    "certificate_matches": FLAG, "jwk": (Map(object), None),
    "repair": {"asked": bool, "possible": bool, "written": TEXT,
               "changes": [{"change": str, "member": TEXT, "message": str}],
               "obstacles": [{"message": str, "fix": str, "option": TEXT}]},
}  # fmt: skip
GENERATED = {
    **FORMAT, "name": str, "purpose": {"signing", "login"}, "kid": TEXT, "algorithm": TEXT, "bits": int,
    "thumbprint": str, "private_key": TEXT, "from": TEXT,
    "certificate": ({"file": str, "subject": str, "not_before": str, "not_after": str, "sha256": str}, None),
    "request": TEXT, "declaration": TEXT, "keyset": TEXT, "jwk": (Map(object), None), "next": [str],
}  # fmt: skip
INSPECTED = {
    **FORMAT, "file": str, "kind": str, "what": str, "private": bool, "findings": int, "declaration": TEXT,
    "keys": [{"place": TEXT, "name": TEXT, "kid": TEXT, "alg": TEXT, "algorithm": TEXT, "bits": NUMBER,
              "thumbprint": TEXT,
              "certificate": ({"subject": str, "issuer": str, "not_before": str, "not_after": str, "sha256": str},
                              None),
              "declared": ([{"name": str, "same_certificate": FLAG, "same_kid": FLAG}], None)}],
}  # fmt: skip
EXPIRING = {
    **FORMAT, "days": int, "expiring": int,
    "keys": [{"name": str, "kid": TEXT, "not_before": str, "not_after": str, "days_left": int, "state": Validity,
              "in_use": bool, "sha256": str,
              "seen": [{"where": Where, "environment": TEXT, "place": TEXT, "in_use": bool}]}],
    "undated": [{"what": str, "reason": str, "fails": bool, "unseen": bool}],
    "errors": [FAILED],
}  # fmt: skip
_ROTATION = {
    "keyset": str, "type": {"keys", "endpoint"}, "endpoint": TEXT, "issuer": TEXT, "step": StepKind, "title": str,
    "new": TEXT, "old": TEXT, "not_before": TEXT, "against_retiring": [str],
    "keys": [{"name": str, "kid": TEXT, "algorithm": TEXT, "declared": str, "held": str, "thumbprint": TEXT,
              "certificate_begins": TEXT, "certificate_ends": TEXT}],
    "channels": [{"name": str, "verified_minutes": int, "deployment": TEXT}], "seen": [str], "next": [str],
    "back": TEXT,
}  # fmt: skip
ROTATED = {
    **FORMAT, "environment": str, "org": {"id": str}, **_ROTATION, "proofs": [PROOF], "outcomes": [OUTCOME],
    "refused": [{"code": str, "message": str, "next": str}], "notes": [str], "exit_status": int,
}  # fmt: skip
ROTATIONS = {**FORMAT, "environment": str, "keysets": [_ROTATION], "exit_status?": int}
REVOKED = {
    **FORMAT, "environment": str, "keyset": str, "key": str, "kid": str, "was_active": bool,
    "channels": [{"name": str, "verified_minutes": int, "others": [str]}], "nobody_can_chat_on": [str],
    "access_tokens_live_minutes": int, "breaks": [str], "outcome": (OUTCOME, None),
    "refused": ({"message": str, "next": str}, None), "declaration_written": TEXT, "by_hand": TEXT, "next": [str],
    "exit_status": int,
}  # fmt: skip
JWKS = {"keys": [Map(object)]}
MINTED = {
    **FORMAT, "environment": str, "keyset": str, "key": TEXT, "token": str, "header": Map(object),
    "claims": Map(object), "warnings": [str],
}  # fmt: skip
INTERCOM = {"intercom_user_jwt": str, "salesforce_identity_token": str, "settings": Map(object)}
EXPLAINED = {
    **FORMAT, "environment": TEXT, "channel": TEXT, "live": bool, "accepted": FLAG,
    "checks": [{"check": CheckId, "status": Status, "message": str, "fix": TEXT}],
    "recognised": ({"kind": str, "message": str, "next": str}, None),
    "notes": [{"note": str, "message": str, "fix": str}], "header": (Map(object), None),
    "claims": (Map(object), None),
}  # fmt: skip
JOURNAL = {
    **FORMAT,
    "entries": [{"id": str, "began": str, "ended": TEXT, "command": str, "environment": str, "org_id": str,
                 "tool_version": str, "declaration_digest": TEXT, "outcome": TEXT, "settled": bool,
                 "deploy_ids": [str],
                 "changes": [{"address": str, "action": str, "restorable": bool, "why_not": TEXT}],
                 "problems": [str], "by": BY, "config": TEXT}],
    "damaged": [{"file": str, "why": str}],
}  # fmt: skip
IMPORTED = {
    **FORMAT, "environment": str, "org": {"id": str, "instance_url": str, "sandbox": FLAG}, "api_version": str,
    "written": [str], "declared": [str],
    "updated": [{"address": str, "path": str, "before": object, "after": object}],
    "left_out": [{"address": str, "reason": str}], "leaks": [{"address": str, "members": [str]}],
    "still_different": [{"address": str, "reason": str, "path": TEXT, "after": object, "declared_at": PLACE}],
    "unmanaged_channels": [str], "external": [str], "next": str,
}  # fmt: skip
EXPORTED = {
    **FORMAT, "environment": str, "api_version": str, "directory": str, "written": [str], "components": [str],
    "deletions": [str], "external": [str], "unchanged": [str],
    "forceignore": Described([str], "Lines to keep the Salesforce CLI away from these components."), "next": str,
}  # fmt: skip
_SIDE = {
    "environment": str, "production": bool, "org": {"id": str, "instance_url": str}, "user_id": str,
    "api_version": str, "declaration_digest": str, "differs": [str], "components": Map(TEXT), "read_at": str,
}  # fmt: skip
PROMOTION = {
    **FORMAT, "verdict": Promoted, "message": str, "next": TEXT, "tool_version": str, "began": str, "ended": TEXT,
    "from": (_SIDE, None), "to": (_SIDE, None), "to_afterwards": (_SIDE, None),
    "steps": [{"step": str, "at": str, "passed": bool, "found": str}],
    "verify": {"asked": bool, "before": [PROOF], "after": [PROOF]}, "apply": (OUTCOME, None), "plan_file": TEXT,
    "by": BY, "digest?": str,
    "exit_status": int,
}  # fmt: skip
_RULE = {
    "id": str, "area": str, "severity": Severity, "what": str, "why": str, "fix": str, "page": str, "wrong": str,
    "right": str,
}  # fmt: skip
_CHECKED = {"check": str, "status": CheckState, "message": str, "next": TEXT}


_VISITS = {"sessions": int, "verified": int, "guests": int, "other": int}
GUESTS = {
    **FORMAT, "environment": str, "time_zone": str, "first_day": str, "today": str, "sees_all": FLAG, "complete": bool,
    "summary": {**_VISITS, "probes": int, "alarms": int},
    "channels": [{"channel": str, "declared": ({"verified", "guests"}, None), **_VISITS,
                  "days": [{"date": str, **_VISITS}], "configurations": [{"configuration": str, "verified": int}],
                  "undeclared_configurations": int}],
    "alarms": [{"alarm": {"guests", "silent", "missing"}, "channel": str, "message": str, "next": str}],
    "notes": [str],
}  # fmt: skip
STATUS = {
    **FORMAT, "read_at": str,
    "environments": [({
        "environment": str, "production": bool, "org": _ORG, "api_version": str, "declaration_digest": str,
        "channels": [{
            "name": str, "owner": str, "state": {"verifies", "no-usable-key", "inactive", "off"},
            "verification": bool, "active": FLAG, "verified_minutes": NUMBER,
            "configurations": [{
                "name": str, "active": bool, "usable": bool, "keyset": TEXT, "issuer": TEXT, "endpoint": TEXT,
                "keys": [{"name": str, "kid": TEXT, "active": bool, "expires": TEXT}]}],
            "deployments": [str],
            "publications": [{"deployment": str, "state": {"current", "behind", "never", "unknown"}, "reason": TEXT}]}],
        "certificates": [{"key": str, "kid": TEXT, "expires": str, "days_left": int,
                          "state": {"expired", "soon", "valid"}, "in_use": bool}],
        "drift": {name: DRIFT[name] for name in ("summary", "drift", "errors", "unreadable")},
        "external": DRIFT["external"],
        "guests": (GUESTS, None), "guests_unknown": TEXT,
    }, FAILED)],
}  # fmt: skip


LOGIN_APPLIED = {
    **OUTCOME, "consumer_keys": Map(TEXT), "written": TEXT, "to_do": [str],
    "proof": {"proven": FLAG, "attempts": int, "seconds": int, "problem": TEXT},
}  # fmt: skip
LOGIN_STATUS = {
    **FORMAT, "environment": str, "org": {"id": str, "instance_url": str}, "good": bool, "next": TEXT,
    "logins": [{"login": str, "app": str, "in_org": bool, "differences": [str], "certificate": TEXT,
                "certificate_expires": TEXT, "user": TEXT, "holders": [str], "changed": TEXT, "consumer_key": TEXT,
                "rotation": TEXT,
                "works": FLAG, "problem": TEXT}],
}  # fmt: skip
_ROTATING_APP = {
    "name": str, "label": str, "in_org": bool, "enabled": FLAG, "changed": TEXT, "differences": [str],
}  # fmt: skip
LOGIN_ROTATED = {
    **FORMAT, "environment": str, "org": {"id": str}, "login": str, "way": Way, "step": LoginStep, "title": str,
    "not_before": TEXT, "new": _ROTATING_APP, "old": (_ROTATING_APP, None), "uses": Side, "fallback": Side,
    "history": ({"since": str, "old": TEXT, "new": TEXT, "users": [str], "problem": TEXT}, None), "done": [str],
    "proof": {"proven": FLAG, "problem": TEXT}, "outcomes": [OUTCOME],
    "refused": [{"code": str, "message": str, "next": str}], "next": [str], "back": TEXT, "exit_status": int,
}  # fmt: skip
PROBED = {
    **FORMAT, "kind": str, "date": str, "tool_version": str,
    "org": {"api_version": str, "is_sandbox": FLAG, "edition": TEXT}, "channel_borrowed": bool, "complete": bool,
    "results": [{"belief": (int, str, None), "experiment": str, "question": str, "settled": bool, "side": TEXT,
                 "means": TEXT, "detail": TEXT, "reason": TEXT, "steps": [{"did": str, "answered": str}]}],
}  # fmt: skip


def _several(*one: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return one environment, or several, each with its result or its error."""
    return *one, {**FORMAT, "environments": [(*one, FAILED)]}


SETTINGS = {"OrganizationId": str, "DeveloperName": str, "Url": str}
#: The shape of each command's JSON, by the command's words. Any command prints FAILURE if it fails.
OUTPUTS: dict[str, Any] = {
    "validate": {**FORMAT, "findings": [FINDING], "summary": {"errors": int, "warnings": int}},
    "plan": _several(PLAN, OFFLINE_PLAN),
    "show": SAVED_PLAN,
    "apply": OUTCOME,
    "restore": (OUTCOME, JOURNAL),
    "drift": _several(DRIFT),
    "status": STATUS,
    "guests": GUESTS,
    "probe": (PROBED, {**FORMAT, "cleaned": [str]}),
    "login plan": PLAN,
    "login apply": LOGIN_APPLIED,
    "login status": LOGIN_STATUS,
    "login rotate": LOGIN_ROTATED,
    "login retire": LOGIN_ROTATED,
    "verify": (PROOF, {**FORMAT, "verified": bool, "channels": [(PROOF, {"channel": str, "error": ERROR})]}),
    "import": IMPORTED,
    "export": EXPORTED,
    "promote": PROMOTION,
    "envs": {**FORMAT, "environments": [{"name": str, "valid": bool,
                                         "production": Described(FLAG, "null: the file has errors, so it is unknown"),
                                         "embedded": bool, "sf_org": TEXT, "login_url": TEXT, "org_id": TEXT,
                                         "file": str}],
             "findings": [FINDING]},
    "render": (
        {**FORMAT, "environment": TEXT, "declaration": object, "origins": Map(TEXT)},
        {**FORMAT, "environment": str, "deployment": str, "type": DeploymentType, "org_id": str, "chat_url": str,
         "site_url": TEXT, "settings": (SETTINGS, None), "code": str,
         "reservation": str},
    ),
    "keys generate": GENERATED,
    "keys rotate": (ROTATED, ROTATIONS, REVOKED),
    "keys inspect": INSPECTED,
    "keys expiring": EXPIRING,
    "keys jwks": JWKS,
    "token mint": (MINTED, INTERCOM),
    "token explain": EXPLAINED,
    "diagnose login": LOGIN,
    "diagnose paste": LOGIN,
    "diagnose chat": CHAT,
    "diagnose key": KEY,
    "diagnose endpoint": ENDPOINT,
    "rules": ({**FORMAT, "rules": [_RULE]}, {**FORMAT, "rule": _RULE}),
    "localorg start": {"url": str, "chat_url": str, "ca_bundle": str, "org_id": str, "username": str,
                       "consumer_key?": str, "private_key_file": str, "admin_username?": str, "admin_token_file?": str,
                       "audience?": str},
    "localorg stop": {**FORMAT, "stopped": bool},
    "localorg reset": {**FORMAT, "reset": bool},
    "localorg status": {**FORMAT, "directory": str, "running": bool, "url": TEXT, "org_id": TEXT, "username": TEXT,
                        "components": Map(int), "deployments": int,
                        "faults": [{"name": str, "argument": TEXT, "what": str}], "log": str},
    "localorg break": ({**FORMAT, "faults": Map(str)}, {**FORMAT, "broken": str}),
    "localorg mend": {**FORMAT, "mended": TEXT},
    "init": {**FORMAT, "directory": str, "written": [str], "next": [str]},
    "doctor": {**FORMAT, "healthy": bool, "checks": [_CHECKED]},
    "version": {**FORMAT, "version": str},
}  # fmt: skip
