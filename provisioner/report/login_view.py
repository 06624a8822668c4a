"""Plans, applies and the status of logins, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioner.execution.outcome import Result
from provisioner.planning.plan import Plan
from provisioner.report.document import GAP, Block, heading, labelled, line, table
from provisioner.report.outcome_json import outcome_json
from provisioner.report.outcome_view import outcome_view
from provisioner.report.plan_json import plan_json
from provisioner.report.plan_view import plan_view
from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.report.style import Look, Row, Span

if TYPE_CHECKING:
    from provisioner.report.login_shapes import LoginResult, LoginState, LoginStatus


def login_plan_view(plan: Plan) -> list[Block]:
    """Return the plan of logins."""
    return plan_view(plan, "Login plan for", "those who use the app")


def login_plan_json(plan: Plan) -> Json:
    """Return the JSON of ``login plan --format json``: that of ``plan``."""
    return plan_json(plan)


def login_applied_view(result: LoginResult) -> list[Block]:
    """Return the result of an apply of logins: the outcome, the consumer key, the proof."""
    outcome = result.outcome
    quiet = outcome.result is Result.UNCHANGED and not outcome.notes
    blocks = [] if quiet else [*outcome_view(outcome), GAP]
    if result.written is not None:
        blocks.append(line("The consumer key was written to ", Span(result.written, Look.STRONG, whole=True), "."))
    blocks += [labelled("To do:", each, look=Look.CAREFUL) for each in result.todo]
    if result.proven is True:
        blocks.append(line(Span("Proven: the login works (token, REST API, Metadata API).", Look.GOOD)))
        blocks.append(labelled("Next:", f"provisioner plan --env {outcome.plan.environment}"))
    elif result.proven is False:
        blocks.append(line(Span(f"Not proven: {result.problem}", Look.DANGER), hang=2))
        blocks.append(labelled("Next:", result.next or ""))
    return blocks[:-1] if blocks and blocks[-1] is GAP else blocks


def login_applied_json(result: LoginResult) -> Json:
    """Return the JSON of ``login apply --format json``: that of ``apply``, and these members::

    {"consumer_keys": {LOGIN: KEY}, "written": FILE|null, "to_do": [TEXT],
     "proof": {"proven": true|false|null, "attempts", "seconds", "problem"}}
    """
    return {
        **outcome_json(result.outcome),
        "exit_status": int(result.exit_status),
        "consumer_keys": dict(result.keys),
        "written": result.written,
        "to_do": list(result.todo),
        "proof": {
            "proven": result.proven,
            "attempts": result.attempts,
            "seconds": round(result.seconds),
            "problem": result.problem,
        },
    }


def login_status_view(status: LoginStatus) -> list[Block]:
    """Return the state of each login in an org."""
    blocks: list[Block] = [
        heading(f"Logins of {status.environment}"),
        line(Span(f"org {status.org_id} at {status.instance_url}", Look.FAINT), indent=2),
        GAP,
    ]
    for each in status.logins:
        blocks += [*_state(each), GAP]
    look = Look.GOOD if status.is_good else Look.DANGER
    blocks.append(line(Span(status.verdict, look)))
    if status.next is not None:
        blocks.append(labelled("Next:", status.next))
    return blocks


def _state(state: LoginState) -> list[Block]:
    rows: list[Row] = [
        ["app", state.app],
        ["differences", ", ".join(state.differences) or "none"],
        ["certificate", state.certificate],
        ["user", state.user or "(not declared)"],
        ["may use the app", ", ".join(state.holders) or "nobody"],
        ["changed last", state.changed or "(not known)"],
        ["consumer key", state.key],
    ]
    if state.login is not None:
        rows.append(["login", state.login])
    return [line(Span(f"login.{state.name}", Look.STRONG, whole=True)), table(rows, indent=2)]


def login_status_json(status: LoginStatus) -> Json:
    """Return the JSON of ``login status --format json``::

    {"format_version", "environment", "org": {"id", "instance_url"}, "good": true|false, "next",
     "logins": [{"login", "app", "in_org", "differences": [ADDRESS], "certificate", "certificate_expires", "user",
                 "holders": [USERNAME], "changed", "consumer_key", "works": true|false|null, "problem"}]}
    """
    return {
        "format_version": FORMAT_VERSION,
        "environment": status.environment,
        "org": {"id": status.org_id, "instance_url": status.instance_url},
        "good": status.is_good,
        "next": status.next,
        "logins": [
            {
                "login": each.name,
                "app": each.app,
                "in_org": each.in_org,
                "differences": list(each.differences),
                "certificate": each.fingerprint,
                "certificate_expires": each.expires,
                "user": each.user,
                "holders": list(each.holders),
                "changed": each.changed,
                "consumer_key": each.key,
                "works": each.works,
                "problem": each.problem,
            }
            for each in status.logins
        ],
    }
