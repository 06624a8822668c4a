"""A promotion: its steps, proofs and verdict; and its record for an auditor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from provisioner.components.snapshot import OrgFacts
from provisioner.diagnosis.chat.proof_words import Probed
from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome, Result
from provisioner.model.actor import NOBODY, Actor
from provisioner.planning.plan import Plan
from provisioner.report.document import GAP, Block, heading, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.outcome import outcome_json, outcome_view
from provisioner.report.style import Look, Part, Row, Span
from provisioner.report.verify import verify_json
from provisioner.salesforce.chat_proof import Proof


class Verdict(StrEnum):
    """The outcome of a promotion. ``not-verified``: applied, and tokens do not verify there."""

    PROMOTED = "promoted"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    RUNNING = "running"
    NOT_VERIFIED = "not-verified"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a promotion, as it was read. ``components`` maps each declared address to a digest, None: absent.

    ``user_id`` is the user of the login; ``plan`` was made at the same time.
    """

    environment: str
    production: bool
    org: OrgFacts
    user_id: str
    plan: Plan
    components: Mapping[str, str | None]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its end, whether it proved its claim, and its findings."""

    name: str
    at: datetime
    passed: bool
    found: str


@dataclass
class Promotion:
    """A promotion. ``target_after`` is the target as read again at the end."""

    source_name: str
    target_name: str
    verify: bool
    tool_version: str
    began: datetime
    source: Side | None = None
    target: Side | None = None
    target_after: Side | None = None
    steps: list[Step] = field(default_factory=list)
    before: list[tuple[Proof, Probed]] = field(default_factory=list)
    after: list[tuple[Proof, Probed]] = field(default_factory=list)
    outcome: Outcome | None = None
    plan_file: str | None = None
    verdict: Verdict = Verdict.REFUSED
    message: str = ""
    next: str | None = None
    exit_status: ExitStatus = ExitStatus.REFUSED
    ended: datetime | None = None
    by: Actor = NOBODY

    def end(self, verdict: Verdict, status: ExitStatus, message: str, next: str | None = None) -> None:
        """Record the verdict, in a sentence, and the next step."""
        self.verdict, self.exit_status, self.message, self.next = verdict, status, message, next

    @property
    def sides(self) -> Sequence[tuple[str, Side]]:
        """Return the sides that were read, in order."""
        named = (("from", self.source), ("to", self.target), ("to, afterwards", self.target_after))
        return [(name, side) for name, side in named if side is not None]


_LOOKS = {Verdict.PROMOTED: Look.GOOD, Verdict.UNCHANGED: Look.GOOD, Verdict.RUNNING: Look.CAREFUL}


def promotion_view(promotion: Promotion) -> list[Block]:
    """Return the apply's outcome, the steps, the verdict, and the next step."""
    lines: list[Block] = []
    if promotion.outcome is not None and promotion.outcome.result not in (Result.UNCHANGED, Result.REFUSED):
        lines += [*outcome_view(promotion.outcome), GAP]
    source = Span(f"Promotion from {promotion.source_name} to ")
    lines.append(heading(source, Span(promotion.target_name, Look.STRONG, whole=True)))
    rows: list[Row] = [
        (Span("yes", Look.GOOD) if step.passed else Span("no", Look.DANGER), step.name, step.found)
        for step in promotion.steps
    ]
    lines += [table(rows, indent=2), GAP] if rows else []
    said = f"{promotion.verdict.value.capitalize().replace('-', ' ')}: {promotion.message}"
    lines.append(line(Span(said, _LOOKS.get(promotion.verdict, Look.DANGER)), hang=2))
    if promotion.next is not None:
        lines.append(labelled("Next:", promotion.next))
    return lines


def promotion_json(promotion: Promotion) -> Json:
    """Return the JSON of ``promote --format json`` and of the record: the proofs, their times, subjects and versions.

    ``from``, ``to`` and ``to_afterwards`` are null if the promotion did not reach them.
    """
    return {
        "format_version": FORMAT_VERSION,
        **members(promotion, "verdict", "message", "next", "tool_version"),
        "by": promotion.by.to_json(),
        **members(promotion, "began", "ended"),
        "from": _side(promotion.source),
        "to": _side(promotion.target),
        "to_afterwards": _side(promotion.target_after),
        "steps": [{"step": each.name, **members(each, "at", "passed", "found")} for each in promotion.steps],
        "verify": {
            "asked": promotion.verify,
            "before": [verify_json(*each) for each in promotion.before],
            "after": [verify_json(*each) for each in promotion.after],
        },
        "apply": outcome_json(promotion.outcome) if promotion.outcome is not None else None,
        **members(promotion, "plan_file", "exit_status"),
    }


def _side(side: Side | None) -> Json | None:
    if side is None:
        return None
    return {
        **members(side, "environment", "production"),
        "org": members(side.org, "id", "instance_url"),
        **members(side, "user_id", "api_version=plan.api_version", "declaration_digest=plan.declaration_digest"),
        "differs": [change.address for change in side.plan.changes],
        **members(side, "components", "read_at"),
    }


