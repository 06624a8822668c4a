"""``provisioner restore``: the journal's entries; and one of them planned back, and applied."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioner import names
from provisioner.cli.context import Context
from provisioner.cli.options import DEFAULT_WAIT_MINUTES, minutes
from provisioner.cli.verbs.apply import report_outcome
from provisioner.errors import ExitStatus, InputError, RefusedError
from provisioner.planning.guards import Allowed
from provisioner.workflows.apply import apply_plan, settle_earlier
from provisioner.workflows.confirm import Confirmation
from provisioner.workflows.connect import connected
from provisioner.workflows.prepare import environment_alone, observe

if TYPE_CHECKING:
    from provisioner.components.package import Name
    from provisioner.components.snapshot import Component, Snapshot
    from provisioner.execution.journal import Journal
    from provisioner.execution.journal_entry import Entry
    from provisioner.execution.outcome import Outcome
    from provisioner.model.environment import Environment
    from provisioner.model.estate import Estate
    from provisioner.model.jwk import Jwk
    from provisioner.planning.plan import Plan
    from provisioner.planning.rollback_estate import Restored
    from provisioner.salesforce import Org

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Without ENTRY, list the applies of this machine. With ENTRY, plan to return the components of that
apply to their earlier state, and apply that plan under the same guards. Of a channel, only the user verification
part and the routing in its record are restored. The command does not change the declaration."""
EPILOG = """examples:
  provisioner restore
  provisioner restore latest --env sandbox
  provisioner restore 20261121T045800123Z-3f9a2c --env sandbox --allow-destroy"""
