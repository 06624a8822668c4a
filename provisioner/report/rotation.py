"""``keys rotate``: the step of a keyset, the evidence, the next steps, the way back; and the revocation of a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from provisioner.diagnosis.chat import proof_words
from provisioner.diagnosis.chat.proof_words import Probed
from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome, Result
from provisioner.jose import rotation_words
from provisioner.jose.rotation_state import (
    DeclaredState,
    OrgState,
    RotatingKey,
    RotatingKeyset,
    RotationStep,
    StepKind,
    StepRefusal,
)
from provisioner.jose.rotation_words import Words
from provisioner.report.document import GAP, Block, heading, labelled, line, next_steps, numbered, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.outcome import outcome_json, outcome_view
from provisioner.report.style import Look, Part, Row, Span
from provisioner.report.verify import verify_json
from provisioner.salesforce.chat_proof import Proof
from provisioner.words import enumerated

if TYPE_CHECKING:
    from provisioner.planning.login_rotation_state import LoginStepRefusal


@dataclass(frozen=True, slots=True)
class Rotated:
    """The step of a keyset, and the actions of this run.

    ``outcomes`` are the plans that were applied, or refused; ``refused`` is the reason if the request was not executed.
    """

    environment: str
    org_id: str
    view: RotatingKeyset
    step: RotationStep
    words: Words
    proofs: tuple[tuple[Proof, Probed], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    refused: tuple[StepRefusal, ...] = ()
    notes: tuple[str, ...] = ()
    exit_status: ExitStatus = ExitStatus.DONE


_STEP_LOOKS = {
    StepKind.GENERATE: Look.GOOD,
    StepKind.BLOCKED: Look.DANGER,
    StepKind.SWITCH: Look.CAREFUL,
}
#: Steps that need only the user's confirmation.
_UNTOLD = {"which-is-new", "which-is-old"}
_HELD_LOOKS = {OrgState.ACTIVE: Look.GOOD, OrgState.INACTIVE: Look.FAINT}
_DECLARED = {
    DeclaredState.ACTIVE: "active",
    DeclaredState.INACTIVE: "inactive",
    DeclaredState.REMOVED: "gone",
    DeclaredState.UNDECLARED: "not",
}
_HELD = {
    OrgState.ACTIVE: "live",
    OrgState.INACTIVE: "off",
    OrgState.UNREFERENCED: "loose",
    OrgState.MISSING: "absent",
}


def rotation_view(rotated: Rotated) -> list[Block]:
    """Return the outcomes, the step, the refusals, the next steps, and the way back."""
    lines: list[Block] = []
    for outcome in rotated.outcomes:
        if outcome.result is not Result.UNCHANGED:
            lines += [*outcome_view(outcome), GAP]
    blocked = rotated.step.kind is StepKind.BLOCKED
    name = Span(_name(rotated.step, rotated.view), _STEP_LOOKS.get(rotated.step.kind, Look.CHANGED))
    title = "" if blocked else rotated.words.title
    lines += step_head(f"keyset.{rotated.view.keyset}", rotated.environment, name, title)
    if rotated.view.keys:
        lines += [GAP, _keys(rotated.view, rotated.step)]
    known = [*_seen(rotated), *_proofs(rotated)]
    known += [labelled("Note:", note, indent=2) for note in rotated.notes]
    lines += [GAP, *known] if known else []
    lines += refusals("Because:" if blocked else "Refused; no key was retired:", rotated.refused)
    return [*lines, *ways(() if blocked else rotated.words.next, rotated.words.back)]


def step_head(address: str, environment: str, name: Span, title: str) -> list[Block]:
    """Return the name of the step of a keyset or of a login, and its sentence, which may be empty."""
    head = line(Span(address, Look.STRONG, whole=True), f" in {environment}: ", name)
    return [head, line(title, indent=2)] if title else [head]


def ways(steps: Sequence[str], back: str | None) -> list[Block]:
    """Return the next steps, which may be none, and the way back, if there is one."""
    blocks = next_steps(steps) if steps else []
    return [*blocks, labelled("To go back:", back)] if back is not None else blocks


def status_view(environment: str, found: Sequence[Rotated]) -> list[Block]:
    """Return one line for each keyset, and the next steps of each rotation in progress."""
    if not found:
        return [line(f"The declaration has no keyset under {environment}.")]
    head = ("keyset", "step", "new", "old", "status")
    rows: list[Row] = []
    for each in found:
        step = each.step
        look = _STEP_LOOKS.get(step.kind, Look.CHANGED)
        rows.append([
            each.view.keyset,
            Span(_name(step, each.view), look),
            step.new.name if step.new is not None else "-",
            step.old.name if step.old is not None else "-",
            _short(step),
        ])  # fmt: skip
    lines = [heading(f"Rotations in {environment}"), GAP, table(rows, head=head, indent=2)]
    for each in found:
        if each.step.kind is not StepKind.GENERATE:
            name = Span(f"{each.view.keyset}:", Look.STRONG)
            lines += [GAP, line(name, f" {each.words.title}", hang=2)]
            lines += numbered(each.words.next)
    return lines


def _name(step: RotationStep, view: RotatingKeyset) -> str:
    """Return the name of the step."""
    if step.kind is StepKind.GENERATE:
        return "at rest" if step.old is not None else "no active key"
    return {
        StepKind.PUBLISH: "publish the new key",
        StepKind.PROVE: "prove the new key",
        StepKind.SWITCH: "switch the signer",
        StepKind.DEACTIVATE: "take the old key out" if view.endpoint is not None else "switch the old key off",
        StepKind.DELETE: "delete the old key",
        StepKind.BLOCKED: "which key is which?" if step.refused and step.refused[0].code in _UNTOLD else "no safe step",
    }[step.kind]


def _short(step: RotationStep) -> str:
    """Return the status in a few words."""
    match step.kind:
        case StepKind.GENERATE:
            ends = step.old.ends if step.old is not None else None
            return f"expires {ends:%Y-%m-%d}" if ends is not None else "-"
        case StepKind.PUBLISH:
            is_off = any(key.held is OrgState.INACTIVE for key in step.publish)
            return "off in the org" if is_off else "not published yet"
        case StepKind.PROVE:
            return "not proven"
        case StepKind.SWITCH:
            return f"until {rotation_words.moment(step.until)}" if step.until is not None else "proven"
        case StepKind.DEACTIVATE:
            return "the old key can be removed"
        case StepKind.DELETE:
            return "the old key is off"
        case StepKind.BLOCKED:
            return "see below"
        case _:
            assert_never(step.kind)


def _keys(view: RotatingKeyset, step: RotationStep) -> Block:
    there = "endpoint" if view.endpoint is not None else "org"
    columns = ["key", "kid", "declaration"] if view.endpoint is None else ["kid"]
    rows: list[Row] = []
    for key in view.keys:
        role = "new" if key is step.new else "old" if key is step.old and step.new is not None else ""
        ends = f"{key.ends:%Y-%m-%d}" if key.ends is not None else "-"
        held = Span(_held(view, key), _HELD_LOOKS.get(key.held, Look.CAREFUL))
        look = Look.PLAIN if key.declared is DeclaredState.ACTIVE else Look.CAREFUL
        middle: list[Part] = [key.name, key.kid, Span(key.declared.value, look), held]
        rows.append([role, *(middle if view.endpoint is None else [key.kid, held]), ends])
    return table(rows, head=["", *columns, there, "expires"], look=Look.FAINT, indent=2)


def _held(view: RotatingKeyset, key: RotatingKey) -> str:
    if view.endpoint is None:
        return key.held.value
    return "served" if key.held is OrgState.ACTIVE else "not served"


def _seen(rotated: Rotated) -> list[Block]:
    """Return the evidence for the step; a blocked step has none."""
    if rotated.step.kind is StepKind.BLOCKED:
        return []
    return [line(sentence, mark="-", indent=2, hang=4) for sentence in rotated.words.seen]


def _proofs(rotated: Rotated) -> list[Block]:
    lines: list[Block] = []
    for proof, probed in rotated.proofs:
        words = proof_words.words_of(proof, probed)
        look = Look.GOOD if proof.verified else Look.DANGER
        lines.append(line(Span(words.verdict, look), mark="-", indent=2, hang=4))
        if not proof.verified:
            lines.append(line(words.meaning, indent=4))
            lines += [labelled("Next:", step, indent=4) for step in words.next]
    return lines


def refusals(title: str, refused: Sequence[StepRefusal | LoginStepRefusal]) -> list[Block]:
    """Return the reasons against a step, each with its next step; nothing without reasons."""
    if not refused:
        return []
    lines: list[Block] = [GAP, line(Span(title, Look.DANGER))]
    for each in refused:
        lines.append(line(each.sentence, mark=Span("!", Look.DANGER), indent=2, hang=4))
        lines.append(labelled("Next:", each.next, indent=4))
    return lines


def refusals_json(refused: Sequence[StepRefusal | LoginStepRefusal]) -> list[Json]:
    """Return the reasons against a step."""
    return [members(each, "code", "message=sentence", "next") for each in refused]


def rotation_json(rotated: Rotated) -> Json:
    """Return the JSON of ``keys rotate --format json``: the keyset's state, the actions and refusals of this run."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": rotated.environment,
        "org": members(rotated, "id=org_id"),
        **_standing(rotated),
        "proofs": [verify_json(proof, probed) for proof, probed in rotated.proofs],
        "outcomes": [outcome_json(each) for each in rotated.outcomes],
        "refused": refusals_json(rotated.refused),
        **members(rotated, "notes", "exit_status"),
    }


