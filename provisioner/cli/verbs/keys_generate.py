"""``provisioner keys generate``: a key pair, its certificate, and its place in the declaration."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.syntax.keys_and_tokens import LOGIN_DAYS, SIGNING_DAYS
from provisioner.errors import ExitStatus
from provisioner.report.generated import generated_json, generated_view
from provisioner.workflows.generate_key import GenerateOptions, generate


def run(arguments: argparse.Namespace, context: Context) -> int:
    made = generate(context, _options(arguments))
    context.show(lambda: generated_view(made), lambda: generated_json(made))
    return ExitStatus.DONE


def _options(arguments: argparse.Namespace) -> GenerateOptions:
    """Return the parsed options. Raises :class:`UsageError` for options that exclude each other."""
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
