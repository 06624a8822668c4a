"""``provisioner diagnose login``: the cause of a failing login, the evidence, and the fix."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.login_options import add_admin, admin_options
from provisioner.cli.options import add_details

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Explain why a JWT bearer login fails: gather evidence, rank the causes, and print a fix for each.

The command checks the private key and the fields of the login, the network, the response of the token endpoint (it
sends one assertion), and one REST and one SOAP call with the token. With an administrator's session it also reads
the org's login history. It changes nothing without --fix, and never users, login hours or IP ranges."""
EPILOG = """examples:
  provisioner diagnose login --env sandbox
  provisioner diagnose login --env sandbox --wait-propagation
  provisioner diagnose login --env sandbox --admin-env sandbox-admin
  provisioner diagnose login \\
      --error "invalid_grant: user hasn't approved this consumer"
  provisioner diagnose login --env sandbox --sf-org acme-uat --fix
  provisioner diagnose login --env sandbox --bundle FILE

Exits with 0 if the login works, 1 if it fails, 4 if the org cannot be reached."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--error", metavar="TEXT", help="explain the output of any client, as `diagnose paste` does (-: from stdin)"
    )
    parser.add_argument(
        "--wait-propagation",
        action="store_true",
        help="retry every 30 seconds for up to 10 minutes while waiting may help",
    )
    parser.add_argument(
        "--bundle", metavar="FILE", help="write the details that support asks for to a zip file, without secrets"
    )
    add_details(parser)
    add_admin(parser)
    parser.add_argument(
        "--fix",
        action="store_true",
        help="plan the repair of the causes that an administrator's changes can repair; show it, ask, apply, and prove",
    )
    parser.add_argument("--yes", action="store_true", help="apply the repair without asking")
    parser.add_argument(
        "--allow-destroy", action="store_true", help="replace a certificate with which logins worked lately"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.workflows.diagnose_login import LoginDiagnosisOptions, diagnose_login

    options = LoginDiagnosisOptions(
        admin=admin_options(arguments),
        text=arguments.error,
        wait=arguments.wait_propagation,
        fix=arguments.fix,
        destroy=arguments.allow_destroy,
        bundle=arguments.bundle,
        details=arguments.details,
    )
    return diagnose_login(context, options)
