"""The options of ``token mint``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from provisioner.cli.options import add_endpoint_options, whole

if TYPE_CHECKING:
    from provisioner.workflows.mint import MintOptions

#: Ten years: a longer lifetime is a mistake.
_TTL = whole(1, 10 * 365 * 24 * 3600, "must be a whole number of seconds from 1 to {most}")


def add_mint(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--keyset", metavar="S", required=True, help="the declared keyset that must verify the token")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", metavar="NAME", help="the declared key that the private key must belong to")
    which.add_argument("--kid", metavar="K", help="the same, by kid; needed for a keyset with an endpoint")
    parser.add_argument("--key-file", metavar="FILE", required=True, help="the private key; - for standard input")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable that holds the private key's passphrase")
    parser.add_argument("--sub", metavar="SUB", help="subject of the token: the stable id of the customer")
    parser.add_argument("--ttl", metavar="SECONDS", type=_TTL, help="lifetime of the token (default: 300)")
    parser.add_argument("--aud", metavar="A", help="an audience; nothing is known to check it")
    parser.add_argument(
        "--claim", metavar="N=V", action="append", default=[], help="a further claim: N=TEXT, or N:=JSON; repeatable"
    )
    parser.add_argument("--yes", action="store_true", help="allow a lifetime over a day and a token that cannot verify")
    endpoint = parser.add_argument_group("a keyset with an endpoint")
    endpoint.add_argument(
        "--check-endpoint", action="store_true", help="compare the key with those that the endpoint serves"
    )
    endpoint.add_argument("--algorithm", choices=("RS256", "RS512"), help="default: the served key's, else RS256")
    add_endpoint_options(parser)
    preset = parser.add_argument_group("Fin Messenger")
    preset.add_argument("--preset", choices=("intercom",), help="both tokens, and intercomSettings")
    preset.add_argument("--intercom-secret-file", metavar="F", help="Intercom's Messenger API Secret; - for stdin")
    preset.add_argument("--user-id", metavar="U", help="the logged-in user; also sub, unless --sub is given")
    preset.add_argument("--app-id", metavar="A", help="the Intercom workspace id")
    preset.add_argument("--api-base", metavar="URL", help="needed if the workspace is not in the United States")


def mint_options(arguments: argparse.Namespace) -> MintOptions:
    """Return the parsed options. Raises :class:`UsageError`, :class:`RefusedError`."""
    from provisioner.workflows.intercom_token import intercom_options
    from provisioner.workflows.mint import MintOptions, parse_claims
    from provisioner.workflows.signing import SigningRequest

    return MintOptions(
        signer=SigningRequest(
            keyset=arguments.keyset,
            key_file=arguments.key_file,
            key=arguments.key,
            kid=arguments.kid,
            algorithm=arguments.algorithm,
            passphrase_variable=arguments.passphrase_env,
            check_endpoint=arguments.check_endpoint,
        ),
        claims=parse_claims(arguments.claim),
        intercom=intercom_options(
            wanted=arguments.preset is not None,
            secret_file=arguments.intercom_secret_file,
            user_id=arguments.user_id,
            app_id=arguments.app_id,
            api_base=arguments.api_base,
        ),
        subject=arguments.sub,
        ttl=arguments.ttl,
        audience=arguments.aud,
        yes=arguments.yes,
    )
