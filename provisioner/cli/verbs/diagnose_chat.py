"""``provisioner diagnose chat``: why customers are guests, without any key."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.report.chat_diagnosis import chat_json, chat_view
from provisioner.report.diagnosis_parts import diagnosis_suites
from provisioner.workflows.diagnose_chat import ChatDiagnosisOptions, diagnose_chat


def run(arguments: argparse.Namespace, context: Context) -> int:
    options = ChatDiagnosisOptions(arguments.channel, arguments.deployment, arguments.origin)
    diagnosis = diagnose_chat(context, options)
    context.show(
        lambda: chat_view(diagnosis, details=arguments.details or arguments.format == "markdown"),
        lambda: chat_json(diagnosis),
        junit=lambda: diagnosis_suites(diagnosis.channel, diagnosis.verdict, diagnosis.findings),
    )
    return diagnosis.verdict.exit_status
