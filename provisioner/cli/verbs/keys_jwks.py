"""``provisioner keys jwks``: the set of keys that an endpoint of one's own should serve."""

from __future__ import annotations

import argparse
import json

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.workflows.declared_keyset import jwks_of

_ADVICE = (
    "Serve it over https without authentication or redirects, as application/json with `Cache-Control: public, "
    "max-age=300`. Publish a new key for longer than that before signing with it, and keep an old one until its last "
    "token has expired. Salesforce does not document how long it caches a JWKS. "
    "Then: provisioner diagnose endpoint URL"
)


def run(arguments: argparse.Namespace, context: Context) -> int:
    name = context.one_environment() if context.env_option is not None else None
    served = jwks_of(context, arguments.keyset, name)
    context.stdout(json.dumps({"keys": served}, indent=2, ensure_ascii=False))
    context.say("\n".join(context.talk_style.lines(_ADVICE)))
    return ExitStatus.DONE
