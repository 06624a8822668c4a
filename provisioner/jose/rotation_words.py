"""A step of a rotation in sentences: the state, the next step, the reasons against it, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from provisioner.jose.rotation_state import (
    DeclaredState,
    OrgState,
    RotatingKey,
    RotatingKeyset,
    RotationStep,
    StepKind,
    TokenEvidence,
)


@dataclass(frozen=True, slots=True)
class Words:
    """``title`` is one sentence; ``seen`` what it rests on; ``next`` what to do, in order; ``back`` how to go back."""

    title: str
    seen: tuple[str, ...]
    next: tuple[str, ...]
    back: str | None


@dataclass(frozen=True, slots=True)
class Invocation:
    """The parts of recommended commands, as the person gave them.

    ``endpoint`` is for commands that ask the keyset's endpoint. ``which`` tells the keys apart, ``where`` names the
    channel and the deployment of the proof.
    """

    environment: str
    endpoint: str = ""
    which: str = ""
    where: str = ""

    def rotate(self, keyset: str, more: str = "") -> str:
        options = f"{self.endpoint}{self.which}{more}"
        return f"provisioner keys rotate {keyset} --env {self.environment}{options}"

    def apply(self) -> str:
        return f"provisioner apply --env {self.environment}"


def words_of(
    step: RotationStep, view: RotatingKeyset, evidence: TokenEvidence, now: datetime, typed: Invocation
) -> Words:
    """Return the sentences of a step."""
    found = _Speaking(step, view, evidence, now, typed)
    title, steps, back = found.say()
    return Words(title, tuple(found.seen()), tuple(steps), back)


@dataclass(frozen=True, slots=True)
class _Speaking:
    step: RotationStep
    view: RotatingKeyset
    evidence: TokenEvidence
    now: datetime
    typed: Invocation

    def say(self) -> tuple[str, list[str], str | None]:
        match self.step.kind:
            case StepKind.GENERATE:
                return self._generate()
            case StepKind.PUBLISH:
                return self._publish()
            case StepKind.PROVE:
                return self._prove()
            case StepKind.SWITCH:
                return self._switch()
            case StepKind.DEACTIVATE:
                return self._deactivate()
            case StepKind.DELETE:
                return self._delete()
            case StepKind.BLOCKED:
                refusal = self.step.refused[0]
                return refusal.sentence, [refusal.next], None
            case _:
                assert_never(self.step.kind)

    def seen(self) -> Iterator[str]:
        """Yield the facts behind the step, beside the table of keys."""
        if self.view.channels:
            names = [
                f"{each.name} (access tokens are valid for {each.verified_minutes} minutes)"
                for each in self.view.channels
            ]
            yield f"Used by {', '.join(names)}."
        else:
            yield "No channel of the org uses it to verify customers, so nothing can be proven and nothing can break."
        new = self.step.new
        proven = self.evidence.proofs.get(new.kid) if new is not None else None
        if new is not None and proven is not None and proven.since < self.now:  # this run reports its proof there
            how = "proven again now" if proven.now else "not in this run, but recorded on this machine"
            yield f"First proven that tokens with kid {new.kid} verify: {moment(proven.since)} ({how})."
        if self.evidence.switched_at is not None:
            yield f"Signer switched at {moment(self.evidence.switched_at)} (as given with --switched-at)."
        if self.evidence.token_life is not None:
            yield (
                f"The identity tokens of the signer are valid for {_span(self.evidence.token_life)}, as far as is "
                f"known."
            )

    def _generate(self) -> tuple[str, list[str], str | None]:
        name, old = self.view.keyset, self.step.old
        if old is None:
            title = f"keyset.{name} has no active key in the declaration."
        else:
            ends = f"; its certificate expires {old.ends:%Y-%m-%d}" if old.ends is not None else ""
            beside = self._beside(old)
            title = f"No rotation in progress: {_called(old)} is the only active key of keyset.{name}{ends}."
            if beside:
                also = ", ".join(map(_called, beside))
                title = f"No rotation in progress: {_called(old)} is the current key{ends}. Also active: {also}."
        if self.view.endpoint is not None:
            return (
                title,
                [
                    "To begin, create a new key pair on your signer, with a kid that was never used.",
                    f"Serve its public JWK beside the old one at {self.view.endpoint}.",
                    f"Then: {self._again(' --new KID')}",
                ],
                None,
            )
        new = self._name()
        further = [
            f"If {_called(key)} must also be removed, start a separate rotation: {self._again(f' --old {key.name}')}"
            for key in (self._beside(old) if old is not None else ())
        ]
        return (
            title,
            [
                (f"To begin, create the next key beside this one: provisioner keys generate {new} --keyset {name}"),
                f"Then publish it: {self._again()}",
                *further,
            ],
            None,
        )

    def _beside(self, key: RotatingKey) -> list[RotatingKey]:
        """Return the other active keys."""
        return [each for each in self.view.keys if each is not key and each.declared is DeclaredState.ACTIVE]

    def _name(self) -> str:
        """Return a free name for the next key."""
        stem = f"{self.view.keyset}_{self.now:%Y_%m}"
        taken = self.view.taken
        numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
        return next(name for name in (stem, *numbered) if name not in taken)

    def _publish(self) -> tuple[str, list[str], str | None]:
        names = " and ".join(_called(key) for key in self.step.publish)
        if self.view.endpoint is not None:
            kid = self.step.publish[0].kid
            look = f"provisioner diagnose endpoint {self.view.endpoint} --kid {kid}{self.typed.endpoint}"
            return (
                f"{self.view.endpoint} does not serve {kid}.",
                [
                    f'Publish its public JWK there, beside the old one: {{"kid": "{kid}", "kty": "RSA", …}}',
                    f"Check that Salesforce finds it: {look}",
                    f"Then: {self._again()}",
                ],
                "Nothing has changed yet.",
            )
        off = [key for key in self.step.publish if key.held is OrgState.INACTIVE]
        publish = f"publish it; nothing else changes, and the signer continues as before: {self._again()}"
        if off:
            called = " and ".join(_called(key) for key in off)
            keep = " and ".join(f"keys.{key.name}" for key in off)
            return (
                f"The org has {called}, and it is not active there, but declared active.",
                [f"If it was deactivated because it was leaked: write `active: false` to {keep}. Else {publish}"],
                "Nothing has changed yet.",
            )
        return f"To be published beside the existing keys: {names}.", [f"P{publish[1:]}"], "Nothing has changed yet."

    def _prove(self) -> tuple[str, list[str], str | None]:
        new, old = self._both()
        steps = []
        if self._no_deployment_is_known():
            steps.append(
                f"There is no deployment for {', '.join(each.name for each in self.view.channels)}: name one as "
                f"shown below, or write it under `verify:` in the environment "
                f"file (Setup > Embedded Service Deployments)."
            )
        steps += [
            (
                f"Prove it with the new private key, which stays on this machine: "
                f"{self._again(self._where() + ' --key-file FILE')}"
            ),
            (
                f"Or with a token from your signer, for a subject uv-probe-…: "
                f"{self._again(self._where() + ' --token FILE')}"
            ),
        ]
        return (
            f"{_called(new)} is published beside {_called(old)}; it is not yet proven that its tokens verify.",
            steps,
            self._take_back(new, old),
        )

    def _switch(self) -> tuple[str, list[str], str | None]:
        new, old = self._both()
        steps = [
            (
                f"At every signer of iss {self.view.issuer}: sign with the private key of {new.name}, with kid "
                f"{new.kid} and alg {new.algorithm} in the header. Until then {_called(old)} verifies as before."
            ),
            (
                f"Identity tokens with kid {old.kid} are valid until their exp, which the signer sets. Access tokens "
                f"issued for them stay valid for at most {self._minutes()} minutes, even after the key is removed."
            ),
        ]
        when = f"When the last token with kid {old.kid} has expired"
        if self.step.until is not None and self.step.until > self.now:
            left = _span(self.step.until - self.now)
            when += f", and not before {moment(self.step.until)} (in {left})"
        steps.append(
            f"{when}, retire {old.name}, with a token from the signer as proof: "
            f"{self._again(' --retire' + self._where() + ' --token FILE')}"
        )
        return (
            f"{_called(new)} is proven. Now switch the signer: {_called(old)} still verifies.",
            steps,
            f"Sign with kid {old.kid} again: it is still active, and the org needs no change.",
        )

    def _deactivate(self) -> tuple[str, list[str], str | None]:
        new, old = self._both()
        proof = f"{self._where()} --token FILE" if self.view.channels else ""
        if self.view.endpoint is not None:
            return (
                f"{_called(old)} can be removed from {self.view.endpoint} when every signer uses {_called(new)}.",
                [
                    (
                        "Before that, check once more, with a token from the signer as proof: "
                        f"{self._again(' --retire' + proof)}"
                    ),
                    (
                        f"Remove its JWK from {self.view.endpoint}. Salesforce does not document how long it caches "
                        f"a JWKS. Never use the kid again."
                    ),
                ],
                f"Serve the JWK of {old.kid} again at the endpoint.",
            )
        edit = (
            f"writes `active: false` to keys.{old.name} in the declaration, and applies it"
            if old.declared is DeclaredState.ACTIVE
            else "applies the change that is already declared"
        )
        return (
            f"{_called(old)} can be deactivated when every signer uses {_called(new)}.",
            [f"Deactivate it ({edit}): {self._again(' --retire' + proof)}"],
            f"Sign with kid {old.kid} again: it is still active"
            + ("." if old.declared is DeclaredState.ACTIVE else f"; and remove `active: false` from keys.{old.name}."),
        )

    def _delete(self) -> tuple[str, list[str], str | None]:
        new, old = self._both()
        proof = f"{self._where()} --token FILE" if self.view.channels else ""
        edit = "applies its tombstone"
        if old.declared is DeclaredState.INACTIVE:
            edit = f"removes keys.{old.name} from the declaration, writes its tombstone, and applies it"
        return (
            f"{_called(old)} is deactivated; {_called(new)} replaces it.",
            [
                f"Every signer must sign with kid {new.kid}: tokens with kid {old.kid} no longer verify.",
                "No hurry: a deactivated key does no harm. If it was not leaked, you can activate it again at once.",
                f"Delete it permanently ({edit}): {self._again(' --retire' + proof)}",
            ],
            f"If the key was not leaked, remove `active: false` from keys.{old.name}, then: {self.typed.apply()}"
            if old.declared is DeclaredState.INACTIVE
            else f"If the key was not leaked, remove its tombstone, and declare keys.{old.name} as before.",
        )

    def _no_deployment_is_known(self) -> bool:
        return bool(self.view.channels) and all(each.deployment is None for each in self.view.channels)

    def _where(self) -> str:
        """Return the options that name the place of a proof: the person's own, or placeholders."""
        if self._no_deployment_is_known():
            return f" --channel {self.view.channels[0].name} --deployment DEPLOYMENT"
        return self.typed.where

    def _take_back(self, new: RotatingKey, old: RotatingKey) -> str:
        if self.view.endpoint is not None:
            return f"Remove the JWK of {new.kid} from the endpoint; no token is signed with it yet."
        return (
            f"Nothing must be undone: the signer continues with kid {old.kid}. To withdraw {new.name}, write "
            f"`active: false` to keys.{new.name}, then: {self.typed.apply()}"
        )

    def _both(self) -> tuple[RotatingKey, RotatingKey]:
        assert self.step.new is not None
        assert self.step.old is not None
        return self.step.new, self.step.old

    def _again(self, more: str = "") -> str:
        return self.typed.rotate(self.view.keyset, more)

    def _minutes(self) -> int:
        return max((each.verified_minutes for each in self.view.channels), default=0)


def moment(at: datetime) -> str:
    """Return a time for messages."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _called(key: RotatingKey) -> str:
    return key.name if key.name == key.kid else f"{key.name} (kid {key.kid})"


def _span(length: timedelta) -> str:
    """Return a length of time in words, rounded up to minutes."""
    minutes = -(-int(length.total_seconds()) // 60)
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hours" if hours != 1 else "1 hour"] if hours else []
    if rest or not hours:
        parts.append("1 minute" if rest == 1 else f"{rest} minutes")
    return " ".join(parts)
