"""``provisioner diagnose endpoint``: whether Salesforce would find its keys at a JWKS endpoint."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.report.endpoint import endpoint_json, endpoint_suites, endpoint_view
from provisioner.workflows.endpoints import report_endpoint

_STATUS = {"ok": ExitStatus.DONE, "failing": ExitStatus.WRONG_INPUT, "unreachable": ExitStatus.NO_LOGIN}


def run(arguments: argparse.Namespace, context: Context) -> int:
    report = report_endpoint(context, arguments.url, arguments.kid)
    context.show(
        lambda: endpoint_view(report.diagnosis, report.followed, report.keyset),
        lambda: endpoint_json(report.diagnosis, report.followed, report.keyset),
        junit=lambda: endpoint_suites(report.diagnosis),
    )
    return _STATUS[report.diagnosis.verdict]