_NAMES = {
    "two orgs": "The source and the target are two orgs",
    "source": "The source runs the declaration",
    "verify before": "Tokens verify at the source",
    "apply": "The target was changed to match",
    "target": "The target runs the declaration",
    "verify after": "Tokens verify at the target",
}


def promotion_record(promotion: Promotion, digest: str) -> list[Block]:
    """Return the record; ``digest`` is that of the JSON record."""
    ended = promotion.ended or promotion.began
    title = f"Promotion from {promotion.source_name} to {promotion.target_name}: {promotion.verdict.value}"
    return [
        heading(title),
        line(promotion.message),
        *([line("Next: ", _code(promotion.next))] if promotion.next else []),
        line(f"{promotion.began:%Y-%m-%d %H:%M:%S} to {ended:%H:%M:%S} UTC, by version {promotion.tool_version}."),
        *_by(promotion),
        heading("What was proven", level=2),
        _steps(promotion),
        *([] if promotion.verify else [line("Tokens were not verified: that takes ", _code("--verify"), ".")]),
        heading("Environments", level=2),
        _sides(promotion),
        *_proofs(promotion),
        *_applied(promotion),
        *_components(promotion),
        line("Digest of the JSON record: ", _code(digest)),
    ]


def _by(promotion: Promotion) -> list[Block]:
    """Return the actor, as far as it is known."""
    by = promotion.by
    rows: list[Row] = [
        (name, value)
        for name, value in (
            ("user of the machine", by.user), ("CI", by.ci), ("started by", by.actor), ("approved by", by.approver),
            ("commit of the configuration", by.commit), ("run", by.run),
        )
        if value is not None
    ]  # fmt: skip
    return [heading("Who ran it", level=2), table(rows, head=("what", "value"))] if rows else []


def _code(text: str) -> Span:
    return Span(text, whole=True)


def _yes(passed: bool) -> Span:
    return Span("yes") if passed else Span("no", Look.DANGER)


def _steps(promotion: Promotion) -> Block:
    rows: list[Row] = [
        (_NAMES.get(each.name, each.name), _yes(each.passed), f"{each.at:%H:%M:%S}", each.found)
        for each in promotion.steps
    ]
    return table(rows, head=("step", "result", "at (UTC)", "what was found"))


def _sides(promotion: Promotion) -> Block:
    rows: list[Row] = []
    for name, side in promotion.sides:
        environment = side.environment + (" (production)" if side.production else "")
        org: list[Part] = [_code(side.org.id), side.org.instance_url]
        digest = _code(side.plan.declaration_digest)
        rows.append((name, environment, *org, _code(side.user_id), side.plan.api_version, digest))
    head = ("end", "environment", "org", "address", "user", "API version", "digest of the declaration")
    return table(rows, head=head)


def _proofs(promotion: Promotion) -> list[Block]:
    proofs = [("before", each) for each in promotion.before] + [("after", each) for each in promotion.after]
    if not proofs:
        return []
    rows: list[Row] = []
    for when, (proof, probed) in proofs:
        revoked = {True: "yes", False: "no", None: "nothing to revoke"}[proof.revoked]
        where: list[Part] = [probed.environment, _code(probed.channel), _code(probed.deployment)]
        subject = _code(proof.subject or "none")
        rows.append((when, *where, _yes(proof.verified), subject, proof.control.value, revoked))
    head = ("when", "environment", "channel", "deployment", "verified", "subject", "broken signature", "revoked")
    return [heading("Tokens at the chat runtime", level=2), table(rows, head=head)]


def _applied(promotion: Promotion) -> list[Block]:
    outcome = promotion.outcome
    if outcome is None:
        if promotion.plan_file is None:
            return []
        return [line("Nothing was sent. The plan was saved in ", _code(promotion.plan_file), ".")]
    deployment: list[Part] = [", deployment ", _code(outcome.deploy_id)] if outcome.deploy_id else []
    blocks = [heading("What was applied", level=2), line(f"Outcome: {outcome.result.value}", *deployment, ".")]
    rows: list[Row] = [(_code(each.address), each.action.value, each.risk.value) for each in outcome.plan.changes]
    return [*blocks, table(rows, head=("component", "action", "risk"))] if rows else blocks


def _components(promotion: Promotion) -> list[Block]:
    source, last = promotion.source, promotion.target_after or promotion.target
    if source is None or last is None:
        return []
    rows: list[Row] = [
        (_code(address), _digest(source, address), _digest(last, address))
        for address in dict.fromkeys([*source.components, *last.components])
    ]
    return [
        heading("Components, by the digest of all of their elements", level=2),
        table(rows, head=("component", source.environment, last.environment)),
    ]


def _digest(side: Side, address: str) -> Span:
    found = side.components.get(address)
    return _code(found) if found is not None else Span("missing")
