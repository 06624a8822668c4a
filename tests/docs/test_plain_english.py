"""Messages, help texts, documents and docstrings avoid the words that CONTRIBUTING.md lists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "provisioner"
#: These hold messages of Salesforce, which stay as they are.
SKIPPED = ("localorg/", "diagnosis/chat/texts.py", "components/new_channel.py")
DOCUMENTS = (
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "Makefile", "action.yml")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "config").rglob("*.yaml")),
    *sorted((PACKAGE / "cli/starting_config").rglob("*.yaml")),
    *sorted((PACKAGE / "cli/starting_example").rglob("*.yaml")),
    *sorted((PACKAGE / "rules/pages").glob("*.yaml")),
)
_ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$")
#: "if there is none" is plain English, unlike "it is none".
IN_DOCSTRINGS = frozenset({"is none"})
_CLAUSE = re.compile(
    r"^(?:What|Whether|Where|Which|Who|Whom|Whose|How|When|Why)\b|\b(?:whose|upon|where (?:it|none|one|that|there))\b"
)


def avoided() -> dict[str, str]:
    """Return the phrases to avoid with the words to use, from the table in CONTRIBUTING.md."""
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("| avoid | use |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [match for line in table.splitlines() if (match := _ROW.match(line))]
    return {phrase: row[2] for row in rows for phrase in row[1].split(", ")}


def pattern(phrases: dict[str, str]) -> re.Pattern[str]:
    """Return a pattern that finds each phrase as whole words, with any white space between them."""
    words = (r"\s+".join(r"\d+" if word == "N" else re.escape(word) for word in each.split()) for each in phrases)
    return re.compile(rf"(?<![\w'’-])(?:{'|'.join(words)})(?![\w'’-])", re.IGNORECASE)


AVOIDED = pattern(avoided())


def found(text: str) -> list[str]:
    """Return the phrases in the text that are on the list, without quotations and code."""
    return [" ".join(each.split()) for each in AVOIDED.findall(_without_quotations(text))]


def _without_quotations(text: str) -> str:
    """Return the text without code, and without what another program or page is quoted with."""
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"``[^`\n]*``|`[^`\n]*`|\"[^\"]*\"|“[^”]*”", "", text)


def messages(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string constant with three words or more that is not a docstring."""
    tree = ast.parse(source)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        text = _text(node)
        if len(text.split()) > 2:
            yield node.lineno, text  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the first paragraph of each docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            text := ast.get_docstring(node)
        ):
            yield node.body[0].lineno, text.split("\n\n")[0]


def odd(source: str) -> list[str]:
    """Return the odd docstrings of a module, each with its line."""
    return [
        f"{line}: {text}"
        for line, text in docstrings(source)
        if _CLAUSE.search(_without_quotations(text))
        or any(phrase.lower() not in IN_DOCSTRINGS for phrase in found(text))
    ]


def sources() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if not str(path.relative_to(PACKAGE)).startswith(SKIPPED)]


def test_no_message_has_a_word_of_the_list() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {phrase!r}, better {avoided().get(phrase.lower(), 'as listed')}: {text}"
        for path in sources()
        for line, text in messages(path.read_text("utf-8"))
        for phrase in found(text)
    ]
    assert wrong == []


def test_docstrings_are_plain_english() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{each}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for each in odd(path.read_text("utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "Whether it is there.",
        "Return the key, None where it has none.",
        "Return the key. Read it anew.",
        "Return the key\n    that stands in it.",
    ],
)
def test_an_odd_docstring_is_found(text: str) -> None:
    assert len(odd(f'def f():\n    """{text}\n\n    Shall anyone read this?\n    """\n')) == 1


@pytest.mark.parametrize("text", ["Return ``whether``; None if there is none.", "Return whether it is there."])
def test_a_plain_docstring_is_not(text: str) -> None:
    assert odd(f'def f():\n    """{text}\n\n    It shall be read anew.\n    """\n') == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_has_a_word_of_the_list(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.name == "CONTRIBUTING.md":
        text = re.sub(r"\| avoid \|.*?\n\n", "", text, flags=re.DOTALL)
    elif path.parent.name == "pages":
        rules = yaml.safe_load(text)
        text = "\n".join(rule[part] for rule in rules.values() for part in ("what", "why", "fix"))
    assert found(text) == []


@pytest.mark.parametrize("phrase", avoided())
def test_a_phrase_of_the_list_is_found(phrase: str) -> None:
    phrase = re.sub(r"\bN\b", "3", phrase)
    sentence = f"This is then {phrase}."
    assert found(sentence) == [phrase]
    assert list(messages(f'error("{sentence}")')) == [(1, sentence)]


@pytest.mark.parametrize(
    "text",
    [
        'Salesforce answers "You can\'t configure it".',
        "The name ends with an underscore.",
        "`whoever` is a variable.",
        "It stands for a value.",
        "```\nanew\n```",
    ],
)
def test_a_quotation_and_another_meaning_are_not(text: str) -> None:
    assert found(text) == []


def test_messages_are_found_in_code_and_docstrings_are_not() -> None:
    source = (
        '"""Read it anew."""\n\ndef f(x):\n    """Again anew."""\n    say(f"Read {x} anew." " Twice.", "not anew")\n'
    )
    assert list(messages(source)) == [(5, "Read {} anew. Twice.")]
