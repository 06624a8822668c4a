"""``provisioner token mint``: an identity token, and for Fin Messenger both of its tokens."""

from __future__ import annotations

import argparse
import json
from typing import Any

from provisioner.cli.context import Context
from provisioner.cli.options import add_endpoint_options
from provisioner.errors import ExitStatus, RefusedError, UsageError
from provisioner.secrets import redactor

DESCRIPTION = """Sign an identity token with the private key of a declared keyset. kid, algorithm and issuer come
from the declaration. The private key must belong to a declared key; no login and no consumer key are needed.
Standard output is only the token. Anyone who has the token is this customer until it expires: use it for tests and
analysis. A server signs tokens with the Python API in docs/server.md."""
EPILOG = """Without --yes the command refuses to sign a token that cannot verify (inactive key, expired certificate,
kid not served); with --yes you can test that Salesforce refuses it. For a keyset with an endpoint, name the kid;
only --check-endpoint compares it with the served keys.

--preset intercom prints both tokens of Fin Messenger and the complete intercomSettings as one JSON object. Each of
the two tokens has its own key. sub is then the user id, ttl is an hour, and aud is the chat host if it is known
without a request to the org.

examples:
  provisioner token mint --env sandbox --keyset storefront \\
      --key-file ~/.secrets/shop.key --sub uv-probe-1
  provisioner token mint --env sandbox --keyset storefront \\
      --key-file shop.key --sub 4711 --ttl 900 --claim tier=gold
  provisioner token mint --env sandbox --keyset mobile --kid app-7 \\
      --check-endpoint --key-file app.key --sub 4711
  provisioner token mint --env sandbox --keyset fin --key-file sf.key \\
      --preset intercom --intercom-secret-file fin.txt
      --user-id 4711 --app-id abc123"""
#: Ten years: what is longer is not meant.
_MOST_SECONDS = 10 * 365 * 24 * 3600
_INTERCOM = ("intercom_secret_file", "user_id", "app_id")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keyset", metavar="S", required=True, help="the declared keyset that must verify the token")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", metavar="NAME", help="the declared key that the private key must belong to")
    which.add_argument("--kid", metavar="K", help="the same, by kid; needed for a keyset with an endpoint")
    parser.add_argument("--key-file", metavar="FILE", required=True, help="the private key; - for standard input")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable that holds the private key's passphrase")
    parser.add_argument("--sub", metavar="SUB", help="subject of the token: the stable id of the customer")
    parser.add_argument("--ttl", metavar="SECONDS", type=ttl, help="lifetime of the token (default: 300)")
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


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.tokens.claims import DEFAULT_TTL, LONGEST_TTL

    claims = _claims(arguments.claim)
    _check_together(arguments)
    if arguments.ttl is not None and arguments.ttl > LONGEST_TTL and not arguments.yes:
        raise RefusedError(
            f"With a lifetime of {arguments.ttl} seconds, anyone who finds the token is that customer for longer "
            f"than a day.",
            next="Use a lifetime of minutes; for a test that needs more, add --yes.",
            code="long-life",
        )
    from provisioner.report.minted import minted_json, minted_words
    from provisioner.salesforce.clock import SYSTEM_CLOCK
    from provisioner.tokens.minted import Wanted, mint_judged
    from provisioner.workflows.intercom_token import IntercomOptions, both_tokens
    from provisioner.workflows.mint import signing
    from provisioner.workflows.signing import Asked

    environment = context.one_environment()
    asked = Asked(
        keyset=arguments.keyset,
        key_file=arguments.key_file,
        key=arguments.key,
        kid=arguments.kid,
        algorithm=arguments.algorithm,
        passphrase_variable=arguments.passphrase_env,
        check_endpoint=arguments.check_endpoint,
    )
    found = signing(context, environment, asked)
    if arguments.preset is not None:
        options = IntercomOptions(
            key_file=arguments.key_file,
            secret_file=arguments.intercom_secret_file,
            user_id=arguments.user_id,
            app_id=arguments.app_id,
            claims=claims,
            life=arguments.ttl,
            subject=arguments.sub,
            audience=arguments.aud,
            api_base=arguments.api_base,
        )
        text, made = both_tokens(context, found, options)
    else:
        wanted = Wanted(arguments.sub, arguments.ttl or DEFAULT_TTL, arguments.aud, claims)
        made = mint_judged(found, wanted, SYSTEM_CLOCK.now(), useless_too=arguments.yes)
        shown = minted_json(made, environment)
        text = context.as_json(shown, masked=False) if context.wants_json else made.token.reveal()
    redactor.keep(made.token.reveal())
    for line in minted_words(made):
        context.say("\n".join(context.talk_style.lines(line, hang=2)))
    # Past the redactor: it masks every token, and this one is the result.
    context.output.stdout.document(f"{text}\n")
    return ExitStatus.DONE


def ttl(text: str) -> int:
    """A life in seconds."""
    value = int(text)
    if not 1 <= value <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"must be a whole number of seconds from 1 to {_MOST_SECONDS}")
    return value


def _claims(words: list[str]) -> dict[str, Any]:
    """``N=TEXT`` and ``N:=JSON``, as a mapping. Raises :class:`UsageError`, which shows names and no values."""
    from provisioner.tokens.claims import RESERVED

    claims: dict[str, Any] = {}
    for word in words:
        name, found, value = word.partition("=")
        as_json = name.endswith(":")
        name = name.removesuffix(":")
        if not found or not name:
            raise UsageError("A --claim is not of the form N=V.", next="Write --claim tier=gold, or --claim age:=42.")
        if name in RESERVED:
            option = {"sub": "--sub", "exp": "--ttl", "aud": "--aud", "kid": "--key or --kid"}.get(name)
            instead = f"Give {option}." if option else "The command sets it; omit it."
            raise UsageError(f"--claim cannot set {name}.", next=instead)
        if name in claims:
            raise UsageError(f"The claim {name} was given twice.", next="Give it once; N:=JSON takes lists.")
        claims[name] = _parsed(name, value) if as_json else value
    return claims


def _parsed(name: str, value: str) -> Any:
    try:
        return json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise UsageError(
            f"The value of --claim {name}:= is not JSON.", next=f"Write text as --claim {name}=TEXT, JSON in quotes."
        ) from None


def _no_constant(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are Python's, not JSON's


def _check_together(arguments: argparse.Namespace) -> None:
    def option(name: str) -> str:
        return f"--{name.replace('_', '-')}"

    if arguments.preset is None:
        alone = next((name for name in (*_INTERCOM, "api_base") if getattr(arguments, name) is not None), None)
        if alone is not None:
            raise UsageError(f"{option(alone)} is for --preset intercom.", next="Add --preset intercom, or omit it.")
        if arguments.sub is None:
            raise UsageError("The token needs a subject.", next="Give --sub SUB; uv-probe-1 is not a real customer.")
        return
    missing = next((name for name in _INTERCOM if getattr(arguments, name) is None), None)
    if missing is not None:
        raise UsageError(f"--preset intercom needs {option(missing)}.", next=f"Give {option(missing)}.")
