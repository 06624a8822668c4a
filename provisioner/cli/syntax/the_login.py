"""The options and the help of the commands for the login. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse

from provisioner.cli.options import Syntax, add_admin, add_wait, minutes, moment, whole

DEFAULT_PROOF_MINUTES = 20.0
DEFAULT_SILENT_DAYS = 7
#: An org keeps its login history for six months.
_SILENT_DAYS = whole(1, 180, "must be a number of days from 1 to {most}")


def add_waits(parser: argparse.ArgumentParser) -> None:
    """Add the times to wait for a deployment and for the login."""
    add_wait(parser, "a deployment")
    parser.add_argument(
        "--prove-for",
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_PROOF_MINUTES,
        help=f"time to wait until the login works (default: {DEFAULT_PROOF_MINUTES:.0f})",
    )


def _login_plan(parser: argparse.ArgumentParser) -> None:
    add_admin(parser)
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 if there are changes")


LOGIN_PLAN = Syntax(
    _login_plan,
    """Show what an org lacks for the logins in logins.yaml: apps, policies, permission sets,
assignments.
The command reads the org with an administrator's session, and writes nothing.""",
    """examples:
  provisioner login plan --env sandbox --sf-org acme-uat
  provisioner login plan --env sandbox --admin-env sandbox-admin
  provisioner login plan --env sandbox --admin-token-env ADMIN_TOKEN \\
      --instance-url https://acme--uat.sandbox.my.salesforce.com""",
)


def _login_apply(parser: argparse.ArgumentParser) -> None:
    add_admin(parser)
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument("--allow-destroy", action="store_true", help="allow changes that end a login")
    add_waits(parser)


LOGIN_APPLY = Syntax(
    _login_apply,
    """Apply logins.yaml to an org with an administrator's session: deploy the permission sets, assign them,
deploy the app, read everything back, write the consumer key to the file that the environment refers to, and prove
the login. The command shows the plan and asks first. It creates no users.""",
    """examples:
  provisioner login apply --env sandbox --sf-org acme-uat
  provisioner login apply --env sandbox --sf-org acme-uat --yes --format json

Exits with 0 if the org is as declared and the login works, 1 if the declaration is wrong, 3 if the plan is refused,
4 if the login does not work, 5 if the org refuses a change, 6 if a deployment still runs.""",
)


LOGIN_STATUS = Syntax(
    add_admin,
    """Show the state of each login in logins.yaml: the app, its differences, the certificate, who may use the
app, and who changed it last. The environment's own login is tried once. The command changes nothing.""",
    """examples:
  provisioner login status --env sandbox --sf-org acme-uat

Exits with 0 if the org is as declared and the login works, 1 if the login fails, 2 if the org differs, 3 if something
could not be read.""",
)


def _login_rotate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="LOGIN", nargs="?", help="the login's name (default: the environment's own)")
    add_admin(parser)
    parser.add_argument("--status", action="store_true", help="only print the state of the rotation")
    parser.add_argument("--back", action="store_true", help="reverse the rotation: return to the earlier side")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    new = parser.add_argument_group("the new side")
    new.add_argument("--key-file", metavar="FILE", help="the new private key, with its certificate beside it")
    new.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of the private key")
    new.add_argument("--in-place", action="store_true", help="replace the certificate of the app itself")
    new.add_argument("--consumer-key", metavar="KEY", help="the new app's consumer key, if the org does not show it")
    add_waits(parser)


LOGIN_ROTATE = Syntax(
    _login_rotate,
    """Rotate the certificate of the environment's login, one safe step at a time. By default a second app
gets the new certificate: the command deploys it beside the present one, proves the login, and switches the environment
file to it; `login retire` ends the earlier app. With --in-place (and for connected apps) the app itself gets the
certificate, while the environment holds both private keys. The command reads the state from logins.yaml, the
environment file and the org each time, so you can run it again at any moment. It performs the next step only.""",
    """examples:
  provisioner keys generate --login provisioner-ci-2 \\
      --private-key ~/.secrets/uat_2.key
  provisioner login rotate --env sandbox --sf-org acme-uat \\
      --key-file ~/.secrets/uat_2.key
  provisioner login rotate --env sandbox --sf-org acme-uat --status
  provisioner login rotate --env sandbox --sf-org acme-uat --back

Exits with 0 if the step is complete or is yours to do, 3 if the step was refused, 4 if the login does not work, 5 if
the org refuses a change.""",
)


def _login_retire(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="LOGIN", nargs="?", help="the login's name (default: the environment's own)")
    add_admin(parser)
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument("--allow-destroy", action="store_true", help="allow changes that end a login")
    parser.add_argument(
        "--silent-days",
        metavar="DAYS",
        type=_SILENT_DAYS,
        default=DEFAULT_SILENT_DAYS,
        help=f"days for which nobody may have used the earlier app (default: {DEFAULT_SILENT_DAYS})",
    )
    parser.add_argument(
        "--leaked", action="store_true", help="the earlier private key leaked: do not wait until nobody uses the app"
    )
    parser.add_argument(
        "--off-since",
        metavar="TIME",
        type=moment,
        help="when the earlier app was switched off, if the org does not say",
    )
    add_waits(parser)


LOGIN_RETIRE = Syntax(
    _login_retire,
    """End the earlier app after `login rotate` switched the environment: first switch it off, which can be
undone, and a day later delete it. Each step needs a login through the new app that works now, and a login history
that shows the new app and is silent about the earlier one. A history that cannot be read is not silent. The command
shows the plan and asks first.""",
    """examples:
  provisioner login retire --env sandbox --sf-org acme-uat --allow-destroy
  provisioner login retire --env sandbox --sf-org acme-uat --allow-destroy \\
      --silent-days 30

Exits with 0 if the step is complete, 3 if it was refused, 4 if the login does not work, 5 if the org refuses it.""",
)
