"""A promotion's record for an auditor: the verdict, both ends, each step, and each proof."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.report.markdown import code, plain
from provisioner.report.promotion_shapes import Promotion, Side

_NAMES = {
    "two orgs": "The source and the target are two orgs",
    "source": "The source runs the declaration",
    "verify before": "Tokens verify at the source",
    "apply": "The target was changed to match",
    "target": "The target runs the declaration",
    "verify after": "Tokens verify at the target",
}


def promotion_markdown(promotion: Promotion, digest: str) -> str:
    """The record as Markdown; ``digest`` is that of the JSON record beside it."""
    ended = promotion.ended or promotion.began
    lines = [
        f"# Promotion from {plain(promotion.source_name)} to {plain(promotion.target_name)}: {promotion.verdict.value}",
        "",
        plain(promotion.message),
        "",
        *([f"Next: {code(promotion.next)}", ""] if promotion.next else []),
        f"{promotion.began:%Y-%m-%d %H:%M:%S} to {ended:%H:%M:%S} UTC, by version {plain(promotion.tool_version)}.",
        "",
        "## What was proven",
        "",
        "| step | result | at (UTC) | what was found |",
        "|---|---|---|---|",
    ]
    for step in promotion.steps:
        result = "yes" if step.passed else "**no**"
        lines.append(
            f"| {_NAMES.get(step.name, plain(step.name))} | {result} | {step.at:%H:%M:%S} | {plain(step.found)} |"
        )
    if not promotion.verify:
        lines += ["", "That tokens verify was not asked for (`--verify`)."]
    lines += ["", "## Environments", "", *_sides(promotion)]
    lines += _proofs(promotion)
    lines += _applied(promotion)
    lines += _components(promotion)
    lines += ["", f"Digest of the JSON record: {code(digest)}"]
    return "\n".join(lines) + "\n"


def _sides(promotion: Promotion) -> Iterator[str]:
    yield "| end | environment | org | user | API version | digest of the declaration |"
    yield "|---|---|---|---|---|---|"
    for name, side in promotion.sides:
        environment = plain(side.environment) + (" (production)" if side.production else "")
        org = f"{code(side.org.id)} at {plain(side.org.instance_url)}"
        yield (
            f"| {name} | {environment} | {org} | {code(side.user_id)} | {plain(side.plan.api_version)} "
            f"| {code(side.plan.declaration_digest)} |"
        )


def _proofs(promotion: Promotion) -> Iterator[str]:
    proofs = [("before", each) for each in promotion.before] + [("after", each) for each in promotion.after]
    if not proofs:
        return
    yield from ("", "## Tokens at the chat runtime", "")
    yield "| when | environment | channel | deployment | verified | subject | broken signature | revoked |"
    yield "|---|---|---|---|---|---|---|---|"
    for when, (proof, probed) in proofs:
        revoked = {True: "yes", False: "no", None: "nothing to revoke"}[proof.revoked]
        verified = "yes" if proof.verified else "**no**"
        yield (
            f"| {when} | {plain(probed.environment)} | {code(probed.channel)} | {code(probed.deployment)} | {verified} "
            f"| {code(proof.subject or 'none')} | {proof.control.value} | {revoked} |"
        )


def _applied(promotion: Promotion) -> Iterator[str]:
    outcome = promotion.outcome
    if outcome is None:
        if promotion.plan_file is not None:
            yield from ("", f"Nothing was sent. The plan was saved in {code(promotion.plan_file)}.")
        return
    yield from ("", "## What was applied", "")
    deployment = f", deployment {code(outcome.deploy_id)}" if outcome.deploy_id else ""
    yield f"Outcome: {outcome.result.value}{deployment}."
    if outcome.plan.changes:
        yield from ("", "| component | action | risk |", "|---|---|---|")
        for change in outcome.plan.changes:
            yield f"| {code(change.address)} | {change.action.value} | {change.risk.value} |"


def _components(promotion: Promotion) -> Iterator[str]:
    source, last = promotion.source, promotion.target_after or promotion.target
    if source is None or last is None:
        return
    yield from ("", "## Components, by the digest of all of their elements", "")
    yield f"| component | {plain(source.environment)} | {plain(last.environment)} |"
    yield "|---|---|---|"
    for address in dict.fromkeys([*source.components, *last.components]):
        yield f"| {code(address)} | {_digest(source, address)} | {_digest(last, address)} |"


def _digest(side: Side, address: str) -> str:
    found = side.components.get(address)
    return code(found) if found is not None else "missing"
