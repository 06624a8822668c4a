"""``provisioner token mint``: an identity token, and for Fin Messenger both of its tokens."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.report.token import minted_words
from provisioner.workflows.mint import MintOptions, intercom_options, mint_token, parse_claims
from provisioner.workflows.signing import SigningRequest


def run(arguments: argparse.Namespace, context: Context) -> int:
    text, made = mint_token(context, _options(arguments), as_json=context.wants_json)
    for line in minted_words(made):
        context.say("\n".join(context.talk_style.lines(line, hang=2)))
    # Past the redactor: it masks every token, and this one is the result.
    context.output.stdout.document(f"{text}\n")
    return ExitStatus.DONE


def _options(arguments: argparse.Namespace) -> MintOptions:
    """Return the parsed options. Raises :class:`UsageError`, :class:`RefusedError`."""
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
