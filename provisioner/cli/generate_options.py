"""The options of ``keys generate``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from provisioner.cli.options import whole

if TYPE_CHECKING:
    from provisioner.workflows.generate_key import GenerateOptions

SIGNING_DAYS = 365
LOGIN_DAYS = 730
_BITS = whole(2048, 4096, "must be a number of bits from 2048 to 4096, in whole octets", step=8)
_VALIDITY = whole(11, 7300, "must be from 11 to 7300: Salesforce refuses a certificate that expires within ten days")


def add_generate(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("name", metavar="NAME", help="the API name of the key; with --login, the name of the files")
    parser.add_argument(
        "--login", action="store_true", help="create the key pair that provisioner logs in to an org with"
    )
    parser.add_argument(
        "--kid", metavar="K", help="the key id in the header of the tokens (default: NAME, with dashes)"
    )
    parser.add_argument("--keyset", metavar="S", help="also list the key in this keyset of the declaration")
    parser.add_argument(
        "--algorithm", choices=("RS256", "RS512"), help="the algorithm that signs the tokens (default: RS256)"
    )
    parser.add_argument(
        "--from", dest="source", metavar="FILE", help="use this private key instead of a new one; - for standard input"
    )
    parser.add_argument("--private-key", metavar="FILE", help="the path to write the private key to")
    parser.add_argument("--bits", metavar="N", type=_BITS, help="the size of the key, 2048 to 4096 (default: 2048)")
    parser.add_argument(
        "--days",
        metavar="N",
        type=_VALIDITY,
        help=f"validity of the certificate (default: {SIGNING_DAYS}; with --login {LOGIN_DAYS})",
    )
    parser.add_argument(
        "--passphrase-env",
        metavar="V",
        help="encrypt the private key with the passphrase in this variable; with --from, decrypt it",
    )
    parser.add_argument("--csr", action="store_true", help="write a certificate request instead of a certificate")
    parser.add_argument("--certificate", metavar="FILE", help="declare the certificate that was issued for a request")


def generate_options(arguments: argparse.Namespace) -> GenerateOptions:
    """Return the parsed options. Raises :class:`UsageError` for options that exclude each other."""
    from provisioner.workflows.generate_key import GenerateOptions

    return GenerateOptions(
        name=arguments.name,
        login=arguments.login,
        kid=arguments.kid,
        keyset=arguments.keyset,
        algorithm=arguments.algorithm,
        source=arguments.source,
        private_key=arguments.private_key,
        bits=arguments.bits,
        days=arguments.days,
        default_days=LOGIN_DAYS if arguments.login else SIGNING_DAYS,
        passphrase_variable=arguments.passphrase_env,
        request_only=arguments.csr,
        certificate=arguments.certificate,
    )
