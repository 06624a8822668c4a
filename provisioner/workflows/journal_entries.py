"""The journal's entries: all of them, and the one that a person names."""

from __future__ import annotations

import os
from collections.abc import Collection

from provisioner import names
from provisioner.errors import InputError, RefusedError
from provisioner.execution.journal import Damaged, Journal
from provisioner.execution.journal_entry import PROBE, Entry
from provisioner.model.environment import Environment
from provisioner.workflows.console import Console

LATEST = "latest"


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
