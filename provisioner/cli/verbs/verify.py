"""``provisioner verify``: the proof, at the chat runtime, that customers are not guests."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.endpoints import add_endpoint_options
from provisioner.cli.prepare import prepare
from provisioner.cli.verifying import Asked, verify

DESCRIPTION = """Prove at the chat runtime that customers are not guests.

A token for a throw-away subject (uv-probe-…) is exchanged for an access token, whose subject must be exactly
v2/iamessage/AUTH/<configuration>/uid:<subject>; the same token with a broken signature must not be accepted; then
the access token is revoked. At most six requests are sent, and each is shown. A private key signs here, and goes
nowhere."""
EPILOG = """examples:
  provisioner verify --env sandbox --channel Web_Chat --deployment Shop_Web --key-file ~/.secrets/signer.key
  provisioner verify --env sandbox --channel Web_Chat --deployment Shop_Web --token -

--channel, --deployment and --key-file may stand under `verify:` in the environment file.
Ends with 0 where it is proven, 1 where it is not, 4 where the chat host is out of reach."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", metavar="C", help="the messaging channel's API name")
    parser.add_argument("--deployment", metavar="D", help="the Embedded Service deployment's API name")
    signing = parser.add_mutually_exclusive_group()
    signing.add_argument("--key-file", metavar="FILE", type=Path, help="the private key (PEM) of a declared key")
    signing.add_argument("--token", metavar="FILE|-", help="a token made elsewhere, for a subject uv-probe-…")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", metavar="NAME", help="the declared key that the private key must belong to")
    which.add_argument("--kid", metavar="K", help="the same, by kid")
    parser.add_argument("--configuration", metavar="N", help="the Configuration Name that must verify the token")
    parser.add_argument(
        "--endpoint", choices=("auto", "v1", "v2"), default="auto",
        help="the token endpoint (default: auto, what the deployment's type takes)",
    )  # fmt: skip
    add_endpoint_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    prepared = prepare(context, context.one_environment())
    asked = Asked(
        channel=arguments.channel,
        deployment=arguments.deployment,
        key_file=arguments.key_file,
        token=arguments.token,
        key=arguments.key,
        kid=arguments.kid,
        configuration=arguments.configuration,
        endpoint=None if arguments.endpoint == "auto" else arguments.endpoint,
    )
    proof, probed = verify(context, prepared, asked)
    from provisioner.report.verify_json import exit_status, verify_json

    if context.wants_json:
        context.json(verify_json(proof, probed))
    else:
        from provisioner.report.verify_terminal import verify_terminal

        context.stdout(verify_terminal(proof, probed, context.style))
    return exit_status(proof)