LATEST = "latest"
EXTERNAL = "the declaration lists it as external now, so somebody else owns it"
TAKE_BACK = (
    "The declaration was not changed: the next apply makes the declared changes again. Revert the change there, too."
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entry", metavar="ENTRY", nargs="?", help="the id of an entry, the start of an id, or `latest`")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")
    parser.add_argument("--allow-destroy", action="store_true", help="allow destructive changes")
    parser.add_argument(
        "--allow-old-api", action="store_true", help="allow writing channels below the org's newest API version"
    )
    parser.add_argument(
        "--wait",
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_WAIT_MINUTES,
        help=f"time to wait for the deployment (default: {DEFAULT_WAIT_MINUTES:.0f})",
    )
    parser.add_argument(
        "--cancel-on-interrupt", action="store_true", help="cancel the deployment if the run is interrupted"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.execution.journal import Journal

    journal = Journal.here()
    if arguments.entry is None:
        return _list(context, journal)
    environment = environment_alone(context, context.one_environment())
    with connected(context, environment) as org:
        settle_earlier(context, org, arguments.wait)
        entry = _find(context, journal, arguments.entry, environment, org)
        outcome = _restore(context, environment, org, entry)
    report_outcome(context, outcome)
    return outcome.exit_status


def _list(context: Context, journal: Journal) -> int:
    from provisioner.execution.journal import Damaged
    from provisioner.report.journal import journal_json, journal_view

    if journal.folder is None:
        context.say(
            "This machine keeps no journal: the user has no home folder.\n"
            "Next: Set HOME, XDG_STATE_HOME or PROVISIONER_STATE_DIR before the next apply."
        )
    names = context.environment_names() if context.env_option is not None else None
    found = [
        each for each in journal.entries() if isinstance(each, Damaged) or names is None or each.environment in names
    ]
    context.show(lambda: journal_view(found), lambda: journal_json(found))
    return ExitStatus.DONE


def _find(context: Context, journal: Journal, wanted: str, environment: Environment, org: Org) -> Entry:
    """The entry that was named, of this org."""
    from provisioner.execution.journal import Damaged
    from provisioner.execution.journal_entry import PROBE

    org_id = org.session.org_id[:15]
    found = journal.entries()
    entries = [each for each in found if not isinstance(each, Damaged)]
    if wanted == LATEST:
        ours = [
            each for each in entries if each.org_id[:15] == org_id and each.command != PROBE and not each.is_of_logins
        ]
        entries = _latest(ours, context.config_path)
    else:
        damaged = next((each for each in found if isinstance(each, Damaged) and each.path.stem == wanted), None)
        if damaged is not None:
            raise InputError(
                f"The entry {wanted} is damaged ({damaged.why}), so the earlier state is unknown.",
                next=f"Open {damaged.path}: parts of it may still be readable.",
                code="entry-damaged",
            )
        entries = [each for each in entries if each.id.startswith(wanted)]
    if not entries and wanted != LATEST:
        known = [each.id for each in found if not isinstance(each, Damaged)]
        raise names.unknown("entry", wanted, known, place="this machine's journal", plural="entries")
    if len(entries) != 1:
        many = f"{len(entries)} entries begin with {wanted}" if entries else "The journal has no entry for this org"
        raise InputError(f"{many} on this machine.", next="`provisioner restore` lists them.", code="no-such-entry")
    (entry,) = entries
    if entry.org_id[:15] != org_id:
        raise RefusedError(
            f"The entry {entry.id} is about org {entry.org_id} ({entry.environment}), and {environment.name} is org "
            f"{org.session.org_id}. Nothing was sent.",
            next=f"Name that org's environment: provisioner restore {entry.id} --env {entry.environment}",
            code="another-org",
        )
    if entry.command == PROBE:
        raise InputError(
            f"The entry {entry.id} is a probe, and a probe cleans up after itself.",
            next=f"To clean up what a probe left: provisioner probe --env {environment.name} --clean",
            code="entry-of-a-probe",
        )
    if entry.is_of_logins:
        raise InputError(
            f"The entry {entry.id} changed a login; restore undoes changes of keys, keysets and channels.",
            next="Write the earlier values into logins.yaml, and apply them: provisioner login apply --env "
            f"{environment.name}",
            code="entry-of-logins",
        )
    if not entry.changed_something:
        raise InputError(
            f"The entry {entry.id} changed nothing in the org: there is nothing to restore.",
            next="`provisioner restore` lists the others.",
            code="nothing-to-restore",
        )
    return entry


def _latest(entries: list[Entry], config: str) -> list[Entry]:
    """Return the last entry of this config directory that changed something; an older version kept no directory.

    Raises :class:`InputError` if only the declarations of others changed something: several can share an org.
    """
    changed = [each for each in entries if each.changed_something]
    ours = [each for each in changed if each.config in (None, os.path.realpath(config))]
    if changed and not ours:
        raise InputError(
            f"No apply of this config directory changed this org from this machine; the latest one is of "
            f"{changed[-1].config}.",
            next=f"`provisioner restore` lists the entries. To undo that one: provisioner restore {changed[-1].id} "
            f"--env {changed[-1].environment}",
            code="no-such-entry",
        )
    return ours[-1:]


@dataclass(frozen=True, slots=True)
class _Restoring:
    """What is brought: the estate as it was."""

    environment: Environment
    estate: Estate
    jwks: Mapping[str, Jwk]


def _restore(context: Context, environment: Environment, org: Org, entry: Entry) -> Outcome:
    from provisioner.components.metadata import MetadataType
    from provisioner.components.snapshot import Component
    from provisioner.execution.apply import Options
    from provisioner.planning.external import owned_elsewhere_in
    from provisioner.planning.rollback_estate import restored

    snapshot = observe(context, org, environment)
    external = owned_elsewhere_in(snapshot, context.config.load(environment.name).estate)
    withheld = {each.address: each.before.withheld for each in entry.touched if each.before.withheld}
    withheld |= {each.address: EXTERNAL for each in entry.touched if each.full_name in external.get(each.type, ())}
    before = {
        (each.type, each.full_name): each.before.element() for each in entry.touched if each.address not in withheld
    }
    found = restored(before)
    found.left_out.update(withheld)
    found.left_out.update(
        {
            MetadataType.CHANNEL.address(name): "it stays active; deactivate it in Setup > Messaging Settings"
            for name in entry.activated
        }
    )
    found.restore_records(entry.routing, snapshot.routing)
    notes = tuple(f"{address} is not restored: {why}." for address, why in sorted(found.left_out.items()))
    for note in notes:
        context.say(note)
    seeds: dict[Name, Component] = {
        name: Component(*name, element) for name, element in before.items() if element is not None
    }
    jwks = {name: each.jwk for name, each in found.derivations.items() if each.jwk is not None}
    arguments = context.arguments
    outcome = apply_plan(
        context,
        _Restoring(environment, found.estate, jwks),
        org,
        snapshot,
        _planner(context, environment, entry, found),
        Options(minutes=arguments.wait, cancel_on_interrupt=arguments.cancel_on_interrupt),
        confirm=Confirmation(context, _Restoring(environment, found.estate, jwks), notice="\n".join(notes)),
        seeds=seeds,
    )
    if outcome.result == "applied":
        notes += (TAKE_BACK,)
    return replace(outcome, notes=(*outcome.notes, *notes))


def _planner(context: Context, environment: Environment, entry: Entry, found: Restored) -> Callable[[Snapshot], Plan]:
    from provisioner.planning.plan import Reason
    from provisioner.planning.planner import make_plan

    arguments = context.arguments
    digest = "sha256:" + hashlib.sha256(f"restore {entry.id}".encode()).hexdigest()

    def plan(snapshot: Snapshot) -> Plan:
        made = make_plan(
            found.estate,
            found.derivations,
            snapshot,
            environment=environment.name,
            declaration_digest=digest,
            now=context.now,
            allowed=Allowed(arguments.allow_destroy, arguments.allow_old_api, environment.production),
        )
        # What an entry does not name is nobody's omission, and what goes stands under no `removed`.
        changes = tuple(
            replace(each, reason=Reason.RESTORED) if each.reason is Reason.TOMBSTONE else each for each in made.changes
        )
        return replace(made, unmanaged=(), changes=changes)

    return plan
