"""``provisioner keys jwks``: the set of keys that an endpoint of one's own should serve."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, InputError

if TYPE_CHECKING:
    from provisioner.declaration.load import Loaded

FORMATS = ("json",)
DESCRIPTION = """Print the JWKS (RFC 7517) of a declared keyset, exactly as your own endpoint should serve it. It
holds the public members of the active keys. The command contacts no org."""
EPILOG = """examples:
  provisioner keys jwks storefront > jwks.json
  provisioner keys jwks storefront --env production > jwks.json"""
_ADVICE = (
    "Serve it over https without authentication or redirects, as application/json with `Cache-Control: public, "
    "max-age=300`. Publish a new key for longer than that before signing with it, and keep an old one until its last "
    "token has expired. Salesforce does not document how long it caches a JWKS. "
    "Then: provisioner diagnose endpoint URL"
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keyset", metavar="KEYSET", help="a declared keyset that lists its keys")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.jose.certificates import DATE_RULES
    from provisioner.workflows.load_checked import DefectsError, load_checked

    name = context.one_environment() if context.env_option is not None else None
    loaded, checked = load_checked(context, name)
    names = _keys(arguments.keyset, loaded)
    about = {f"keyset.{arguments.keyset}", *(f"key.{key}" for key in names)}
    findings = [each for each in checked.findings if each.address in about]
    errors = [each for each in findings if each.is_error and each.rule not in DATE_RULES and _matters(each.rule)]
    if errors:
        raise DefectsError(f"The keyset {arguments.keyset}", name, errors)
    served = []
    for key in names:
        jwk = checked.derivations[key].jwk if key in checked.derivations else None
        if not loaded.estate.keys[key].active:
            context.say(f"Left out: {key}, which is not active.")
        elif jwk is None:
            raise InputError(
                f"The key {key} cannot be read without an environment.",
                next="Name one with --env: its file name comes from a variable.",
            )
        else:
            served.append(jwk.members())
    if not served:
        raise InputError(
            f"The keyset {arguments.keyset} has no active key: no token would verify.",
            next="Add one with `provisioner keys generate`, or set one to active.",
            code="keyset-only-inactive-keys",
        )
    for finding in findings:
        if finding.rule in DATE_RULES:
            context.say(f"Warning: {finding.message} {finding.fix}")
    context.stdout(json.dumps({"keys": served}, indent=2, ensure_ascii=False))
    context.say("\n".join(context.talk_style.lines(_ADVICE)))
    return ExitStatus.DONE


def _matters(rule: str) -> bool:
    """Whether a rule is about the keys: who issues the tokens is no part of a JWKS."""
    return not rule.startswith(("issuer-", "keyset-issuer-"))


def _keys(name: str, loaded: Loaded) -> list[str]:
    from provisioner.model.estate import Endpoint, UploadedKeys
    from provisioner.report.endpoint_terminal import without_credentials
    from provisioner.workflows.declared_keyset import declared_keyset, refuse_external_keys

    keyset = declared_keyset(loaded.estate, name)
    refuse_external_keys(loaded.estate, keyset)  # their JWKs are not known here, and a part is not the set
    if isinstance(keyset.source, Endpoint):
        url = without_credentials(keyset.source.url)
        raise InputError(
            f"The keyset {name} names the endpoint {url} and lists no keys of its own.",
            next="Declare a keyset that lists under `keys` the keys for that endpoint, and name that keyset.",
            code="keyset-is-endpoint",
        )
    listed = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
    return [key for key in listed if key in loaded.estate.keys]
