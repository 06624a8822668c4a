"""Real outputs that people published, each with the cause that its thread found: it comes first, and none is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner.diagnosis.chat.causes import CAUSES as CHAT_CAUSES
from provisioner.diagnosis.findings import LoginDiagnosis
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Configured
from provisioner.diagnosis.pasted.output import explain
from provisioner.report.login_diagnosis import diagnosis_json, diagnosis_terminal
from provisioner.report.style import Style

FOLDER = Path(__file__).parent / "pasted"
DOCUMENT = Path(__file__).parents[2] / "docs" / "diagnosis.md"
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
#: The text does not tell these apart from the cause that is named first; the true cause is among the first three.
AMONG_THREE = {"e05-restforce674.txt", "e06-forrest290.txt", "m10-kafkadockerpla4178.txt", "n04-jsforce482.txt"}


@dataclass(frozen=True)
class Case:
    """A public output. ``first``: the causes of which one must be named; ``chat:any`` is any cause of the chat."""

    file: str
    source: str
    first: tuple[str, ...]
    not_first: tuple[str, ...]
    says: str | None
    not_says: str | None

    @property
    def text(self) -> str:
        return (FOLDER / self.file).read_text("utf-8")

    def takes(self, cause: str) -> bool:
        return cause in self.first or ("chat:any" in self.first and cause in CHAT_CAUSES)


def cases() -> list[Case]:
    listed = json.loads((FOLDER / "cases.json").read_text("utf-8"))
    return [
        Case(
            each["file"], each["source"], tuple(each["first"]), tuple(each.get("not_first", ())),
            each.get("says"), each.get("not_says"),
        )
        for each in listed
    ]  # fmt: skip


def read(text: str) -> LoginDiagnosis:
    return diagnose(explain(text, Configured(), NOW))


def result(case: Case) -> str:
    """Return the class of an answer, as the document counts it."""
    causes = [finding.cause for finding in read(case.text).findings]
    if case.takes(causes[0]):
        return "first"
    if any(case.takes(cause) for cause in causes[:3]):
        return "among three"
    return "unknown" if causes[0] == "unknown" else "wrong"


def test_each_text_has_a_case_and_a_source() -> None:
    assert {case.file for case in cases()} == {path.name for path in FOLDER.glob("*.txt")}
    assert all(case.source for case in cases())


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.file)
def test_the_true_cause_comes_first(case: Case) -> None:
    finding = read(case.text).findings[0]
    document = json.dumps(diagnosis_json(read(case.text))["findings"][0], ensure_ascii=False)
    if case.file not in AMONG_THREE:
        assert case.takes(finding.cause), finding.cause
    assert finding.cause not in case.not_first
    assert case.says is None or re.search(case.says, document)
    assert case.not_says is None or not re.search(case.not_says, document)


def test_the_published_score_is_the_score() -> None:
    """The table in docs/diagnosis.md holds these numbers; no answer may be wrong."""
    counted = Counter(result(case) for case in cases())
    written = DOCUMENT.read_text("utf-8")
    rows = {
        "Public outputs": len(cases()),
        "True cause first": counted["first"],
        "True cause among the first three": counted["first"] + counted["among three"],
        "Unknown, and named so": counted["unknown"],
        "Wrong": counted["wrong"],
    }
    for name, number in rows.items():
        assert f"| {name} | {number} |" in written, (name, number)
    assert counted["wrong"] == 0


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.file)
def test_cause_and_fix_fit_in_ten_lines(case: Case) -> None:
    text = diagnosis_terminal(read(case.text), Style(80))
    lines = text.splitlines()
    assert len(lines) <= 10
    # A word that is longer than a line stays in one piece.
    assert all(len(line) <= 80 for line in lines if max(map(len, line.split())) < 60)


def _ansi(text: str) -> str:
    return "\n".join(f"\x1b[31m{line}\x1b[39m" for line in text.splitlines())


def _github(text: str) -> str:
    return "\n".join(f"2026-01-23T10:11:12.1234567Z {line}" for line in text.splitlines())


def _boxed(text: str) -> str:
    rule = "─" * 60
    return "\n".join([f"╭{rule}╮", *(f"│ {line:<58} │" for line in text.splitlines()), f"╰{rule}╯"])


def _json_string(text: str) -> str:
    return json.dumps({"level": "error", "body": text})


def _json_twice(text: str) -> str:
    return json.dumps({"log": json.dumps({"body": text})})


def _bytes(text: str) -> str:
    return f"response: {text.encode()!r}"


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#39;").replace("<", "&lt;")


def _typographic(text: str) -> str:
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def _compose(text: str) -> str:
    return "\n".join(f"web-1  | {line}" for line in text.splitlines())


def _quoted_mail(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _syslog(text: str) -> str:
    return "\n".join(f"Nov 27 06:11:02 host app[811]: {line}" for line in text.splitlines())


def _azure(text: str) -> str:
    return "\n".join(f"2026-01-23T10:11:12.1234567Z ##[error]{line}" for line in text.splitlines())


def _kubernetes(text: str) -> str:
    return "\n".join(f"2026-01-23T10:11:12.123456789Z stderr F {line}" for line in text.splitlines())


def _python_list(text: str) -> str:
    return repr(text.splitlines())


def _json_list(text: str) -> str:
    return json.dumps(text.splitlines(), indent=1)


def _html(text: str) -> str:
    return "<pre>" + "<br>".join(text.splitlines()) + "</pre>"


WRAPPINGS = [
    *(_ansi, _github, _boxed, _json_string, _json_twice, _bytes, _entities, _typographic, _compose),
    *(_quoted_mail, _csv, _syslog, _azure, _kubernetes, _python_list, _json_list, _html),
]
#: One output of each kind: an org's JSON, the official CLI, a signing library, the chat, a deployment.
WRAPPED = [
    *("a32-mule.txt", "01-cli3482.txt", "a12-pyjwt-type.txt", "19-authschemes.txt", "10-sfjwttoken1.txt"),
    "k03-nebula122.txt",
    "s04-b2c206.txt",
]


@pytest.mark.parametrize("wrap", WRAPPINGS, ids=lambda wrap: wrap.__name__.strip("_"))
@pytest.mark.parametrize("file", WRAPPED)
def test_a_wrapping_changes_nothing(file: str, wrap: object) -> None:
    text = (FOLDER / file).read_text("utf-8").strip()
    assert callable(wrap)
    assert read(wrap(text)).findings[0].cause == read(text).findings[0].cause


def _console_messages() -> list[str]:
    """Return the messages in the tables of docs/client.md."""
    page = (DOCUMENT.parent / "client.md").read_text("utf-8")
    section = page[page.index("### The five messages in the console") : page.index("## iOS and Android")]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    return [row.replace("…", "x").strip() for row in rows if row != "message"]


@pytest.mark.parametrize("message", _console_messages())
def test_the_consoles_messages_are_known(message: str) -> None:
    """With the page's name beside it, as the console prints it, every message of the document has a cause."""
    finding = read(f"bootstrap.min.js:1 [embeddedservice_bootstrap] {message}").findings[0]
    assert finding.cause in CHAT_CAUSES
    assert "token explain" in " ".join(finding.fix) or "docs/client.md" in " ".join(finding.fix) or finding.fix


def test_words_of_others_are_no_words_of_the_chat() -> None:
    for text in ("JWT validation failed: signature mismatch", "The trial expired.", "Package is not published"):
        assert read(text).findings[0].cause == "unknown"
    assert read("https://acme.my.salesforce-scrt.com/iamessage/v1: token expired").findings[0].cause == "token-expired"
