"""What can go wrong between us and an org, as types.

Three kinds matter. An :class:`AttemptFailed` may go better the next time. An :class:`OrgFault` is the org's
considered no. A :class:`SessionEnded` is cured once by a new login. Everything else is already an error for the person.
"""

from __future__ import annotations

from provisioner.errors import OrgRefusedError, ProvisionerError, UnreachableError

#: The org's codes that mean "not now".
_NOT_NOW = frozenset({"REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW", "TXN_SECURITY_METERING_ERROR"})
#: The org's codes that mean that the org itself is not well.
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
    """One attempt failed, and another may not. ``verdict`` is what to raise when there is no other.

    ``lost`` is true where the org may have carried out the request all the same: only the answer is missing.
    ``seconds`` is how long the answer asks to wait before the next attempt.
    """

    seconds: float = 0.0

    def __init__(self, verdict: ProvisionerError, *, lost: bool = False) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict
        self.lost = lost


class OrgFault(OrgRefusedError):
    """The org said no to one request. ``fault_code`` and ``text`` are its own words."""

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
        """What the org said, code first."""
        return f"{self.fault_code}: {self.text}"


class SessionEnded(OrgFault):
    """The session is not, or no longer, accepted; the request was not carried out."""


def org_says_no(fault_code: str, text: str, *, request: str) -> Exception:
    """The exception that fits the org's code: retried, cured by a login, or final."""
    fault = OrgFault(fault_code, text, request=request)
    if fault_code == "INVALID_SESSION_ID":
        return SessionEnded(fault_code, text, request=request)
    if fault_code in _OUT_OF_SERVICE:
        return AttemptFailed(UnreachableError(f"The org is out of service ({fault.words}).", next=_RUN_AGAIN))
    if fault_code in _NOT_NOW:
        return AttemptFailed(fault)
    return fault


def not_understood(host: str, status: int, body: str, *, request: str) -> Exception:
    """For an answer that is neither the API's nor an error of the API: HTML, nothing, half of something.

    It is lost rather than refused: a gateway may have spoken where the org had already acted.
    """
    seen = (
        "an empty answer"
        if not body.strip()
        else f"{'a web page' if _is_html(body) else 'text'} that is not from the API"
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
    """For an answer that points elsewhere: not followed, for it could carry the session to another host."""
    return UnreachableError(
        f"{host} answered {request} with HTTP {status}, a redirect to {location or 'nowhere'}, "
        "and redirects are not followed, because they could send the session to another host.",
        next="Use the org's own My Domain (https://NAME.my.salesforce.com) as login_url.",
        code="redirected",
    )


def page_title(body: str) -> str:
    """The title of a web page, in at most 120 characters; empty where there is none."""
    lowered = body.lower()
    start, end = lowered.find("<title>"), lowered.find("</title>")
    return " ".join(body[start + 7 : end].split())[:120] if 0 <= start < end else ""


def _is_html(body: str) -> bool:
    return body.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<head", "<body", "<h1"))
