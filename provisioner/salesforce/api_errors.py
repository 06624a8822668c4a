"""Failures of requests to an org, as types.

An :class:`AttemptFailed` may succeed the next time. An :class:`OrgFault` is the org's final refusal. A
:class:`SessionEnded` needs one new login. Every other error is already one for the user.
"""

from __future__ import annotations

from provisioner.errors import OrgRefusedError, ProvisionerError, UnreachableError

#: The org's codes that mean "not now".
_NOT_NOW = frozenset({"REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW", "TXN_SECURITY_METERING_ERROR"})
#: The org's codes for a failure of the org itself.
_OUT_OF_SERVICE = frozenset({"SERVER_UNAVAILABLE", "SERVICE_UNAVAILABLE", "ORG_IN_MAINTENANCE", "ORG_LOCKED"})

_API_ENABLED = "Give the user the permission API Enabled (in the profile or a permission set)."
_ALL_PERMISSIONS = (
    "Give the user, in a permission set: API Enabled, Modify Metadata Through Metadata API Functions, "
    "Configure Messaging, View Setup and Configuration."
)
_VERSION = "Remove api_version from the environment file, or set one that the org offers."
_NEXT = {
    "API_CURRENTLY_DISABLED": _API_ENABLED,
    "API_DISABLED_FOR_ORG": "The org's edition has no API, or the user lacks the permission API Enabled: check both.",
    "INSUFFICIENT_ACCESS": _ALL_PERMISSIONS,
    "INSUFFICIENT_ACCESS_OR_READONLY": _ALL_PERMISSIONS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _ALL_PERMISSIONS,
    "INVALID_TYPE": _ALL_PERMISSIONS,
    "UNSUPPORTED_API_VERSION": _VERSION,
    "REQUEST_LIMIT_EXCEEDED": "Wait until other integrations use the API less (Setup > System Overview shows the use), "
    "and run the command again.",
    "UNABLE_TO_LOCK_ROW": "Another change holds the record; run the command again in a minute.",
}
_RUN_AGAIN = "Run the command again in a minute; https://status.salesforce.com shows incidents."


class AttemptFailed(Exception):
    """One attempt failed, and another may succeed. ``verdict`` is the error to raise if there is no other.

    ``lost`` is true if the org may have executed the request and only the answer is missing. ``seconds`` is the waiting
    time that the answer requests.
    """

    seconds: float = 0.0

    def __init__(self, verdict: ProvisionerError, *, lost: bool = False) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict
        self.lost = lost


class OrgFault(OrgRefusedError):
    """The org refused one request. ``fault_code`` and ``text`` are its own words."""

    def __init__(self, fault_code: str, text: str, *, request: str, next: str | None = None) -> None:
        super().__init__(
            f"The org refused {request}: {fault_code}: {text}",
            next=next
            or _NEXT.get(
                fault_code, "Look up the code in Salesforce's API documentation; -vv prints the requests and responses."
            ),
            code="org-refused",
        )
        self.fault_code = fault_code
        self.text = text

    @property
    def words(self) -> str:
        """Return the org's message, code first."""
        return f"{self.fault_code}: {self.text}"

    @property
    def is_temporary(self) -> bool:
        """Return whether the org refuses the request only for now."""
        return self.fault_code in _NOT_NOW


class SessionEnded(OrgFault):
    """The org does not accept the session, or no longer; the request was not executed."""


def org_says_no(fault_code: str, text: str, *, request: str) -> Exception:
    """Return the exception for the org's code: retried, solved by a login, or final."""
    fault = OrgFault(fault_code, text, request=request)
    if fault_code == "INVALID_SESSION_ID":
        return SessionEnded(fault_code, text, request=request)
    if fault_code in _OUT_OF_SERVICE:
        return AttemptFailed(UnreachableError(f"The org is out of service ({fault.words}).", next=_RUN_AGAIN))
    if fault_code in _NOT_NOW:
        return AttemptFailed(fault)
    return fault


def not_understood(host: str, status: int, body: str, *, request: str) -> Exception:
    """Return the exception for an answer that is not one of the API: HTML, nothing, a part of something.

    The request counts as lost, not refused: a gateway may have answered after the org had acted.
    """
    seen = (
        "an empty answer"
        if not body.strip()
        else f"{'a web page' if is_html(body) else 'text'} that is not from the API"
    )
    title = page_title(body)
    said = f"{seen} ({title})" if title else seen
    return AttemptFailed(
        UnreachableError(
            f"{host} answered {request} with HTTP {status} and {said}.",
            next=_RUN_AGAIN
            if status >= 500 or status == 429
            else "Check login_url and any proxy between this machine and Salesforce; -vv prints the response.",
        ),
        lost=True,
    )


def redirected(host: str, status: int, location: str, *, request: str) -> UnreachableError:
    """Return the error for a redirect: it is not followed, because it could send the session to another host."""
    return UnreachableError(
        f"{host} answered {request} with HTTP {status}, a redirect to {location or 'nowhere'}, "
        "and redirects are not followed, because they could send the session to another host.",
        next="Use the org's own My Domain (https://NAME.my.salesforce.com) as login_url.",
        code="redirected",
    )


def page_title(body: str) -> str:
    """Return the title of a web page, in at most 120 characters; empty if there is none."""
    lowered = body.lower()
    start, end = lowered.find("<title>"), lowered.find("</title>")
    return " ".join(body[start + 7 : end].split())[:120] if 0 <= start < end else ""


def is_html(body: str) -> bool:
    """Return whether an answer is a web page."""
    return body.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<head", "<body", "<h1"))
