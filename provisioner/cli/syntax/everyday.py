"""The options and the help of the everyday commands. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from provisioner.cli.options import (
    Syntax,
    add_chat_hosts,
    add_endpoint_options,
    add_target_org,
    add_wait,
    deployment,
    whole,
)

FEWEST_DAYS, MOST_DAYS = 8, 60
_DAYS = whole(
    FEWEST_DAYS, MOST_DAYS, f"must be from {FEWEST_DAYS} to {MOST_DAYS}: a week before is needed to compare with"
)


def _validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors")
    parser.add_argument(
        "--also",
        metavar="DIR",
        action="append",
        default=[],
        help="the config directory of another team: a component that both claim in one org is an error (repeatable)",
    )


VALIDATE = Syntax(
    _validate,
    """Check the declaration under every environment, or under those that --env names. The command
contacts no org and reads no secret. With --env, the references that it can look up (${env:NAME}, ${file:PATH}) must
exist.""",
    """examples:
  provisioner validate
  provisioner validate --env 'prod*' --strict
  provisioner validate --format sarif > validate.sarif
  provisioner validate --format gitlab > gl-code-quality-report.json
  provisioner validate --also ../identity/config

Exits with 1 if there are errors; with --strict, also if there are warnings.""",
    formats=("human", "json", "markdown", "junit", "github", "gitlab", "sarif"),
)


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", type=Path, help="also save the plan to FILE, for approval and apply")
    parser.add_argument("--offline", action="store_true", help="compare with another declaration; read no org")
    parser.add_argument("--base", metavar="DIR", type=Path, help="with --offline: the config directory to compare with")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 if there are changes")
    parser.add_argument(
        "--target", metavar="ADDRESS", action="append", default=[], help="only this address (repeatable)"
    )
    add_target_org(parser)


PLAN = Syntax(
    _plan,
    """Show the pending changes of an org and their consequences. The command writes nothing. With several
environments (a comma-separated list, globs) it reads the orgs in parallel. With
--offline it reads no org: the declaration in the folder of --base stands for the
org, so the job of a pull request can show the changes without a login.""",
    """examples:
  provisioner plan --env sandbox
  provisioner plan --env sandbox,production --format markdown
  provisioner plan --env production --out plan.json
  provisioner plan --env production --target keyset.storefront \\
      --detailed-exitcode
  provisioner plan --env sandbox --offline --base ../main/config""",
    formats=("human", "json", "markdown", "junit", "gitlab"),
)


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLANFILE", type=Path, help="a file that plan wrote with --out")


SHOW = Syntax(
    _show,
    """Print a saved plan as a person or a program reads it. The command checks that the file is unchanged
since it was saved. It contacts no org: apply compares the plan with the org.""",
    """examples:
  provisioner show plan.json
  provisioner show plan.json --format markdown
  provisioner show plan.json --format gitlab > terraform-report.json

