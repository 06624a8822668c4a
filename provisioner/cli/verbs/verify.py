"""``provisioner verify``: the proof, at the chat runtime, that customers are not guests."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.options import add_chat_hosts, add_endpoint_options, add_target_org

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Prove at the chat runtime that customers are not guests.

A token for a throw-away subject (uv-probe-…) is exchanged for an access token, whose subject must be exactly
v2/iamessage/AUTH/<configuration>/uid:<subject>; the same token with a broken signature must not be accepted; then
the access token is revoked. At most six requests are sent, and each is shown. The private key signs on this machine
and is not sent."""
EPILOG = """examples:
  provisioner verify --env sandbox --channel Web_Chat --deployment Shop_Web \\
      --key-file ~/.secrets/signer.key
  provisioner verify --env sandbox --channel Web_Chat --deployment Shop_Web \\
      --token -
  provisioner verify --env sandbox

Without --channel, every channel under `verify:` in the environment file is proven; the file may name each channel's
deployment and key_file. Exits with 0 if it is proven, 1 if it is not, 4 if the chat host is out of reach; with several
channels, the worst of them."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", metavar="C", help="the channel's API name (default: all under `verify:`)")
    parser.add_argument("--deployment", metavar="D", help="the Embedded Service deployment's API name")
    signing = parser.add_mutually_exclusive_group()
    signing.add_argument("--key-file", metavar="FILE", type=Path, help="the private key of a declared key")
    signing.add_argument("--token", metavar="FILE|-", help="a token from another signer, for a subject uv-probe-…")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of the private key")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", metavar="NAME", help="the declared key that the private key must belong to")
    which.add_argument("--kid", metavar="K", help="the same, by kid")
    parser.add_argument("--configuration", metavar="N", help="the Configuration Name that must verify the token")
    parser.add_argument(
        "--endpoint", choices=("auto", "v1", "v2"), default="auto",
        help="the token endpoint (default: auto, by the type of the deployment)",
    )  # fmt: skip
    add_endpoint_options(parser)
    add_chat_hosts(parser)
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.verify import status_of, verified_json, verified_suites, verified_view
    from provisioner.workflows.side_by_side import worst
    from provisioner.workflows.verify import VerifyRequest, verify_asked

    asked = VerifyRequest(
        channel=arguments.channel,
        deployment=arguments.deployment,
        key_file=arguments.key_file,
        token=arguments.token,
        key=arguments.key,
        kid=arguments.kid,
        configuration=arguments.configuration,
        endpoint=None if arguments.endpoint == "auto" else arguments.endpoint,
        passphrase_variable=arguments.passphrase_env,
    )
    results = verify_asked(context, context.one_environment(), asked)
    context.show(lambda: verified_view(results), lambda: verified_json(results), junit=lambda: verified_suites(results))
    return worst(status_of(result) for _, result in results)
