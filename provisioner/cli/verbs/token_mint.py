"""``provisioner token mint``: an identity token, and for Fin Messenger both of its tokens."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.mint_options import add_mint, mint_options
from provisioner.errors import ExitStatus

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


def configure(parser: argparse.ArgumentParser) -> None:
    add_mint(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.token import minted_words
    from provisioner.workflows.mint import mint_token

    text, made = mint_token(context, mint_options(arguments), as_json=context.wants_json)
    for line in minted_words(made):
        context.say("\n".join(context.talk_style.lines(line, hang=2)))
    # Past the redactor: it masks every token, and this one is the result.
    context.output.stdout.document(f"{text}\n")
    return ExitStatus.DONE
