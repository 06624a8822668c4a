"""The proof of a login: a token, one request to the REST API, and one to the Metadata API, all with a new session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioner.errors import LoginError, OrgRefusedError, ProvisionerError
from provisioner.salesforce import Org
from provisioner.salesforce.clock import SYSTEM_CLOCK, Clock
from provisioner.workflows.console import Console

if TYPE_CHECKING:
    from provisioner.diagnosis.catalogue import KnownText
    from provisioner.salesforce import LoginSettings

#: Seconds between two attempts while a change may not be known everywhere in the org.
PAUSE_SECONDS = 30.0
#: Logins in a row that prove a changed app: in the time of a change, an org may answer by the old and the new in turn.
ROW, BETWEEN_SECONDS = 3, 1.0
#: Answers that a change which is not known everywhere was seen to give, beside those of the catalogue.
_ALSO_PASSING = frozenset(("F02", "F10a", "F12"))


@dataclass(frozen=True, slots=True)
class Proof:
    """``error`` is why the login is not proven; None if it is. ``waited`` is in seconds."""

    attempts: int
    waited: float
    error: ProvisionerError | None = None

    @property
    def is_proven(self) -> bool:
        return self.error is None


def prove_login(
    console: Console, settings: LoginSettings, *, minutes: float, changed: bool, clock: Clock = SYSTEM_CLOCK
) -> Proof:
    """Log in, use the session, and return the proof.

    With ``changed``, several logins in a row must work, and they are tried again for ``minutes``.
    """
    began, attempts = clock.monotonic(), 0
    error: ProvisionerError | None = None
    said = ""
    while True:
        for number in range(ROW if changed else 1):
            clock.sleep(BETWEEN_SECONDS if number else 0.0)
            attempts += 1
            error = _failure(settings, clock)
            if error is not None:
                break
        waited = clock.monotonic() - began
        if error is None:
            return Proof(attempts, waited)
        if not (changed and _may_pass(error)) or waited + PAUSE_SECONDS > minutes * 60:
            return Proof(attempts, waited, error)
        if (words := _words(error)) != said:
            said = words
            console.say(
                f"The login does not work yet ({words}); a change of an app takes up to 15 minutes. Trying again every "
                f"{PAUSE_SECONDS:.0f} seconds.{_advice(error, settings)}"
            )
        else:
            console.say(f"The same answer after {waited:.0f} seconds.")
        clock.sleep(PAUSE_SECONDS)


def _failure(settings: LoginSettings, clock: Clock) -> ProvisionerError | None:
    try:
        org = Org.connect(replace(settings, fallback=None), clock=clock)
        if not org.query("SELECT Id FROM Organization"):
            raise OrgRefusedError("The org returned no record of itself.", next="Check the permissions of the user.")
        org.offered_types()
    except ProvisionerError as error:
        return error
    return None


def known_answer(error: ProvisionerError) -> KnownText | None:
    """Return the catalogue's row for the token endpoint's answer; None for an unknown answer or another error."""
    from provisioner.diagnosis.login.texts import known_text  # the catalogue of causes

    server = error.server if isinstance(error, LoginError) else None
    if server is None:
        return None
    return known_text(str(server.get("error") or ""), str(server.get("error_description") or ""))


def _may_pass(error: ProvisionerError) -> bool:
    known = known_answer(error)
    return known is not None and (known.propagates or known.id in _ALSO_PASSING)


def _advice(error: ProvisionerError, settings: LoginSettings) -> str:
    """Return a sentence about an audience with which no waiting may help; empty if the audience is the org's own."""
    from provisioner.diagnosis.login.evidence import Configured

    known = known_answer(error)
    names_generic_host = Configured(audience=settings.audience).audience_is_generic
    if known is None or "eca-needs-my-domain" not in dict(known.causes) or not names_generic_host:
        return ""
    return (
        f" The audience is {settings.audience}, and an org may know an external client app only by its own My Domain: "
        f"if it stays so, write that as login_url of {settings.environment}, and remove audience."
    )


def _words(error: ProvisionerError) -> str:
    server = error.server if isinstance(error, LoginError) else None
    if not server:
        return error.message
    return ": ".join(str(server[name]) for name in ("error", "error_description") if server.get(name))
