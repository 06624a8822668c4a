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
    """Return the heads of this machine's entries, and every damaged one; ``environments`` narrows them."""
    journal = Journal.here()
    if journal.folder is None:
        console.say(
            "This machine keeps no journal: the user has no home folder.\n"
            "Next: Set HOME, XDG_STATE_HOME or PROVISIONER_STATE_DIR before the next apply."
        )
    return [
        each
        for each in journal.heads()
        if isinstance(each, Damaged) or environments is None or each.environment in environments
    ]


def find_entry(journal: Journal, wanted: str, environment: Environment, org_id: str, config: str) -> Entry:
    """Return the named entry of this org; ``latest`` is that of the config directory ``config``."""
    entry = _latest(journal, org_id, config) if wanted == LATEST else _named(journal, wanted)
    _require_restorable(entry, environment, org_id)
    return entry


def _named(journal: Journal, wanted: str) -> Entry:
    """Return the entry with the id ``wanted``, or with an id that begins with it."""
    known = sorted(journal.names())
    matching = [each for each in known if each.startswith(wanted)]
    if len(matching) > 1:
        raise InputError(
            f"{len(matching)} entries begin with {wanted} on this machine.",
            next="`provisioner restore` lists them.",
            code="no-such-entry",
        )
    found = journal.entry(matching[0]) if matching else None
    if found is None:
        raise names.unknown("entry", wanted, known, place="this machine's journal", plural="entries")
    if isinstance(found, Damaged):
        raise InputError(
            f"The entry {found.path.stem} is damaged ({found.why}), so the earlier state is unknown.",
            next=f"Open {found.path}: parts of it may still be readable.",
            code="entry-damaged",
        )
    return found


def _latest(journal: Journal, org_id: str, config: str) -> Entry:
    """Return the last entry of this config directory that changed the org; an older version kept no directory.

    Raises :class:`InputError` if there is none, if only the declarations of others changed something (several can share
    an org), or if a newer entry is damaged.
    """
    damaged: Damaged | None = None
    of_another: Entry | None = None
    for each in journal.newest_first(org_id):
        if isinstance(each, Damaged):
            damaged = damaged or each
        elif not _can_be_latest(each, org_id):
            continue
        elif each.config in (None, os.path.realpath(config)):
            if damaged is not None:
                raise _newer_is_damaged(damaged, each)
            return each
        else:
            of_another = of_another or each.head
    if of_another is None:
        raise InputError(
            "This machine's journal has no change of this org that can be restored.",
            next="`provisioner restore` lists the entries of all orgs.",
            code="no-such-entry",
        )
    raise InputError(
        f"No apply of this config directory changed this org from this machine; the latest one is of "
        f"{of_another.config}.",
        next=f"`provisioner restore` lists the entries. To undo that one: {_command(of_another)}",
        code="no-such-entry",
    )


def _can_be_latest(entry: Entry, org_id: str) -> bool:
    is_of_org = entry.org_id[:15] == org_id[:15]
    return is_of_org and entry.command != PROBE and not entry.is_of_logins and entry.changed_something


def _newer_is_damaged(damaged: Damaged, ours: Entry) -> InputError:
    return InputError(
        f"The newer entry {damaged.path.stem} is damaged ({damaged.why}), so the latest change is unknown.",
        next=f"Open {damaged.path}: parts of it may still be readable. To undo the one before it: {_command(ours)}",
        code="entry-damaged",
    )


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
