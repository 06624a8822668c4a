"""``provisioner keys generate``: a key pair, its certificate, and its place in the declaration."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, InputError, UsageError
from provisioner.files import UnreadableError, expand_home

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Create an RSA key pair in one step: the private key (PKCS #8, readable only by you), its
self-signed certificate in the config directory (config/keys), and the entry of the key in the declaration, which
keeps its comments and order. The private key goes to ~/.config/provisioner/keys/NAME.key (below XDG_CONFIG_HOME if
that is set) or to the path of --private-key, never into the config directory, and never into a git work tree that
does not ignore it. The command overwrites nothing and contacts no org; if a step fails, it leaves no files.

With --from, the private key is one that you have, in any form that token mint takes (PEM, DER, PKCS #12, a Java
keystore, OpenSSH, a private JWK): only its certificate is made and declared, and the key is not copied."""
EPILOG = """With --csr, an authority signs the certificate: the command writes a certificate request and declares
nothing. When you have the certificate, --certificate FILE stores it and declares the key. To renew a certificate
later, replace the file that the declaration names.

examples:
  provisioner keys generate storefront_2027_01 --keyset storefront
  provisioner keys generate storefront_2027_01 --kid shop-7 --algorithm RS512 \\
      --private-key ~/.secrets/shop-7.key
  provisioner keys generate storefront_2027_01 --from ~/.secrets/shop.key \\
      --keyset storefront
  provisioner keys generate storefront_2027_01 --csr
  provisioner keys generate storefront_2027_01 --certificate signed.crt \\
      --keyset storefront
  provisioner keys generate --login provisioner --passphrase-env KEY_PASSPHRASE"""
_DAYS = 365
_LOGIN_DAYS = 730
#: OpenSSL takes no longer ones.
_LONGEST_PASSPHRASE = 1023


def configure(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument("--bits", metavar="N", type=bits, help="the size of the key, 2048 to 4096 (default: 2048)")
    parser.add_argument(
        "--days",
        metavar="N",
        type=days,
        help=f"validity of the certificate (default: {_DAYS}; with --login {_LOGIN_DAYS})",
    )
    parser.add_argument(
        "--passphrase-env",
        metavar="V",
        help="encrypt the private key with the passphrase in this variable; with --from, decrypt it",
    )
    parser.add_argument("--csr", action="store_true", help="write a certificate request instead of a certificate")
    parser.add_argument("--certificate", metavar="FILE", help="declare the certificate that was issued for a request")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.workflows import generate_key as generating
    from provisioner.workflows.held_key import held_key

    _check_together(arguments)
    name, source = _name(arguments.name), arguments.source
    held = (
        held_key(context, source, arguments.passphrase_env, for_login=arguments.login) if source is not None else None
    )
    passphrase = _passphrase(arguments.passphrase_env) if held is None else None
    order = generating.Order(
        name=name,
        kid=arguments.kid if arguments.kid is not None else (held and held.kid) or name.replace("_", "-"),
        algorithm=arguments.algorithm or "RS256",
        bits=arguments.bits or 2048,
        days=arguments.days or (_LOGIN_DAYS if arguments.login else _DAYS),
        keyset=arguments.keyset,
        request_only=arguments.csr,
        private_key=_path(arguments.private_key) if arguments.private_key is not None else None,
        certificate=arguments.certificate,
        passphrase=passphrase,
        passphrase_variable=arguments.passphrase_env,
        held=held,
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
            "must be from 11 to 7300: Salesforce refuses a certificate that expires within ten days"
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
    if arguments.source is not None:
        made = [option for option in ("--private-key", "--bits", "--certificate") if given[option]]
        if made:
            why = "--from, because its private key already exists" if made[0] != "--certificate" else "--from"
            raise UsageError(f"{made[0]} cannot be combined with {why}.", next=f"Omit {made[0]}.")
    beside: tuple[str, ...]
    if arguments.login:
        beside, why = (
            ("--kid", "--keyset", "--algorithm", "--certificate"),
            ("--login, because the key of a login is not declared"),
        )
    elif arguments.certificate is not None:
        beside = ("--csr", "--bits", "--days", "--private-key", "--passphrase-env")
        why = "--certificate, because its private key already exists"
    elif arguments.csr:
        beside, why = ("--days",), "--csr, because the authority sets the validity of the certificate"
    else:
        return
    wrong = [option for option in beside if given[option]]
    if wrong:
        raise UsageError(f"{wrong[0]} cannot be combined with {why}.", next=f"Omit {wrong[0]}.")


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


def _path(given: str) -> Path:
    try:
        return expand_home(given)
    except UnreadableError as error:
        raise InputError(f"--private-key {given} {error.problem}.", next=error.remedy, code="no-home-folder") from None
