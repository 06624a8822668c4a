"""The next step of a rotation: a function of the declaration, the org, and proofs.

It has no state of its own: the same declaration and the same org give the same step. The order keeps customers
verified: the new key beside the old one, the proof, the signer, and only then is the old key retired: first
deactivated (which can be undone at once), then deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from provisioner.jose.rotation_state import (
    Choice,
    DeclaredState,
    OrgState,
    RotatingKey,
    RotatingKeyset,
    RotationStep,
    StepKind,
    StepRefusal,
    TokenEvidence,
)
from provisioner.words import enumerated

ANY = Choice()
_SIGNER_S_TURN = {"signer-uses-old", "signer-uses-another", "too-early"}


class _NoStep(Exception):
    def __init__(self, code: str, sentence: str, next: str) -> None:
        super().__init__(sentence)
        self.refusal = StepRefusal(code, sentence, next)


def next_step(view: RotatingKeyset, evidence: TokenEvidence, now: datetime, choice: Choice = ANY) -> RotationStep:
    """Return the next step. Total: every state has exactly one, or a reason for none."""
    try:
        _check(view, choice)
        return _step(view, evidence, now, choice)
    except _NoStep as none:
        return RotationStep(StepKind.BLOCKED, refused=(none.refusal,))


def at_rest(view: RotatingKeyset, new: str) -> RotationStep:
    """Return the last step, after the old key is deleted. Another active key is no leftover of the rotation."""
    return RotationStep(StepKind.GENERATE, old=next(key for key in view.keys if key.name == new))


def _step(view: RotatingKeyset, evidence: TokenEvidence, now: datetime, choice: Choice) -> RotationStep:
    active = [key for key in view.keys if key.declared is DeclaredState.ACTIVE]
    missing = tuple(key for key in active if key.held is not OrgState.ACTIVE)
    if missing:
        _check_leaving(view, missing)
        return RotationStep(StepKind.PUBLISH, new=missing[0] if len(missing) == 1 else None, publish=missing)
    if not active or [key.name for key in active] == [choice.old]:
        return RotationStep(StepKind.GENERATE, old=active[0] if active else None)
    new = _newest(active, choice)
    old = _the_old(view, active, new, choice)
    if old is None:
        return RotationStep(StepKind.GENERATE, old=new)
    until = _until(view, evidence, new, old)
    refused = tuple(_against(view, evidence, now, new, old, until))
    codes = {each.code for each in refused}
    if old.held is not OrgState.ACTIVE:
        kind = StepKind.DELETE
    elif "unproven" in codes:
        kind = StepKind.PROVE
    else:
        kind = StepKind.SWITCH if codes & _SIGNER_S_TURN else StepKind.DEACTIVATE
    return RotationStep(kind, new, old, refused=refused, until=until)


def _check_leaving(view: RotatingKeyset, missing: Sequence[RotatingKey]) -> None:
    """Raise if the keyset would lose a key with a tombstone in the step that publishes others: only apply deletes."""
    for key in view.keys:
        if key.declared is DeclaredState.REMOVED and key.held is OrgState.INACTIVE:
            raise _NoStep(
                "removed-before-published",
                f"The org's keyset.{view.keyset} still lists key.{key.name}, which has a tombstone and is not active; "
                f"it would leave the keyset in the step that publishes {_names(missing)}.",
                "Review `provisioner plan`, and apply it with --allow-destroy: that key no longer verifies anything.",
            )


def _newest(active: Sequence[RotatingKey], choice: Choice) -> RotatingKey:
    """Return the key that the person names, else the one with the latest certificate."""
    if choice.new is not None:
        return next(key for key in active if key.name == choice.new)
    left = [key for key in active if key.name != choice.old]
    if len(left) == 1:
        return left[0]
    dated = sorted((key.begins, key.name, key) for key in left if key.begins is not None)
    if len(dated) != len(left) or dated[-1][0] == dated[-2][0]:
        raise _NoStep(
            "which-is-new",
            f"Which of {_names(left)} is the new key is not clear from the dates of the certificates.",
            "Name it with --new.",
        )
    return dated[-1][2]


def _the_old(
    view: RotatingKeyset, active: Sequence[RotatingKey], new: RotatingKey, choice: Choice
) -> RotatingKey | None:
    """Return the key to replace: the one that the person names, else one that the declaration deactivates or removes,
    else the other active key, else one that was deactivated before.
    """
    if choice.old is not None:
        named = next(key for key in view.keys if key.name == choice.old)
        if named.held is OrgState.MISSING:
            raise _NoStep(
                "unknown-key",
                f"--old {choice.old}: the org has no such key.",
                "Omit --old, or name the key to remove.",
            )
        return named
    leaving = [key for key in view.keys if key.declared is DeclaredState.INACTIVE and key.held is OrgState.ACTIVE]
    leaving += [key for key in view.keys if key.declared is DeclaredState.REMOVED and key.held is not OrgState.MISSING]
    others = [key for key in active if key is not new]
    if not leaving and len(others) > 1:
        raise _NoStep(
            "which-is-old",
            f"{_names(others)} are active beside {new.name}, and it is not clear which of them {new.name} replaces.",
            "Name it with --old.",
        )
    return next(iter([*leaving, *others, *_switched_off(view, new)]), None)


def _switched_off(view: RotatingKeyset, new: RotatingKey) -> list[RotatingKey]:
    """Return the deactivated keys, without those that were made for later."""
    off = [
        key
        for key in view.keys
        if key.declared is DeclaredState.INACTIVE and key.held in (OrgState.INACTIVE, OrgState.UNREFERENCED)
    ]
    return [key for key in off if key.begins is None or new.begins is None or key.begins <= new.begins]


def _check(view: RotatingKeyset, choice: Choice) -> None:
    """Raise if no step is safe, or if the person's choice matches no key."""
    if view.unreadable:
        raise _NoStep("unreadable", " ".join(view.unreadable), "Make it readable, and run the command again.")
    if not view.in_org:
        raise _NoStep(
            "not-in-org",
            f"The org has no keyset.{view.keyset} with {view.endpoint or 'uploaded keys'}: nothing can be rotated yet.",
            "Apply the declaration first.",
        )
    for key in view.keys:
        if key.replaced:
            raise _NoStep(
                "replaced-in-place",
                f"key.{key.name} is declared with another public key or kid than the org has under that name: "
                f"applying it would stop every token of the present key at once.",
                "Give the new key its own name and kid, and declare the old key as before.",
            )
        if key.declared is DeclaredState.UNDECLARED and key.held in (OrgState.ACTIVE, OrgState.INACTIVE):
            raise _NoStep(
                "not-declared",
                f"The org's keyset.{view.keyset} lists key.{key.name}, but the declaration does not.",
                f"Declare it and list it under keysets.{view.keyset}.keys; or, to remove it, review `provisioner "
                f"plan`, and apply it with --allow-destroy.",
            )
        if key.declared is DeclaredState.REMOVED and key.held is OrgState.ACTIVE:
            raise _NoStep(
                "removed-while-active",
                f"key.{key.name} has a tombstone, but is still active in the org: it would be deactivated and "
                f"deleted in one step, with no way back.",
                "Remove its tombstone, and declare and list it again: then it is deactivated first.",
            )
    if choice.new is not None and choice.new == choice.old:
        raise _NoStep("same-key", f"--new and --old both name {choice.new}.", "Name two keys.")
    for option, name in (("--new", choice.new), ("--old", choice.old)):
        fits = [key for key in view.keys if option == "--old" or key.declared is DeclaredState.ACTIVE]
        if name is not None and name not in [key.name for key in fits]:
            raise _NoStep(
                "unknown-key",
                f"{option} {name} names no {'active ' if option == '--new' else ''}key of keyset.{view.keyset}.",
                f"Its keys: {_names(fits) or 'none'}.",
            )


