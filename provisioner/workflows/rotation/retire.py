"""The end of an old key: deactivated, then deleted; first in the declaration, if needed, then in the org."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioner.components.snapshot import Snapshot
from provisioner.declaration.edit_keys import add_to_removed, set_active
from provisioner.errors import InputError, RefusedError
from provisioner.execution.outcome import Outcome
from provisioner.jose.rotation_state import DeclaredState, RotatingKey, RotatingKeyset, RotationStep, StepKind
from provisioner.jose.rotation_words import Invocation
from provisioner.model.types import MetadataType
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Action, Change
from provisioner.planning.planner import make_plan
from provisioner.words import enumerated
from provisioner.workflows.console import Console
from provisioner.workflows.edit_declaration import DeclarationEdit, edited
from provisioner.workflows.new_files import NewFiles
from provisioner.workflows.prepare import Prepared, prepare
from provisioner.workflows.rotation.apply_step import apply_targets

if TYPE_CHECKING:
    from provisioner.salesforce import Org


@dataclass(frozen=True, slots=True)
class Retirement:
    """A step that nothing blocks; its kind is DEACTIVATE or DELETE."""

    console: Console
    prepared: Prepared
    org: Org
    snapshot: Snapshot
    view: RotatingKeyset
    step: RotationStep
    typed: Invocation

    def run(self, *, shared: bool) -> tuple[Outcome, Prepared]:
        """Edit, show, ask, write, apply; return the outcome and the new declaration.

        Raises :class:`InputError` if the text cannot be edited, :class:`RefusedError` if the plan has other changes or
        the edit affects other environments (``shared`` allows that). The declaration is written after the confirmation.
        """
        old = self.step.old
        assert old is not None
        edit = self._edit(old)
        prepared, notice = self.prepared, ""
        if edit is not None:
            prepared = prepare(self.console, prepared.environment.name, edit.config)
            notice = "" if shared else self._elsewhere_too(edit)
        targets = [f"key.{old.name}"]
        if self.step.kind is StepKind.DELETE:
            targets += self._listing(prepared, old)
            self._check_only(prepared, old, targets)
        elif prepared.loaded.estate.keys[old.name].active:
            raise InputError(
                f"keys.{old.name} stays active under {prepared.environment.name}, because the overrides there set it.",
                next=f"Write `active: false` there, in {prepared.environment.file}, and run the command again.",
                code="overridden",
            )
        outcome = apply_targets(
            self.console,
            prepared,
            self.org,
            self.snapshot,
            targets,
            allowed=Allowed(destroy=self.step.kind is StepKind.DELETE, production=prepared.environment.production),
            notice=notice,
            before=lambda _plan: self._write(edit),
        )
        return outcome, prepared

    def _edit(self, old: RotatingKey) -> DeclarationEdit | None:
        """Return the edit that the declaration still needs; None if it needs none."""
        if self.step.kind is StepKind.DEACTIVATE and old.declared is DeclaredState.ACTIVE:
            made = edited(
                self.console,
                lambda content: set_active(content, old.name, False),
                f"Write `active: false` to keys.{old.name} by hand.",
            )
        elif self.step.kind is StepKind.DELETE and old.declared is DeclaredState.INACTIVE:
            made = edited(
                self.console,
                lambda content: add_to_removed(content, old.name),
                f"Remove keys.{old.name} from the declaration and from each keyset by hand, and list it under "
                f"removed.keys.",
            )
        else:
            return None
        made.judge()
        return made

    def _write(self, edit: DeclarationEdit | None) -> None:
        if edit is not None:
            with NewFiles() as files:
                edit.write(files)
            self.console.say(f"Written to {self.console.config.declaration_file}.")

    def _elsewhere_too(self, edit: DeclarationEdit) -> str:
        """Return the notice about other environments for the question. Raises if there will be no question."""
        others = edit.others(self.prepared.environment.name)
        if not others:
            return ""
        said = f"This declaration also serves {enumerated(others)}: the next apply there will make the same change."
        asked = self.console.is_interactive and (self.prepared.environment.production or not self.console.given.yes)
        if not asked:
            raise RefusedError(
                f"{said} Nothing was done.",
                next="Rotate there first, up to the switch of the signer: `provisioner keys rotate --status --env "
                f"{others[0]}` shows the state. Then give --shared.",
                code="shared-declaration",
            )
        return said

    def _listing(self, prepared: Prepared, old: RotatingKey) -> list[str]:
        """Return the declared keysets that list the key."""
        names = {self.view.keyset, *old.elsewhere} & set(prepared.loaded.estate.keysets)
        return [f"keyset.{name}" for name in sorted(names)]

    def _check_only(self, prepared: Prepared, old: RotatingKey, targets: list[str]) -> None:
        """Raise :class:`RefusedError` if the plan has another change than the removal of the key."""
        plan = make_plan(
            prepared.loaded.estate,
            prepared.derivations,
            self.snapshot,
            environment=prepared.environment.name,
            declaration_digest="",
            now=self.console.now,
            targets=targets,
        )
        if not _is_retirement(plan.changes, old.name):
            raise RefusedError(
                f"{enumerated(targets[1:])} would change in more than the removal of {old.name}. Nothing was done.",
                next=f"Review the other changes (`provisioner plan`), and apply them first: {self.typed.apply()}",
                code="more-than-rotation",
            )


def _is_retirement(changes: Sequence[Change], key: str) -> bool:
    """Return whether the only changes are that ``key`` leaves its keysets and is deleted."""
    return all(_retires(change, key) for change in changes)


def _retires(change: Change, key: str) -> bool:
    if change.type is MetadataType.KEY:
        return change.full_name == key and change.action is Action.DELETE
    lists = [(field.before, field.after) for field in change.fields if field.path == "keys"]
    if change.type is not MetadataType.KEYSET or change.action is not Action.UPDATE or len(change.fields) != len(lists):
        return False
    return all(
        isinstance(before, tuple) and isinstance(after, tuple) and set(before) - set(after) == {key}
        and set(after) <= set(before)
        for before, after in lists
    )  # fmt: skip
