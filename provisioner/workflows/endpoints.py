"""Requests to the JWKS endpoints of keysets, for every command that looks at one."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from provisioner.errors import UnreachableError
from provisioner.model.identity_providers import provider_of
from provisioner.report.visible import without_credentials
from provisioner.workflows.console import Console, Given

if TYPE_CHECKING:
    from provisioner.jose.endpoint_diagnosis import Description, EndpointDiagnosis
    from provisioner.jose.jwks_answer import JwksAnswer
    from provisioner.model.jwk import Jwk

_OK = 200
_WELL_KNOWN = ".well-known"


def given_endpoint_options(given: Given) -> str:
    """Return the endpoint options that were given, for the commands that a message recommends."""
    private = " --allow-private" if given.allow_private else ""
    return private + (f" --ca-bundle {shlex.quote(str(given.ca_bundle))}" if given.ca_bundle else "")


def ask_endpoint(
    console: Console, url: str, *, ca_bundle: Path | None = None, kid: str | None = None
) -> EndpointDiagnosis:
    """Ask one endpoint and judge its answer. ``ca_bundle`` is the environment's; the command line's wins."""
    from provisioner.jose.endpoint_diagnosis import judge_endpoint
    from provisioner.salesforce.jwks_endpoint import fetch

    given = console.given
    answer = fetch(
        url, allow_private=given.allow_private, ca_bundle=given.ca_bundle or ca_bundle, timeout=given.timeout
    )
    return judge_endpoint(url, answer, console.now, kid)


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """The diagnosis of an address, and of the keys that it leads to.

    ``followed`` is the JWKS that the issuer's description names; None if the address is no issuer's. ``keyset`` is what
    to declare for it; None if the issuer does not say its name.
    """

    diagnosis: EndpointDiagnosis
    followed: EndpointDiagnosis | None = None
    keyset: Description | None = None


def report_endpoint(console: Console, url: str, kid: str | None = None) -> EndpointReport:
    """Diagnose an address; follow the description of an issuer to its keys."""
    diagnosis = ask_endpoint(console, url, kid=kid)
    if diagnosis.answer_good or diagnosis.answer is None:
        return EndpointReport(diagnosis)
    found = _description(console, url, diagnosis.answer)
    if found is None or found.jwks_uri == url:
        return EndpointReport(diagnosis)
    named = found.issuer is not None and "{" not in found.issuer
    return EndpointReport(diagnosis, ask_endpoint(console, found.jwks_uri, kid=kid), found if named else None)


def _description(console: Console, url: str, answer: JwksAnswer) -> Description | None:
    """Return the description in the answer, else the one that the issuer of this address publishes."""
    from provisioner.jose.endpoint_diagnosis import Description, description_of

    found = description_of(answer)
    if found is not None:
        return found
    owner = provider_of(issuer=url)
    known = owner.jwks_of(url) if owner is not None else None
    if known is not None:
        return Description(url, known)
    path = urlsplit(url).path
    if _WELL_KNOWN in path:
        return None
    asked = ask_endpoint(console, f"{url.rstrip('/')}/{_WELL_KNOWN}/openid-configuration")
    return description_of(asked.answer) if asked.answer is not None and asked.answer.status == _OK else None


def ask_for_keys(console: Console, url: str, *, ca_bundle: Path | None = None) -> EndpointDiagnosis:
    """Ask an endpoint for its keys; print what may keep Salesforce from them as notes."""
    console.say(f"Asking {without_credentials(url)}.")
    diagnosis = ask_endpoint(console, url, ca_bundle=ca_bundle)
    for note in diagnosis.notes:
        console.say(f"Note: {note.message} {note.fix}")
    return diagnosis


def served_keys(console: Console, keyset: str, url: str, *, ca_bundle: Path | None = None) -> tuple[Jwk, ...]:
    """Return the keys that a keyset's endpoint serves. Raises :class:`UnreachableError` if there are none."""
    diagnosis = ask_for_keys(console, url, ca_bundle=ca_bundle)
    problem, url = diagnosis.problem, without_credentials(url)
    if diagnosis.keys or problem is None:
        return diagnosis.jwks
    command = f"provisioner diagnose endpoint {shlex.quote(url)}{given_endpoint_options(console.given)}"
    raise UnreachableError(
        f"The endpoint {url} of keyset.{keyset} returned no keys to compare with the private key, so nothing was "
        f"signed. "
        f"{problem.message}",
        next=f"{problem.fix} Run `{command}` for details.",
        code="endpoint-unreachable",
    )
