"""``restore``: an entry of the journal, planned back and applied."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from provisioner.components.package import Name
from provisioner.components.snapshot import Component, Snapshot
from provisioner.errors import UsageError
from provisioner.execution.apply import Options
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.execution.outcome import Outcome, Result
from provisioner.jose.material import jwks_of
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.planning.external import owned_elsewhere_in
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan, Reason
from provisioner.planning.planner import make_plan
from provisioner.planning.rollback_estate import Restored, restored
from provisioner.salesforce import Org
from provisioner.workflows.apply import apply_plan
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.journal_entries import find_entry
from provisioner.workflows.load_declaration import environment_alone
from provisioner.workflows.prepare import observe
from provisioner.workflows.recovery import settle_earlier
from provisioner.workflows.send import Confirmation

EXTERNAL = "the declaration lists it as external now, so another team owns it"
OWNERS_UNKNOWN = (
    "The declaration cannot be read, so components that it lists as external now are restored, too. Check the plan for "
    "components of another team."
)
TAKE_BACK = (
    "The empty plan is that of this restore. The declaration was not changed: the next apply makes the declared "
    "changes again. Revert the change there, too."
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


def restore(console: Console, name: str, options: RestoreOptions) -> Outcome:
    """Plan the components of an entry back to their earlier state in the environment ``name``, and apply that plan.

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


@dataclass(frozen=True, slots=True)
class Earlier:
    """The estate as it was before an entry, to apply again."""

    environment: Environment
    estate: Estate
    jwks: Mapping[str, Jwk]


def _restore(console: Console, environment: Environment, org: Org, entry: Entry, options: RestoreOptions) -> Outcome:
    snapshot = observe(console, org, environment)
    declared = console.config.load(environment.name)
    external = owned_elsewhere_in(snapshot, declared.estate)
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
            if snapshot.is_active(name) is not False
        }
    )
    found.restore_records(entry.routing, snapshot.routing)
    notes = tuple(f"{address} is not restored: {why}." for address, why in sorted(found.left_out.items()))
    if declared.tree is None:
        notes = (OWNERS_UNKNOWN, *notes)
    for note in notes:
        console.say(note)
    seeds: dict[Name, Component] = {
        name: Component(*name, element) for name, element in before.items() if element is not None
    }
    outcome = apply_plan(
        console,
        Earlier(environment, found.estate, jwks_of(found.derivations)),
        org,
        snapshot,
        _planner(console, environment, entry, found, options),
        Options(minutes=options.minutes, cancel_on_interrupt=options.cancel_on_interrupt),
        confirm=Confirmation(
            console,
            environment,
            typed=options.confirmed is not None,
            notice="\n".join(notes),
            without_terminal=f"Restore at a terminal, or repeat the name: provisioner restore {entry.id} "
            f"--env {environment.name} --confirm {environment.name}",
        ),
        seeds=seeds,
    )
    if outcome.result is Result.APPLIED:
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
            allowed=Allowed(
                destroy=options.destroy,
                old_api=options.old_api,
                production=environment.production,
                command=f"provisioner restore {entry.id} --env {environment.name}",
            ),
        )
        # The declaration is not the reason: nothing is unmanaged, and no deletion is listed under `removed`.
        changes = tuple(
            replace(each, reason=Reason.RESTORED) if each.reason is Reason.TOMBSTONE else each for each in made.changes
        )
        return replace(made, unmanaged=(), changes=changes)

    return plan
