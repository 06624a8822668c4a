"""The revocation of a leaked key, deactivated at once: the consequences are shown, and nothing else changes.

It sends the org's own key as inactive; other differences from the declaration stay. The declaration is edited, too:
without that, the next apply would activate the key again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from provisioner import names
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.declaration.edit_keys import set_active
from provisioner.errors import ExitStatus, InputError, RefusedError
from provisioner.execution.outcome import Result
from provisioner.jose.material import Derivation
from provisioner.jose.rotation_state import DEFAULT_VERIFIED_MINUTES
from provisioner.jose.rotation_words import Invocation
from provisioner.model.estate import Endpoint, Key, Keyset, UploadedKeys
from provisioner.model.places import Places
from provisioner.model.types import MetadataType
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan
from provisioner.planning.plan_input import PlanInput
from provisioner.report.rotation import Hit, Revoked, warning_view
from provisioner.report.terminal import terminal
from provisioner.report.visible import without_credentials
from provisioner.words import enumerated
from provisioner.workflows.console import Console
from provisioner.workflows.edit_declaration import DeclarationEdit, edited
from provisioner.workflows.new_files import NewFiles
from provisioner.workflows.prepare import Prepared, observe
from provisioner.workflows.rotation.apply_step import apply_targets, told_on_error

if TYPE_CHECKING:
    from provisioner.components.key import ObservedKey
    from provisioner.report.style import Style
    from provisioner.salesforce import Org


@dataclass(frozen=True, slots=True)
class Revocation:
    """``confirmed`` are the names that were typed with --confirm: the key's, and in production the environment's."""

    console: Console
    prepared: Prepared
    org: Org
    keyset: Keyset
    key: str
    confirmed: Sequence[str]
    typed: Invocation

    def run(self) -> Revoked:
        """Show the consequences, ask, and deactivate the key. Raises if there is no such key, or it cannot be read."""
        if isinstance(self.keyset.source, Endpoint):
            url = without_credentials(self.keyset.source.url)
            raise InputError(
                f"keyset.{self.keyset.name} takes its keys from an endpoint, so no key can be deactivated here.",
                next=f"Remove the JWK of {self.key} from {url} now. Salesforce does not document "
                f"how long it caches a key: to be sure at once, declare another endpoint, and apply that.",
                code="keyset-is-endpoint",
            )
        snapshot = observe(self.console, self.org, self.prepared.environment)
        inputs = PlanInput(self.prepared.loaded.estate, self.prepared.jwks, snapshot, self.console.now)
        found = self._find(inputs)
        kid = found.jwk.kid if found.jwk is not None else self.key
        about = Revoked(
            environment=self.prepared.environment.name,
            keyset=self.keyset.name,
            key=self.key,
            kid=kid,
            hits=tuple(_hits(inputs, self.key)),
            was_active=found.active,
            next=tuple(self._next(kid)),
        )

        self.console.show(lambda: warning_view(about))
        if self.key not in self.confirmed:
            again = f"To revoke it: {self._again(self.key)}"
            refusal = f"The name of the key was not confirmed; {self.key} is unchanged.", again
            return replace(about, refused=refusal, exit_status=ExitStatus.REFUSED)
        return self._go(about, snapshot, found)

    def _again(self, *confirmed: str) -> str:
        """Return the command that revokes the key, with these names confirmed."""
        names_again = "".join(f" --confirm {name}" for name in confirmed)
        return self.typed.rotate(self.keyset.name, f" --revoke {self.key}{names_again}")

    def _go(self, about: Revoked, snapshot: Snapshot, found: ObservedKey) -> Revoked:
        declared = self.prepared.loaded.estate.keys.get(self.key)
        edit, by_hand = self._edit(declared)
        written: list[str] = []
        unwritten: list[str] = []
        said: list[str] = []

        def write(_plan: Plan) -> None:
            """Write the declaration before anything is sent: without it, the next apply would activate the key again.

            A file that cannot be written does not delay the revocation.
            """
            if edit is None:
                return
            try:
                with NewFiles() as files:
                    edit.write(files)
                written.append(self.console.config.declaration_file)
                said.append(_HALF_DONE.format(file=written[0], key=self.key))
            except InputError as error:
                unwritten.append(f"{error.message} {_BY_HAND.format(key=self.key)}")

        with told_on_error(self.console, (), said):
            outcome = apply_targets(
                self.console,
                self._revoking(found, declared),
                self.org,
                snapshot,
                [f"key.{self.key}"],
                allowed=Allowed(production=self.prepared.environment.production, revoke=self.key),
                confirmed=self.confirmed,
                warning=self._warning(about),
                approved=not self.prepared.environment.production,
                without_terminal=f"Run it at a terminal, or name the environment as well: "
                f"{self._again(self.key, self.prepared.environment.name)}",
                before=write,
            )
        if outcome.result is Result.REFUSED and not written:
            refused = outcome.problems[0].problem, outcome.next or "Review the plan."
            return replace(about, outcome=outcome, refused=refused, exit_status=outcome.exit_status)
        failed = (_IN_SETUP.format(key=self.key),) if outcome.result in (Result.FAILED, Result.REFUSED) else ()
        return replace(
            about,
            outcome=outcome,
            written=next(iter(written), None),
            by_hand=next(iter(unwritten), by_hand),
            next=(*failed, *about.next),
            exit_status=outcome.exit_status,
        )

    def _revoking(self, found: ObservedKey, declared: Key | None) -> Prepared:
        """Return the prepared declaration with the org's key in it, inactive."""
        assert found.jwk is not None
        estate = self.prepared.loaded.estate
        off = Key(self.key, None, active=False, places=declared.places if declared is not None else Places())
        # The declaration may delete the key already, which other environments were rotated away from.
        removed = replace(estate.removed, keys=tuple(name for name in estate.removed.keys if name != self.key))
        revoking = replace(estate, keys={**estate.keys, self.key: off}, removed=removed)
        return replace(
            self.prepared,
            loaded=replace(self.prepared.loaded, estate=revoking),
            derivations={**self.prepared.derivations, self.key: Derivation(found.jwk, None, ())},
        )

    def _edit(self, declared: Key | None) -> tuple[DeclarationEdit | None, str | None]:
        """Return the edit of the declaration, or the text to write by hand. Neither delays a revocation."""
        if declared is None or not declared.active:
            return None, None
        try:
            made = edited(self.console, lambda content: set_active(content, self.key, False), "")
            made.judge()
        except InputError as error:
            return None, f"{error.message.removesuffix(' Nothing was done.')} {_BY_HAND.format(key=self.key)}"
        environment = self.prepared.environment
        stays = made.config.load(environment.name).estate.keys[self.key].active
        return (
            made,
            f"The overrides in {environment.file} keep it active: write `active: false` there." if stays else None,
        )

    def _find(self, inputs: PlanInput) -> ObservedKey:
        """Return the org's key, which the declaration or the org lists in this keyset."""
        listed = self.keyset.source.names if isinstance(self.keyset.source, UploadedKeys) else ()
        held = inputs.keysets[self.keyset.name].keys if self.keyset.name in inputs.keysets else ()
        known = list(dict.fromkeys((*listed, *held)))
        if self.key not in known:
            raise names.unknown("key", self.key, known, place=f"keyset.{self.keyset.name}")
        seen = inputs.snapshot.find(MetadataType.KEY, self.key)
        found = inputs.keys.get(self.key)
        if found is None or found.jwk is None:
            by_hand = (
                "If Setup > Enhanced Chat User Verification lists it, clear Active there, and write `active: false` "
                f"to keys.{self.key} in the declaration."
            )
            if isinstance(seen, Unreadable):
                raise RefusedError(
                    f"key.{self.key} cannot be revoked here: it could not be read ({seen.reason}).",
                    next=f"Run the command again. {by_hand}",
                    code="unreadable",
                )
            why = "it is not in the org, so it verifies nothing"
            if found is not None:
                why = "the org holds no readable JWK under its name"
            raise InputError(f"key.{self.key} cannot be revoked here: {why}.", next=by_hand, code="not-revocable")
        return found

    @staticmethod
    def _warning(about: Revoked) -> Callable[[Style], str]:
        return partial(terminal, warning_view(about))

    def _next(self, kid: str) -> Iterator[str]:
        others = [name for name in self.console.config.environment_names() if name != self.prepared.environment.name]
        if others:
            yield f"If the key signs for {enumerated(others)} too, revoke it there as well: each is a separate org."
        yield f"Generate its successor: provisioner keys generate NAME --keyset {self.keyset.name}"
        yield f"Publish and prove it: {self.typed.rotate(self.keyset.name)}"
        yield f"Sign with it, and destroy every copy of the private key of kid {kid}."
        yield "Check MessagingSession since the leak for conversations that an attacker may have opened with it."


