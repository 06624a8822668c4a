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
    entry = _latest(journal, org_id, config) if wanted == LATEST else _named(journal, wanted)
    _require_restorable(entry, environment, org_id)
    return entry


def _named(journal: Journal, wanted: str) -> Entry:
    """Return the entry with the id ``wanted``, or with an id that begins with it."""
    found = journal.entries()
    damaged = next((each for each in found if isinstance(each, Damaged) and each.path.stem == wanted), None)
    if damaged is not None:
        raise InputError(
            f"The entry {wanted} is damaged ({damaged.why}), so the earlier state is unknown.",
            next=f"Open {damaged.path}: parts of it may still be readable.",
            code="entry-damaged",
        )
    entries = [each for each in found if isinstance(each, Entry)]
    matching = [each for each in entries if each.id.startswith(wanted)]
    if not matching:
        known = [each.id for each in entries]
        raise names.unknown("entry", wanted, known, place="this machine's journal", plural="entries")
    if len(matching) > 1:
        raise InputError(
            f"{len(matching)} entries begin with {wanted} on this machine.",
            next="`provisioner restore` lists them.",
            code="no-such-entry",
        )
    return matching[0]


def _latest(journal: Journal, org_id: str, config: str) -> Entry:
    """Return the last entry of this config directory that changed the org; an older version kept no directory.

    Raises :class:`InputError` if there is none, if only the declarations of others changed something (several can share
    an org), or if a newer entry is damaged.
    """
    found = journal.entries(org_id)
    changed = [
        each
        for each in found
        if isinstance(each, Entry)
        and each.org_id[:15] == org_id[:15]
        and each.command != PROBE
        and not each.is_of_logins
        and each.changed_something
    ]
    if not changed:
        raise InputError(
            "This machine's journal has no change of this org that can be restored.",
            next="`provisioner restore` lists the entries of all orgs.",
            code="no-such-entry",
        )
    ours = [each for each in changed if each.config in (None, os.path.realpath(config))]
    if not ours:
        raise InputError(
            f"No apply of this config directory changed this org from this machine; the latest one is of "
            f"{changed[-1].config}.",
            next=f"`provisioner restore` lists the entries. To undo that one: {_command(changed[-1])}",
            code="no-such-entry",
        )
    damaged = [each for each in found if isinstance(each, Damaged) and each.path.stem > ours[-1].id]
    if damaged:
        raise InputError(
            f"The newer entry {damaged[-1].path.stem} is damaged ({damaged[-1].why}), so the latest change is unknown.",
            next=f"Open {damaged[-1].path}: parts of it may still be readable. To undo the one before it: "
            f"{_command(ours[-1])}",
            code="entry-damaged",
        )
    return ours[-1]


def _command(entry: Entry) -> str:
    """Return the command that restores an entry."""
    return f"provisioner restore {entry.id} --env {entry.environment}"


def _require_restorable(entry: Entry, environment: Environment, org_id: str) -> None:
    if entry.org_id[:15] != org_id[:15]:
        raise RefusedError(
            f"The entry {entry.id} is about org {entry.org_id} ({entry.environment}), and {environment.name} is org "
            f"{org_id}. Nothing was sent.",
            next=f"Name that org's environment: {_command(entry)}",
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
