"""Asking the JWKS endpoints of keysets: the one door for every command that looks at one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.errors import UnreachableError
from provisioner.workflows.console import Console, Given

if TYPE_CHECKING:
    from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis
    from provisioner.model.jwk import Jwk


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


def ask_for_keys(console: Console, url: str, *, ca_bundle: Path | None = None) -> EndpointDiagnosis:
    """Ask an endpoint for its keys; print what may keep Salesforce from them as notes."""
    from provisioner.report.endpoint_terminal import without_credentials

    console.say(f"Asking {without_credentials(url)}.")
    diagnosis = ask_endpoint(console, url, ca_bundle=ca_bundle)
    for note in diagnosis.notes:
        console.say(f"Note: {note.message} {note.fix}")
    return diagnosis


def served_keys(console: Console, keyset: str, url: str, *, ca_bundle: Path | None = None) -> tuple[Jwk, ...]:
    """Return the keys that a keyset's endpoint serves. Raises :class:`UnreachableError` if there are none."""
    from provisioner.report.endpoint_terminal import without_credentials

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
