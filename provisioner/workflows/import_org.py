"""Turns the components of an org into a declaration, in memory: composes it, checks it, and plans it.

An objection of a rule or of the plan does not stop the import: the component is left out, with the reason, and the
rest is composed again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from provisioner.components.snapshot import Snapshot
from provisioner.declaration.edit_keys import add_member
from provisioner.declaration.editor import SCHEMA_FILE, Put, declaration_text, edit, issuer_value
from provisioner.declaration.load import DECLARATION_FILE, ConfigDirectory, Loaded, read_declaration
from provisioner.declaration.text_edits import NotEditable
from provisioner.declaration.tree import places, plain
from provisioner.declaration.variables import variable_names
from provisioner.diagnostics import Location
from provisioner.errors import InputError
from provisioner.files import UnreadableError
from provisioner.jose.defects import shown
from provisioner.jose.material import jwks_of
from provisioner.model.estate import Estate
from provisioner.model.types import YamlPath
from provisioner.planning.digests import declaration_digest
from provisioner.planning.external import owned_elsewhere_in
from provisioner.planning.import_merge import Update, additions, updates
from provisioner.planning.import_org import Fields, ImportedConfig, from_snapshot, shared_issuers
from provisioner.planning.plan import Change, Plan
from provisioner.planning.planner import make_plan
from provisioner.report.imported import Imported, Standing
from provisioner.rules.check import Checked, check
from provisioner.words import enumerated
from provisioner.workflows.imported_key_files import KeyFilesToWrite
from provisioner.workflows.load_declaration import blocking
from provisioner.workflows.prepare import EVERYTHING_ALLOWED

EMPTY = b"version: 1\n"
HEAD = (
    "",
    "User verification in Enhanced Chat, imported from an org. `provisioner plan` compares it with any of your orgs.",
    "An omitted field is not managed; {} and [] mean none.",
)


@dataclass(frozen=True, slots=True)
class Target:
    """The place of the declaration. ``before`` is its text, None if there is none yet.

    ``environment`` is the one to check it under, None if the directory does not have it. ``schema`` is the path of
    the JSON Schema for editors, relative to the directory.
    """

    directory: Path
    before: bytes | None
    environment: str | None
    schema: str

    def loaded(self, content: bytes | None = None, key_files: Mapping[str, bytes] | None = None) -> Loaded:
        """Return the declaration: as it is, or with another ``content`` and additional ``key_files``."""
        before = EMPTY if self.before is None else self.before
        config = ConfigDirectory(self.directory, before if content is None else content, key_files)
        return config.load(self.environment, settled=self.environment is None)


def target_of(directory: Path, environment: str, schema: str = f"../{SCHEMA_FILE}") -> Target:
    """Return a config directory as a target. Raises :class:`InputError` if its declaration cannot be read."""
    path = directory / DECLARATION_FILE
    try:
        before = read_declaration(directory) if os.path.lexists(path) else None
    except UnreadableError as error:
        raise InputError(
            f"The declaration {path} {error.problem}.",
            next="Check the file's permissions, or write to another directory with --out DIR.",
            code="no-declaration",
        ) from None
    known = ConfigDirectory(directory, before or EMPTY).environment_names()
    return Target(directory, before, environment if environment in known else None, schema)


def import_snapshot(target: Target, snapshot: Snapshot, *, environment: str, now: datetime) -> Imported:
    """Return the import of everything that can be declared. Raises :class:`InputError` if the text cannot be edited.

    An existing declaration must have no errors.
    """
    return _Import(target, snapshot, environment, now).run()


class _Import:
    """One import: composes the declaration again until neither a rule nor the plan has an objection."""

    def __init__(self, target: Target, snapshot: Snapshot, environment: str, now: datetime) -> None:
        self._target = target
        self._snapshot = snapshot
        self._environment = environment
        self._now = now
        self._base = target.loaded()
        # The file alone: an environment's overrides are not edited here.
        own = ConfigDirectory(target.directory, target.before or EMPTY).load(None)
        self._own, self._written = own.estate, _plain(own)
        self._merged = _plain(self._base)
        # Why updates were not made: all of a component's after an objection, single values of an environment file.
        self._vetoed: dict[str, str] = {}
        self._elsewhere: dict[YamlPath, Standing] = {}

    def run(self) -> Imported:
        external = owned_elsewhere_in(self._snapshot, self._base.estate)
        taken = from_snapshot(self._snapshot, external)
        while True:
            new = additions(taken, self._own)
            added = set(_addresses(new))
            keys = KeyFilesToWrite(self._target.directory)
            updated = [
                each
                for each in updates(taken, self._base.estate)
                if each.address not in added and self._may_be_set(each)
            ]
            content = self._composed(new, keys, updated)
            loaded = self._target.loaded(content, keys.new)
            checked = check(loaded, now=self._now)
            objections = dict(self._objections(loaded, checked, new, updated))
            if not objections:
                break
            for address, why in objections.items():
                if any(each.address == address for each in updated):
                    self._vetoed[address] = why
                else:
                    taken.leave_out(address, why)
        plan = self._plan(loaded, checked)
        return Imported(
            content=content,
            key_files=keys.new,
            declared=_addresses(new),
            updated=tuple(updated),
            left_out=taken.left_out,
            leaks=taken.leaks,
            standing=tuple(each for change in plan.changes for each in self._standing(change)),
            unmanaged_channels=tuple(name for name in taken.quiet if name not in self._own.channels),
            external=tuple(each.address for each in plan.external),
        )

    # Composing

    def _composed(self, new: ImportedConfig, keys: KeyFilesToWrite, updated: Sequence[Update]) -> bytes:
        sections = self._sections(new, keys)
        if self._target.before is None:
            return declaration_text(HEAD, sections, self._target.schema)
        puts = [
            Put((section, name), fields) for section, entries in sections.items() for name, fields in entries.items()
        ]
        puts += [Put(*self._place(each)) for each in updated if not _is_list(each)]
        content = self._target.before
        try:
            if puts:
                content = edit(content, puts)
            for each in updated:
                for key in each.org if _is_list(each) else ():
                    if key not in each.declared:
                        content = add_member(content, each.path[1], key)
        except NotEditable as error:
            raise InputError(
                f"{self._target.directory / DECLARATION_FILE} cannot be edited automatically: {error}. Nothing was "
                f"written.",
                next="Import into a new directory with --out DIR, and copy the parts that you need by hand.",
                code="declaration-not-editable",
            ) from None
        return content

    def _sections(self, new: ImportedConfig, keys: KeyFilesToWrite) -> dict[str, dict[str, Any]]:
        issuers = {value: name for name, value in self._base.estate.issuers.items()}
        shared = {} if self._target.before is not None else shared_issuers(new.keysets)
        issuers |= shared
        keysets = {
            name: {**fields, "issuer": issuer_value(fields["issuer"], issuers)} for name, fields in new.keysets.items()
        }
        return {
            "issuers": {name: value for value, name in shared.items()},
            "keys": {name: _key(fields, keys.fields(name, new.jwks[name])) for name, fields in new.keys.items()},
            "keysets": keysets,
            "channels": dict(new.channels),
            "deployments": dict(new.deployments),
        }

    def _place(self, update: Update) -> tuple[tuple[str, ...], Any]:
        """Return the path of a value to write. An issuer that no other keyset refers to is corrected at its name."""
        if update.path[0] != "keysets" or update.path[-1] != "issuer":
            return update.path, update.org
        estate = self._base.estate
        issuer = estate.keysets[update.path[1]].issuer
        name = issuer.name if issuer is not None else None
        users = [each for each in estate.keysets.values() if each.issuer is not None and each.issuer.name == name]
        if name is not None and len(users) == 1:
            return ("issuers", name), update.org
        return update.path, issuer_value(update.org, {value: each for each, value in estate.issuers.items()})

    # Objections

    def _may_be_set(self, update: Update) -> bool:
        if update.address in self._vetoed:
            return False
        found = self._set_elsewhere(update)
        if found is not None:
            self._elsewhere[update.path] = found
        return found is None

    def _set_elsewhere(self, update: Update) -> Standing | None:
        """Return the place in the environment file that decides about the value; None if the declaration does."""
        path = update.path
        written, merged = _at(self._written, path), _at(self._merged, path)
        if path[-1] == "issuer" and isinstance(written, str) and ":" not in written and "." not in written:
            path = ("issuers", written)
            written, merged = _at(self._written, path), _at(self._merged, path)
        if written == merged or (isinstance(written, str) and written.replace("$${", "${") == merged):
            return None
        return self._decided_elsewhere(update.address, update.path, path, update.org, written)

    def _decided_elsewhere(
        self, address: str, path: YamlPath, at: YamlPath, org: Any, written: Any = None
    ) -> Standing | None:
        """Return the difference that only the environment file can end; None if it has no such place.

        ``at`` is the place of the value in the merged declaration, ``written`` the text of the declaration there.
        """
        environment, tree = self._base.environment, self._base.tree
        place = places(tree).of(*at) if tree is not None else None
        if environment is None or place is None:
            return None
        how = "the environment file sets it"
        names = variable_names(written) if isinstance(written, str) and place.file != environment.file else ()
        if names:
            place = environment.places.of("variables", names[0])
            how = f"it comes from the variable {enumerated(names)}"
        reason = f"{'.'.join(at)} is {shown(org)} in the org, and {how}: change {place}"
        return Standing(address, reason, path, org, place)

    def _objections(
        self, loaded: Loaded, checked: Checked, new: ImportedConfig, updated: Sequence[Update]
    ) -> Iterator[tuple[str, str]]:
        """Yield the components to leave out, with the reason. Raises :class:`InputError` without an address."""
        added = set(_addresses(new))
        ours = added | {each.address for each in updated}
        errors = blocking(checked.findings)
        for finding in errors:
            addresses = [finding.address] if finding.address else _users_of_issuer(loaded.estate, finding.location)
            if addresses and ours.issuperset(addresses):
                yield from ((str(address), f"{finding.rule}: {finding.message}") for address in addresses)
            else:
                raise InputError(f"{finding.message} Nothing was written.", next=finding.fix, code=finding.rule)
        if errors:
            return
        plan = self._plan(loaded, checked)
        for change in plan.changes:
            if change.address in added:
                if self._target.environment is not None and self._is_overridden(loaded, change, new):
                    self._keep_overrides(change)
                else:
                    fields = ", ".join(field.path for field in change.fields)
                    yield change.address, f"a declaration cannot express it exactly ({fields})"
        for blocked in plan.blocked:
            if blocked.address in ours:
                yield str(blocked.address), f"{blocked.guard}: {blocked.message}"

    def _is_overridden(self, loaded: Loaded, change: Change, new: ImportedConfig) -> bool:
        """Return whether an environment's overrides changed an imported component."""
        section = f"{change.type.word}s"
        sections = {
            "keys": new.keys, "keysets": new.keysets, "channels": new.channels, "deployments": new.deployments,
        }  # fmt: skip
        taken = sections[section][change.full_name]
        merged = _at(_plain(loaded), (section, change.full_name))
        return any(merged.get(name) != value for name, value in taken.items() if name != "issuer")

    def _keep_overrides(self, change: Change) -> None:
        for field in change.fields:
            path = (change.type.section, change.full_name, *field.path.split("."))
            reason = f"{field.path} is {shown(field.before)} in the org, and the environment file sets it: change "
            self._elsewhere[path] = Standing(
                change.address, f"{reason}{field.declared_at}", path, field.before, field.declared_at
            )

    def _plan(self, loaded: Loaded, checked: Checked) -> Plan:
        return make_plan(
            loaded.estate,
            checked.derivations,
            self._snapshot,
            environment=self._environment,
            declaration_digest=declaration_digest(loaded, jwks_of(checked.derivations)),
            now=self._now,
            allowed=EVERYTHING_ALLOWED,
        )

    def _standing(self, change: Change) -> Iterator[Standing]:
        """Yield a difference for each value of an environment file, and one for the rest of the component."""
        if change.address in self._vetoed:
            yield Standing(change.address, self._vetoed[change.address])
            return
        elsewhere = [each for each in self._elsewhere.values() if each.address == change.address]
        yield from elsewhere
        told = [".".join(each.path[2:]) for each in elsewhere]
        rest = [field.path for field in change.fields if not any(_is_within(field.path, path) for path in told)]
        if rest or not elsewhere:
            reason = {
                "create": "it is declared, but missing in the org",
                "delete": "it is listed under `removed`, but is still in the org",
            }.get(change.action.value, f"differs in the org: {', '.join(rest)}")
            yield Standing(change.address, reason)


