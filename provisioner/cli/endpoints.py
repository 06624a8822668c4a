"""Asking the JWKS endpoints of keysets: the one door for every command that looks at one."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.errors import UnreachableError

if TYPE_CHECKING:
    from provisioner.keys.endpoint_diagnosis import EndpointDiagnosis
    from provisioner.model.jwk import Jwk


def add_endpoint_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that asks JWKS endpoints."""
    group = parser.add_argument_group("JWKS endpoints")
    group.add_argument(
        "--allow-private", action="store_true", help="also request endpoints on private and loopback addresses"
    )
    group.add_argument(
        "--ca-bundle",
        metavar="F",
        type=Path,
        help="private CA for endpoints (PEM), in addition to the public ones (default: the environment's ca_bundle)",
    )


def given_endpoint_options(arguments: argparse.Namespace) -> str:
    """Return the endpoint options that were given, for the commands that a message recommends."""
    private = " --allow-private" if arguments.allow_private else ""
    return private + (f" --ca-bundle {shlex.quote(str(arguments.ca_bundle))}" if arguments.ca_bundle else "")


def ask_endpoint(
    context: Context, url: str, *, ca_bundle: Path | None = None, kid: str | None = None
) -> EndpointDiagnosis:
    """Ask one endpoint and judge its answer. ``ca_bundle`` is the environment's; the command line's wins."""
    from provisioner.keys.endpoint_diagnosis import judge_endpoint
    from provisioner.org.jwks_endpoint import fetch

    arguments = context.arguments
    answer = fetch(
        url,
        allow_private=arguments.allow_private,
        ca_bundle=arguments.ca_bundle or ca_bundle,
        timeout=arguments.timeout,
    )
    return judge_endpoint(url, answer, context.now, kid)


def ask_for_keys(context: Context, url: str, *, ca_bundle: Path | None = None) -> EndpointDiagnosis:
    """Ask an endpoint for its keys; print what may keep Salesforce from them as notes."""
    from provisioner.report.endpoint_terminal import without_credentials

    context.stderr(f"Asking {without_credentials(url)}.")
    diagnosis = ask_endpoint(context, url, ca_bundle=ca_bundle)
    for note in diagnosis.notes:
        context.stderr(f"Note: {note.message} {note.fix}")
    return diagnosis


def served_keys(context: Context, keyset: str, url: str, *, ca_bundle: Path | None = None) -> tuple[Jwk, ...]:
    """Return the keys that a keyset's endpoint serves. Raises :class:`UnreachableError` if there are none."""
    from provisioner.report.endpoint_terminal import without_credentials

    diagnosis = ask_for_keys(context, url, ca_bundle=ca_bundle)
    problem, url = diagnosis.problem, without_credentials(url)
    if diagnosis.keys or problem is None:
        return diagnosis.jwks
    command = f"provisioner diagnose endpoint {shlex.quote(url)}{given_endpoint_options(context.arguments)}"
    raise UnreachableError(
        f"The endpoint {url} of keyset.{keyset} returned no keys to compare with the private key, so nothing was "
        f"signed. "
        f"{problem.message}",
        next=f"{problem.fix} Run `{command}` for details.",
        code="endpoint-unreachable",
    )