Exits with 3 if the file is not a saved plan or was changed.""",
    formats=("human", "json", "markdown", "gitlab"),
)


def _apply(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLANFILE", nargs="?", type=Path, help="apply exactly this saved plan")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")
    parser.add_argument("--check-only", action="store_true", help="validate in the org without saving (check-only)")
    parser.add_argument("--allow-destroy", action="store_true", help="allow destructive changes")
    parser.add_argument("--allow-permanent", action="store_true", help="allow creating what an org cannot delete")
    parser.add_argument(
        "--allow-old-api", action="store_true", help="allow writing channels below the org's newest API version"
    )
    parser.add_argument(
        "--target", metavar="ADDRESS", action="append", default=[], help="only this address (repeatable)"
    )
    add_wait(parser)
    parser.add_argument(
        "--resume", metavar="ID", type=deployment, help="continue to wait for a deployment, from any machine"
    )
    parser.add_argument(
        "--cancel-on-interrupt", action="store_true", help="cancel the deployment if the run is interrupted"
    )


APPLY = Syntax(
    _apply,
    "Apply the plan to the org in one transaction, read the org back, and report each verified change.",
    """examples:
  provisioner apply --env sandbox
  provisioner apply --env sandbox --yes
  provisioner apply --env production plan.json
  provisioner apply --env sandbox --check-only
  provisioner apply --env sandbox --resume 0Af5g00000ABCDEAA4""",
    formats=("human", "json", "markdown", "github"),
)


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", metavar="C", help="the channel's API name (default: all under `verify:`)")
    parser.add_argument("--deployment", metavar="D", help="the Embedded Service deployment's API name")
    signing = parser.add_mutually_exclusive_group()
    signing.add_argument("--key-file", metavar="FILE", type=Path, help="the private key of a declared key")
    signing.add_argument("--token", metavar="FILE|-", help="a token from another signer, for a subject uv-probe-…")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of the private key")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", metavar="NAME", help="the declared key that the private key must belong to")
    which.add_argument("--kid", metavar="K", help="the same, by kid")
    parser.add_argument("--configuration", metavar="N", help="the Configuration Name that must verify the token")
    parser.add_argument(
        "--endpoint", choices=("auto", "v1", "v2"), default="auto",
        help="the token endpoint (default: auto, by the type of the deployment)",
    )  # fmt: skip
    add_endpoint_options(parser)
    add_chat_hosts(parser)
    add_target_org(parser)


VERIFY = Syntax(
    _verify,
    """Prove at the chat runtime that customers are not guests.

A token for a throw-away subject (uv-probe-…) is exchanged for an access token, whose subject must be exactly
v2/iamessage/AUTH/<configuration>/uid:<subject>; the same token with a broken signature must not be accepted; then
the access token is revoked. At most six requests are sent, and each is shown. The private key signs on this machine
and is not sent.""",
    """examples:
  provisioner verify --env sandbox --channel Web_Chat --deployment Shop_Web \\
      --key-file ~/.secrets/signer.key
  provisioner verify --env sandbox --channel Web_Chat --deployment Shop_Web \\
      --token -
  provisioner verify --env sandbox

Without --channel, every channel under `verify:` in the environment file is proven; the file may name each channel's
deployment and key_file. Exits with 0 if it is proven, 1 if it is not, 4 if the chat host is out of reach; with several
channels, the worst of them.""",
    formats=("human", "json", "markdown", "junit"),
)


def _drift(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unmanaged",
        action="store_true",
        help="also list components that the declaration does not name (these are not drift)",
    )
    add_target_org(parser)


DRIFT = Syntax(
    _drift,
    """Show where an org differs from the declaration, and who last changed each component. An org does
not record which side changed. The command writes nothing. With several environments (a comma-separated list, globs)
it reads the orgs in parallel.""",
    """examples:
  provisioner drift --env production
  provisioner drift --env sandbox,production --unmanaged
  provisioner drift --env 'prod*' --format markdown > issue.md \\
      || gh issue create --title Drift --body-file issue.md

Exits with 2 if there is drift or if something could not be read, 1 if the declaration does not fit the org (for
example, a channel is missing), 4 or 5 if an org cannot be read.""",
    formats=("human", "json", "markdown", "junit"),
)


def _status(parser: argparse.ArgumentParser) -> None:
    add_target_org(parser)
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the result to FILE and replace an older one")


STATUS = Syntax(
    _status,
    """Show the state of one or several environments (a comma-separated list, globs): the channels that
verify customers, their configurations, issuers and keys, what visitors get of their deployments, the sessions of
verified customers and of guests in the last 14 days, the certificates by expiry date, and what differs from the
declaration. The command reads the orgs in parallel and writes nothing to them.""",
    """examples:
  provisioner status --env sandbox,production
  provisioner status --env '*' --format html --out status.html

The HTML page is one file that needs no server and no network. Exits with 3 if a part of an org could not be read, 4
or 5 if an org cannot be read. Drift and alarms about guests alone leave the exit status 0: `drift` and `guests` are
for a job.""",
    formats=("human", "json", "markdown", "html"),
)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-20") from None


def _guests(parser: argparse.ArgumentParser) -> None:
    add_target_org(parser)
    parser.add_argument(
        "--days", type=_DAYS, default=14, metavar="N",
        help=f"complete days before today, {FEWEST_DAYS} to {MOST_DAYS} (default: 14)",
    )  # fmt: skip
    parser.add_argument(
        "--since", type=_date, metavar="DATE",
        help="raise no alarm for guests before this day (YYYY-MM-DD), such as the day verification was switched on",
    )  # fmt: skip


GUESTS = Syntax(
    _guests,
    """Count the messaging sessions of the last days by channel: verified customers and guests. The org