def _until(view: RotatingKeyset, evidence: TokenEvidence, new: RotatingKey, old: RotatingKey) -> datetime | None:
    """Return the time until which an old token can be valid, by the longest known lifetime."""
    proven = evidence.proofs.get(new.kid)
    if not view.channels or (proven is None and evidence.switched_at is None):
        return None
    since = evidence.switched_at or (proven.since if proven is not None else None)
    assert since is not None
    since = max(since, evidence.seen.get(old.kid, since))
    lives = [timedelta(minutes=channel.verified_minutes) for channel in view.channels]
    return since + max(lives + ([evidence.token_life] if evidence.token_life is not None else []))


def _against(
    view: RotatingKeyset,
    evidence: TokenEvidence,
    now: datetime,
    new: RotatingKey,
    old: RotatingKey,
    until: datetime | None,
) -> Iterator[StepRefusal]:
    """Yield the reasons against retiring the old key. Without a channel of the keyset, nothing needs a proof."""
    if evidence.signer_kid is not None and evidence.signer_kid == old.kid:
        yield StepRefusal(
            "signer-uses-old",
            f"The given token was signed with kid {old.kid}: the old key is still in use.",
            f"Switch the signer to kid {new.kid} first, and give a token that it signed after that.",
        )
    elif evidence.signer_kid is not None and evidence.signer_kid != new.kid:
        yield StepRefusal(
            "signer-uses-another",
            f"The given token was signed with kid {evidence.signer_kid}, which is neither {old.name} nor {new.name}.",
            "Name the keys with --new and --old, or give a token of the switched signer.",
        )
    proven = evidence.proofs.get(new.kid)
    if view.channels and proven is None:
        yield StepRefusal(
            "unproven",
            f"It is not proven that tokens with kid {new.kid} verify.",
            f"Prove it: {_how(view)}give --key-file with its private key, or --token with a token from the signer.",
        )
    elif view.channels and proven is not None and not proven.now:
        yield StepRefusal(
            "not-proven-now",
            f"An earlier run proved that tokens with kid {new.kid} verify, but this run did not.",
            f"Prove it again in this run: {_how(view)}give --token with a token from the signer, or --key-file.",
        )
    if proven is not None and old.held is OrgState.ACTIVE and until is not None and now < until:
        yield StepRefusal(
            "too-early",
            f"Tokens with kid {old.kid} may still be valid until {until:%Y-%m-%d %H:%M} UTC.",
            "Wait until then. If the signer switched earlier than that counts from, say when with --switched-at TIME.",
        )
    if shared := sorted(old.elsewhere - new.elsewhere):
        yield StepRefusal(
            "shared",
            f"{old.name} is also in the keyset {enumerated(shared)}, but {new.name} is not.",
            f"List {new.name} there too, and rotate there first: a key is deactivated for all keysets at once.",
        )


def _how(view: RotatingKeyset) -> str:
    """Return what a proof still needs if no deployment is known."""
    if any(each.deployment is not None for each in view.channels):
        return ""
    return f"name a deployment of {view.channels[0].name} (--channel, --deployment), and "


def _names(keys: Sequence[RotatingKey]) -> str:
    return enumerated([key.name for key in keys])
