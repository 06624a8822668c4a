"""A promotion's record for an auditor: the verdict, both environments, each step, and each proof."""

from __future__ import annotations

from provisioner.report.document import Block, heading, line, table
from provisioner.report.promotion_shapes import Promotion, Side
from provisioner.report.style import Look, Part, Row, Span

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
