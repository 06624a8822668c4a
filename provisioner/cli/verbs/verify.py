"""``provisioner verify``: the proof, at the chat runtime, that customers are not guests."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.report.verify import status_of, verified_json, verified_suites, verified_view
from provisioner.workflows.side_by_side import worst
from provisioner.workflows.verify import VerifyRequest, verify_asked


def run(arguments: argparse.Namespace, context: Context) -> int:
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
