"""``provisioner keys generate``: a key pair, its certificate, and its place in the declaration."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, InputError, UsageError

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Make an RSA key pair in one step: the private key (PKCS #8, readable for you alone), its self-signed
certificate in the config directory (config/keys), and the key's entry in the declaration, whose comments and order
stay. The private key goes to ~/.config/provisioner/keys/NAME.key (below XDG_CONFIG_HOME where that is set), or where
--private-key says: never into the config directory, and never into a git work tree that does not ignore it. Nothing is
ever overwritten, no org is asked, and where a step fails, nothing stays."""
EPILOG = """with --csr, an authority signs the certificate: a request is made in its place, and nothing is declared
before the certificate is there. When it comes back, --certificate FILE puts it in its place and declares the key. To
renew a certificate later, put the new one in the place of the file that the declaration names.

examples:
  provisioner keys generate storefront_2027_01 --keyset storefront
  provisioner keys generate storefront_2027_01 --kid shop-7 --algorithm RS512 \\
      --private-key ~/.secrets/shop-7.key
  provisioner keys generate storefront_2027_01 --csr
  provisioner keys generate storefront_2027_01 --certificate signed.crt \\
      --keyset storefront
  provisioner keys generate --login provisioner --passphrase-env KEY_PASSPHRASE"""
_DAYS = 365
_LOGIN_DAYS = 730
#: OpenSSL takes no longer ones.
_LONGEST_PASSPHRASE = 1023


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the key's API name; with --login, what the files are called")
    parser.add_argument("--login", action="store_true", help="make the pair that this tool logs in to an org with")
    parser.add_argument("--kid", metavar="K", help="the key id in the tokens' header (default: NAME, with dashes)")
    parser.add_argument("--keyset", metavar="S", help="also list the key in this keyset of the declaration")
    parser.add_argument("--algorithm", choices=("RS256", "RS512"), help="what tokens are signed with (default: RS256)")
    parser.add_argument("--private-key", metavar="FILE", help="where the private key is written")
    parser.add_argument("--bits", metavar="N", type=bits, help="the key's size, 2048 to 4096 (default: 2048)")
    parser.add_argument(
        "--days",
        metavar="N",
        type=days,
        help=f"how long the certificate is valid (default: {_DAYS}; with --login {_LOGIN_DAYS})",
    )
    parser.add_argument("--passphrase-env", metavar="V", help="encrypt the private key with what this variable holds")
    parser.add_argument("--csr", action="store_true", help="make a request for a certificate, not the certificate")
    parser.add_argument("--certificate", metavar="FILE", help="declare the certificate that came back of a request")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.workflows import generate_key as generating

    _check_together(arguments)
    passphrase = _passphrase(arguments.passphrase_env)
    order = generating.Order(
        name=_name(arguments.name),
        kid=arguments.kid if arguments.kid is not None else arguments.name.replace("_", "-"),
        algorithm=arguments.algorithm or "RS256",
        bits=arguments.bits or 2048,
        days=arguments.days or (_LOGIN_DAYS if arguments.login else _DAYS),
        keyset=arguments.keyset,
        request_only=arguments.csr,
        private_key=Path(arguments.private_key).expanduser() if arguments.private_key is not None else None,
        certificate=arguments.certificate,
        passphrase=passphrase,
        passphrase_variable=arguments.passphrase_env,
    )
    if arguments.login:
        made = generating.login_pair(order, context)
    elif order.certificate is not None:
        made = generating.returned_certificate(order, context)
    else:
        made = generating.signing_pair(order, context)
    from provisioner.report.generated import generated_json, generated_view

    context.show(lambda: generated_view(made), lambda: generated_json(made))
    return ExitStatus.DONE


def bits(text: str) -> int:
    value = int(text)
    if not 2048 <= value <= 4096 or value % 8:
        raise argparse.ArgumentTypeError("must be a number of bits from 2048 to 4096, in whole octets")
    return value


def days(text: str) -> int:
    value = int(text)
    if not 11 <= value <= 7300:
        raise argparse.ArgumentTypeError(
            "must be from 11 to 7300: Salesforce refuses a certificate that ends within ten days"
        )
    return value


def _name(name: str) -> str:
    """A name that can be a file's; whether Salesforce takes it as an API name, the rules say."""
    if not name or name.startswith(".") or any(each in name for each in "/\\\0") or len(name) > 200:
        raise UsageError(f"{name[:80]!r} cannot be the name of a key.", next="Give a name such as storefront_2026_11.")
    return name


def _check_together(arguments: argparse.Namespace) -> None:
    given = {
        f"--{name.replace('_', '-')}": getattr(arguments, name)
        for name in (
            "kid",
            "keyset",
            "algorithm",
            "certificate",
            "csr",
            "bits",
            "days",
            "private_key",
            "passphrase_env",
        )
    }
    beside: tuple[str, ...]
    if arguments.login:
        beside, why = ("--kid", "--keyset", "--algorithm", "--certificate"), "--login: a login's key is not declared"
    elif arguments.certificate is not None:
        beside = ("--csr", "--bits", "--days", "--private-key", "--passphrase-env")
        why = "--certificate: its private key was made before"
    elif arguments.csr:
        beside, why = ("--days",), "--csr: the authority says how long the certificate is valid"
    else:
        return
    wrong = [option for option in beside if given[option]]
    if wrong:
        raise UsageError(f"{wrong[0]} does not go with {why}.", next=f"Leave {wrong[0]} out.")


def _passphrase(variable: str | None) -> bytes | None:
    """What the variable holds, as bytes; from then on it is masked. Raises :class:`InputError`."""
    if variable is None:
        return None
    from provisioner.secrets import Reference, ReferenceKind, Resolver

    value = Resolver(Path()).resolve(Reference(ReferenceKind.ENV, variable)).reveal().rstrip("\r\n")
    encoded = os.fsencode(value)
    if not encoded or len(encoded) > _LONGEST_PASSPHRASE:
        raise InputError(
            f"The passphrase in {variable} is {'too long' if encoded else 'empty'}.",
            next=f"Give one of 1 to {_LONGEST_PASSPHRASE} octets.",
            code="passphrase",
        )
    return encoded