def status_json(environment: str, found: Iterable[Rotated]) -> Json:
    """Return the JSON of ``keys rotate --status --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "keysets": [_standing(each) for each in found],
    }


def _standing(rotated: Rotated) -> Json:
    view, step = rotated.view, rotated.step
    return {
        "keyset": view.keyset,
        "type": "keys" if view.endpoint is None else "endpoint",
        **members(view, "endpoint", "issuer"),
        **members(rotated, "step=step.kind", "title=words.title"),
        **members(step, "new=new.name", "old=old.name", "not_before=until"),
        "against_retiring": [each.code for each in step.refused],
        "keys": [_key(each) for each in view.keys],
        "channels": [members(each, "name", "verified_minutes", "deployment") for each in view.channels],
        **members(rotated.words, "seen", "next", "back"),
    }


def _key(key: RotatingKey) -> Json:
    return {
        **members(key, "name", "kid", "algorithm"),
        "declared": _DECLARED[key.declared],
        "held": _HELD[key.held],
        **members(key, "thumbprint", "certificate_begins=begins", "certificate_ends=ends"),
    }


@dataclass(frozen=True, slots=True)
class Hit:
    """A channel that verifies tokens of the key. ``others`` are the kids that still verify there afterwards."""

    channel: str
    verified_minutes: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revoked:
    """The result of a revocation. ``refused`` is a refusal's reason and next step; None if it was done.

    ``written``: the declaration was changed, too; else ``by_hand`` is the text to write there.
    """

    environment: str
    keyset: str
    key: str
    kid: str
    hits: tuple[Hit, ...]
    was_active: bool
    outcome: Outcome | None = None
    refused: tuple[str, str] | None = None
    written: str | None = None
    by_hand: str | None = None
    next: tuple[str, ...] = ()
    exit_status: ExitStatus = ExitStatus.DONE

    @property
    def silenced(self) -> tuple[str, ...]:
        """Return the channels that cannot be used for chat without the key."""
        return tuple(hit.channel for hit in self.hits if not hit.others)

    @property
    def longest_minutes(self) -> int:
        """Return the longest lifetime of access tokens that were issued for tokens of the key."""
        return max((hit.verified_minutes for hit in self.hits), default=0)


def warning_view(revoked: Revoked) -> list[Block]:
    """Return the consequences, shown before the question."""
    lines = [
        line(Span(f"Revoking {revoked.key} (kid {revoked.kid}) in {revoked.environment}", Look.DANGER), ", at once:")
    ]
    lines += [line(sentence, mark=Span("!", Look.CAREFUL), indent=2, hang=4) for sentence in what_breaks(revoked)]
    return lines


def what_breaks(revoked: Revoked) -> tuple[str, ...]:
    """Return the consequences, the worst first."""
    if not revoked.was_active:
        return (f"The org has {revoked.key} inactive already: no token is verified by it.",)
    if not revoked.hits:
        return (f"No channel verifies customers by {revoked.key}: nothing breaks.",)
    names = [hit.channel for hit in revoked.hits]
    said = []
    if revoked.silenced:
        said.append(
            f"Nobody can chat on {enumerated(revoked.silenced)} until tokens are signed with another published key: no "
            "other key verifies there."
        )
    said.append(
        f"Every token with kid {revoked.kid} stops verifying on {enumerated(names)}; how soon is not documented. "
        "Customers with such a token must log in again and get a token of another key."
    )
    said += [
        f"On {hit.channel}, {enumerated(hit.others)} {'keeps' if len(hit.others) == 1 else 'keep'} verifying."
        for hit in revoked.hits
        if hit.others
    ]
    said.append(
        f"Access tokens already issued for it, including an attacker's, stay valid for up to {revoked.longest_minutes} "
        f"minutes ({', '.join(f'{hit.channel} {hit.verified_minutes}' for hit in revoked.hits)}): switching a key off "
        "does not revoke them."
    )
    return tuple(said)


def revocation_view(revoked: Revoked) -> list[Block]:
    """Return the result, and the remaining steps."""
    lines: list[Block] = []
    outcome = revoked.outcome
    if outcome is not None and revoked.refused is None:
        lines += outcome_view(outcome)
    if revoked.refused is not None:
        sentence, step = revoked.refused
        lines.append(line(Span("Not revoked:", Look.DANGER), f" {sentence}", hang=2))
        lines.append(labelled("Next:", step))
        return lines
    if revoked.written is not None:
        lines.append(line(f"Written to {revoked.written}: keys.{revoked.key} has `active: false`.", hang=2))
    if revoked.by_hand is not None:
        lines.append(line(Span("By hand:", Look.DANGER), f" {revoked.by_hand}", hang=2))
    return [*lines, *next_steps(revoked.next)]


def revocation_json(revoked: Revoked) -> Json:
    """Return the JSON of ``keys rotate --revoke --format json``; ``refused`` is null if the revocation was done."""
    refused = revoked.refused
    return {
        "format_version": FORMAT_VERSION,
        **members(revoked, "environment", "keyset", "key", "kid", "was_active"),
        "channels": [members(hit, "name=channel", "verified_minutes", "others") for hit in revoked.hits],
        **members(revoked, "nobody_can_chat_on=silenced", "access_tokens_live_minutes=longest_minutes"),
        "breaks": list(what_breaks(revoked)),
        "outcome": outcome_json(revoked.outcome) if revoked.outcome is not None else None,
        "refused": {"message": refused[0], "next": refused[1]} if refused is not None else None,
        **members(revoked, "declaration_written=written", "by_hand", "next", "exit_status"),
    }