def _users_of_issuer(estate: Estate, at: Location | None) -> list[str]:
    """Return the addresses of the keysets that use the issuer at that place under ``issuers``."""
    names = {name for name in estate.issuers if estate.issuer_places.of(name) == at}
    return [f"keyset.{name}" for name, each in estate.keysets.items() if each.issuer and each.issuer.name in names]


def _is_within(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")


def _key(said: Fields, material: Fields) -> Fields:
    """Return a key's fields in the usual order."""
    active = {name: said[name] for name in said if name == "active"}
    return {**{name: value for name, value in said.items() if name != "active"}, **active, **material}


def _addresses(taken: ImportedConfig) -> tuple[str, ...]:
    return (
        *(f"key.{name}" for name in taken.keys),
        *(f"keyset.{name}" for name in taken.keysets),
        *(f"channel.{name}" for name in taken.channels),
        *(f"deployment.{name}" for name in taken.deployments),
    )


def _is_list(update: Update) -> bool:
    return update.path[0] == "keysets" and update.path[-1] == "keys"


def _plain(loaded: Loaded) -> Any:
    return plain(loaded.tree) if loaded.tree is not None else None


def _at(tree: Any, path: Sequence[str]) -> Any:
    """Return the value at a path; None if there is none."""
    node = tree
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node
