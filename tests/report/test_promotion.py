"""A promotion, for a person and as the record that stays."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from provisioner.errors import ExitStatus
from provisioner.model.actor import Actor
from provisioner.report.markdown import markdown
from provisioner.report.promotion import (
    Promotion,
    Side,
    Step,
    Verdict,
    promotion_json,
    promotion_record,
    promotion_view,
)
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report import samples
from tests.report.golden import assert_golden
from tests.report.test_plan_markdown import without_code
from tests.report.test_verify_and_chat import PROBED, PROOFS

BEGAN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def side(name: str, *, production: bool = False) -> Side:
    plan = replace(samples.EMPTY, environment=name)
    org = samples.PRODUCTION if production else samples.SANDBOX
    components = {"key.storefront_2026_11": "sha256:aa", "keyset.storefront": None if production else "sha256:bb"}
    return Side(name, production, org, "0055g00000AAAAAAA4", plan, components, BEGAN)


def promotion(text: str = "production runs the declaration.") -> Promotion:
    made = Promotion("sandbox", "production", True, "1.0.0", BEGAN)
    made.source, made.target = side("sandbox"), side("production", production=True)
    made.steps += [Step("source", BEGAN, True, text), Step("verify after", BEGAN + timedelta(minutes=1), False, text)]
    made.before.append((PROOFS["verified"], PROBED))
    made.after.append((PROOFS["the token was refused"], PROBED))
    made.outcome = samples.APPLIED
    made.end(Verdict.NOT_VERIFIED, ExitStatus.WRONG_INPUT, text, "provisioner diagnose chat --env production")
    made.ended = BEGAN + timedelta(minutes=2)
    return made


def test_the_record_of_a_promotion() -> None:
    assert_golden("promotion/record.md", markdown(promotion_record(promotion(), "sha256:cc"), top=1))


def test_a_promotion_that_sent_nothing() -> None:
    made = replace(promotion(), outcome=None, plan_file="plan.json", verify=False, before=[], after=[])
    text = markdown(promotion_record(made, "sha256:cc"), top=1)
    assert "Nothing was sent. The plan was saved in `plan.json`." in text
    assert "Tokens were not verified: that takes `--verify`." in text.replace("\\:", ":")
    assert "Tokens at the chat runtime" not in text


def test_a_promotion_for_a_person() -> None:
    assert_golden("promotion/not verified.txt", terminal(promotion_view(promotion()), Style(80)))
    assert_golden("promotion/not verified.md", markdown(promotion_view(promotion())))


def test_the_org_s_words_stay_text_in_the_record() -> None:
    evil = "`</code>\n```\n<img src=x> @acme #1 ![x](https://evil.example) | a\x1b[2J"
    text = markdown(promotion_record(promotion(evil), evil), top=1)
    outside = without_code(text)
    assert not re.search(r"<img|</code>|@\w|#\d|\]\(|\x1b", outside)


def test_the_record_says_who_ran_it() -> None:
    by = Actor("runner", "GitHub Actions", "ada", "grace", "0" * 40, "https://github.com/acme/chat/actions/runs/7")
    text = markdown(promotion_record(replace(promotion(), by=by), "sha256:cc"), top=1)
    assert "## Who ran it" in text
    rows = [line for line in text.splitlines() if line.startswith(("| started by", "| approved by", "| commit of"))]
    assert [row.split("|")[2].strip() for row in rows] == ["ada", "grace", "0" * 40]
    assert promotion_json(replace(promotion(), by=by))["by"] == by.to_json()