_IN_SETUP = (
    "The key is still active in the org. Run the command again, or deactivate it there now: Setup > Enhanced Chat User "
    "Verification > {key} > Edit > Active. If the org does not let you deactivate a key of a keyset, remove {key} "
    "from the keyset."
)
_HALF_DONE = (
    "{file} declares keys.{key} inactive now. The org did not confirm it, so the key may still be active there: run "
    "the command again."
)
_BY_HAND = "Write `active: false` to keys.{key} by hand: if not, the next apply activates the key again."


def _hits(inputs: PlanInput, key: str) -> Iterator[Hit]:
    """Yield the channels that tokens of the key verify on, with the keys that remain there."""
    state = inputs.before
    for name, channel in state.channels.items():
        others = dict.fromkeys(state.verifiers(channel, inputs.now))
        if not channel.enabled or not any(key in keyset.keys for keyset in state.active_keysets(channel)):
            continue
        minutes = inputs.channels[name].verified_minutes
        left = tuple(label for label in others if label != key)
        yield Hit(
            name,
            DEFAULT_VERIFIED_MINUTES if minutes is None else minutes,
            tuple(_label(inputs, label) for label in left),
        )


def _label(inputs: PlanInput, name: str) -> str:
    found = inputs.keys.get(name)
    return f"{name} (kid {found.jwk.kid})" if found is not None and found.jwk is not None else name