counts; no customer's identity is read or shown.

There are two alarms on a channel that the declaration has in verification: guests came, or it fell silent. If
verification fails, customers see no chat button, so no session begins. A channel is silent if the last days have at
most a tenth of the sessions of the same weekdays a week before.""",
    """examples:
  provisioner guests --env production
  provisioner guests --env production --days 28 --since 2026-11-20
  provisioner guests --env production --format markdown > guests.md

The user needs Read on Messaging Session and Messaging User (MessagingEndUser), and View All Records on both to see
every session. Exits with 0 if there is no alarm, 2 if there is one or if the user saw no session and it is not known
that it sees all of them, 4 if the sessions cannot be read.""",
)


def _restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entry", metavar="ENTRY", nargs="?", help="the id of an entry, the start of an id, or `latest`")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")
    parser.add_argument(
        "--confirm", metavar="NAME", help="repeat the name of a production environment, in place of typing it"
    )
    parser.add_argument("--allow-destroy", action="store_true", help="allow destructive changes")
    parser.add_argument(
        "--allow-old-api", action="store_true", help="allow writing channels below the org's newest API version"
    )
    add_wait(parser)
    parser.add_argument(
        "--cancel-on-interrupt", action="store_true", help="cancel the deployment if the run is interrupted"
    )


RESTORE = Syntax(
    _restore,
    """Without ENTRY, list the applies of this machine. With ENTRY, plan to return the components of that
apply to their earlier state, and apply that plan under the same guards. Of a channel, only the user verification
part and the routing in its record are restored. The command does not change the declaration.""",
    """examples:
  provisioner restore
  provisioner restore latest --env sandbox
  provisioner restore 20261121T045800123Z-3f9a2c --env sandbox --allow-destroy
  provisioner restore latest --env production --confirm production""",
)


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="DIR", help="the config directory to write to (default: that of --config); created if missing"
    )
    add_target_org(parser)


IMPORT = Syntax(
    _import,
    """Write the configuration of an org as a declaration with its key files, so that the next plan is
empty. If there is already a declaration, import adds the missing components, updates values that differ in the org,
keeps comments and order, and removes nothing. The command only reads the org.""",
    """examples:
  provisioner import --env sandbox
  provisioner import --env production --out config-of-production

Components that the rules reject, or that YAML cannot express, are skipped and listed with the reason. A private key
found in the org is reported as a leak and not written.

Exits with 0 for any content of the org, 1 if the existing declaration has errors, 3 if keys, keysets or channels
cannot be read, 4 or 5 if the org cannot be reached.""",
)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", type=Path, help="a new or empty directory, or one of a project")
    parser.add_argument("--yes", action="store_true", help="replace files of the project without a question")
    parser.add_argument(
        "--forceignore", action="store_true", help="also add the components to the project's .forceignore"
    )
    add_target_org(parser)


EXPORT = Syntax(
    _export,
    """Write a project for the official Salesforce CLI: the same components that apply would send to an
org that has none of your keys and keysets, with the channels as they are in the org now. The command only reads the
org. In a folder with sfdx-project.json (or below one) it writes into that project: each component where the project
keeps it, and a manifest of its own. Files that differ are replaced only after you agree.""",
    """examples:
  provisioner export --env sandbox --format sfdx chat-project
  cd chat-project && sf project deploy start --manifest manifest/package.xml \\
      --target-org uat
  cd my-sfdx-project && provisioner export --env sandbox --yes .

--format json writes the same project and prints the list of files as JSON. A channel file holds the complete
channel of this org, with its queues and texts: deploy it to this org, or adapt it first.""",
    formats=("sfdx", "json", "markdown"),
)
