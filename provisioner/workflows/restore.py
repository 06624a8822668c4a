"""``restore``: the journal's entries, and one of them planned back and applied."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioner import names
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Component
from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.execution.apply import Options
from provisioner.execution.journal import Damaged, Journal
from provisioner.execution.journal_entry import PROBE, Entry
from provisioner.planning.external import owned_elsewhere_in
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan, Reason
from provisioner.planning.planner import make_plan
from provisioner.planning.rollback_estate import Restored, restored
from provisioner.workflows.apply import apply_plan, settle_earlier
from provisioner.workflows.confirm import Confirmation
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import environment_alone, observe

if TYPE_CHECKING:
    from provisioner.components.package import Name
    from provisioner.components.snapshot import Snapshot
    from provisioner.execution.outcome import Outcome
    from provisioner.model.environment import Environment
    from provisioner.model.estate import Estate
    from provisioner.model.jwk import Jwk
    from provisioner.salesforce import Org

LATEST = "latest"
EXTERNAL = "the declaration lists it as external now, so another team owns it"
TAKE_BACK = (
    "The declaration was not changed: the next apply makes the declared changes again. Revert the change there, too."
)


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """``entry`` is an id, the start of an id, or ``latest``; ``minutes`` bounds the wait for a deployment.

    ``confirmed`` is the environment's name, which the person gave in place of typing it at a terminal.
    """

    entry: str
    destroy: bool = False
    old_api: bool = False
    minutes: float = 30.0
    cancel_on_interrupt: bool = False
    confirmed: str | None = None


def journal_entries(console: Console, environments: Collection[str] | None) -> list[Entry | Damaged]:
    """Return the entries of this machine, of ``environments`` only if there are any, and every damaged one."""
    journal = Journal.here()
    if journal.folder is None:
        console.say(
            "This machine keeps no journal: the user has no home folder.\n"
            "Next: Set HOME, XDG_STATE_HOME or PROVISIONER_STATE_DIR before the next apply."
        )
    return [
        each
        for each in journal.entries()
        if isinstance(each, Damaged) or environments is None or each.environment in environments
    ]


def restore(console: Console, name: str, options: RestoreOptions) -> Outcome:
    """Plan the components of an entry back to what they were in the environment ``name``, and apply that plan.

    Raises :class:`UsageError` for an unknown entry or a wrong confirmation, :class:`InputError` for an entry that
    cannot be restored, :class:`RefusedError` for one of another org.
    """
    environment = environment_alone(console, name)
    if options.confirmed not in (None, name):
        raise UsageError(
            f"--confirm names {options.confirmed}, and this is about {name}.",
            next=f"Check that you mean this environment, and write --confirm {name}.",
        )
    with connected(console, environment) as org:
        settle_earlier(console, org, options.minutes)
        entry = find_entry(Journal.here(), options.entry, environment, org.session.org_id, console.config_path)
        return _restore(console, environment, org, entry, options)


def find_entry(journal: Journal, wanted: str, environment: Environment, org_id: str, config: str) -> Entry:
    """Return the named entry of this org; ``latest`` is that of the config directory ``config``."""
    found = journal.entries()
    entries = [each for each in found if not isinstance(each, Damaged)]
    if wanted == LATEST:
        entries = _latest(entries, org_id, config)
    else:
        damaged = next((each for each in found if isinstance(each, Damaged) and each.path.stem == wanted), None)
        if damaged is not None:
            raise InputError(
                f"The entry {wanted} is damaged ({damaged.why}), so the earlier state is unknown.",
                next=f"Open {damaged.path}: parts of it may still be readable.",
                code="entry-damaged",
            )
        known = [each.id for each in entries]
        entries = [each for each in entries if each.id.startswith(wanted)]
        if not entries:
            raise names.unknown("entry", wanted, known, place="this machine's journal", plural="entries")
    if len(entries) != 1:
        many = f"{len(entries)} entries begin with {wanted}" if entries else "The journal has no entry for this org"
        raise InputError(f"{many} on this machine.", next="`provisioner restore` lists them.", code="no-such-entry")
    (entry,) = entries
    _require_restorable(entry, environment, org_id)
    return entry


def _require_restorable(entry: Entry, environment: Environment, org_id: str) -> None:
    if entry.org_id[:15] != org_id[:15]:
        raise RefusedError(
            f"The entry {entry.id} is about org {entry.org_id} ({entry.environment}), and {environment.name} is org "
            f"{org_id}. Nothing was sent.",
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


def _latest(entries: list[Entry], org_id: str, config: str) -> list[Entry]:
    """Return the last entry of this config directory that changed something; an older version kept no directory.

    Raises :class:`InputError` if only the declarations of others changed something: several can share an org.
    """
    changed = [
        each
        for each in entries
        if each.org_id[:15] == org_id[:15]
        and each.command != PROBE
        and not each.is_of_logins
        and each.changed_something
    ]
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
    """The earlier estate, to apply."""

    environment: Environment
    estate: Estate
    jwks: Mapping[str, Jwk]


def _restore(console: Console, environment: Environment, org: Org, entry: Entry, options: RestoreOptions) -> Outcome:
    snapshot = observe(console, org, environment)
    external = owned_elsewhere_in(snapshot, console.config.load(environment.name).estate)
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
        console.say(note)
    seeds: dict[Name, Component] = {
        name: Component(*name, element) for name, element in before.items() if element is not None
    }
    jwks = {name: each.jwk for name, each in found.derivations.items() if each.jwk is not None}
    outcome = apply_plan(
        console,
        _Restoring(environment, found.estate, jwks),
        org,
        snapshot,
        _planner(console, environment, entry, found, options),
        Options(minutes=options.minutes, cancel_on_interrupt=options.cancel_on_interrupt),
        confirm=Confirmation(
            console,
            _Restoring(environment, found.estate, jwks),
            typed=options.confirmed is not None,
            notice="\n".join(notes),
            alone=f"Restore at a terminal, or repeat the name: provisioner restore {entry.id} --env {environment.name} "
            f"--confirm {environment.name}",
        ),
        seeds=seeds,
    )
    if outcome.result == "applied":
        notes += (TAKE_BACK,)
    return replace(outcome, notes=(*outcome.notes, *notes))


def _planner(
    console: Console, environment: Environment, entry: Entry, found: Restored, options: RestoreOptions
) -> Callable[[Snapshot], Plan]:
    digest = "sha256:" + hashlib.sha256(f"restore {entry.id}".encode()).hexdigest()

    def plan(snapshot: Snapshot) -> Plan:
        made = make_plan(
            found.estate,
            found.derivations,
            snapshot,
            environment=environment.name,
            declaration_digest=digest,
            now=console.now,
            allowed=Allowed(options.destroy, options.old_api, environment.production),
        )
        # The declaration is not the reason: nothing is unmanaged, and no deletion is listed under `removed`.
        changes = tuple(
            replace(each, reason=Reason.RESTORED) if each.reason is Reason.TOMBSTONE else each for each in made.changes
        )
        return replace(made, unmanaged=(), changes=changes)

    return plan
