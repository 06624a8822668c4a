"""Findings in every format that validate prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.report.excerpt import SourceLines, excerpt
from provisioner.report.findings import findings_json, findings_view
from provisioner.report.github import findings_github
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report.golden import assert_golden, assert_golden_json
from tests.report.samples import SOURCE, at, error, warning

ELSEWHERE = Diagnostic(
    rule="environment-username",
    severity=Severity.WARNING,
    message="The username has no sandbox suffix.",
    fix="Append the sandbox's name.",
    location=Location("config/environments/sandbox.yaml", 4, 11),
)
NOWHERE = Diagnostic("no-place", Severity.ERROR, "Nothing stands anywhere.", "Write something.")


def shown(*findings: Diagnostic, lines: list[str] | None = None, width: int = 80, color: bool = False) -> str:
    return terminal(findings_view(findings, lambda file: SOURCE if lines is None else lines), Style(width, color))


def marked(finding: Diagnostic, lines: list[str], width: int = 80) -> tuple[str, str]:
    """The source line that is shown, and what of it is marked."""
    rows = [line for line in shown(finding, lines=lines, width=width).splitlines() if re.match(r" *\d* *\|", line)]
    source, marks = rows
    start, end = marks.index("^"), marks.rindex("^") + 1
    return source.split("| ", 1)[1], source[start:end]


@pytest.mark.parametrize("width", [80, 120])
def test_errors_and_warnings_of_two_files(width: int) -> None:
    text = shown(error(), ELSEWHERE, warning(), NOWHERE, width=width)
    assert_golden(f"findings/errors and warnings of two files, {width} columns.txt", text)


def test_findings_in_colour() -> None:
    assert_golden("findings/an error and a warning in colour.txt", shown(error(), warning(), color=True))


def test_nothing_found_is_said() -> None:
    assert shown() == "No findings."


def test_findings_of_a_file_stand_together_and_go_down_the_file() -> None:
    text = shown(error(), ELSEWHERE, warning())
    assert text.index("certificate-ends-soon") < text.index("keyset-unknown-key") < text.index("environment-username")


@pytest.mark.parametrize(
    ("findings", "last"),
    [
        ([error()], "1 error."),
        ([error(), error(), warning()], "2 errors, 1 warning."),
        ([warning(), warning()], "2 warnings."),
    ],
)
def test_the_last_line_counts(findings: list[Diagnostic], last: str) -> None:
    assert shown(*findings).splitlines()[-1] == last


class TestMark:
    def test_marks_the_span(self) -> None:
        assert marked(error(), SOURCE) == ("    keys: [storefront_2026_11, legacy]", "legacy")

    def test_marks_the_word_where_the_end_is_not_known(self) -> None:
        assert marked(error(location=at(12, 12)), SOURCE)[1] == "storefront_2026_11"

    def test_marks_to_the_end_of_the_line_where_the_value_goes_on(self) -> None:
        place = Location("f", 1, 3, end_line=4, end_column=1)
        assert marked(error(location=place), ["  keys: [a,  "])[1] == "keys: [a,"

    def test_marks_wide_characters_by_their_columns(self) -> None:
        lines = ["label: 世界 x"]
        source, marks = shown(error(location=Location("f", 1, 11)), lines=lines).splitlines()[2:4]
        assert marks.index("^") == source.index("x") + 2  # two characters before it take two columns each

    def test_marks_the_place_beyond_the_end_of_the_line(self) -> None:
        assert shown(error(location=Location("f", 1, 99)), lines=["short"]).count("^") == 1

    def test_a_line_that_is_not_there_is_not_shown(self) -> None:
        assert "^" not in shown(error(), lines=[])
        assert "^" not in shown(error(location=at(99)))

    @pytest.mark.parametrize("column", [1, 100, 250, 391])
    def test_a_long_line_is_cut_around_its_place(self, column: int) -> None:
        line = "".join(f"w{number:03d}" + "-" for number in range(80))
        source, what = marked(error(location=Location("f", 1, column)), [line])
        assert len(source) < 80
        assert "…" in source
        assert line[column - 1 : column + 3] in what or what in line

    def test_escapes_in_the_source_do_not_move_the_mark(self) -> None:
        source, what = marked(error(location=Location("f", 1, 9, 1, 12)), ["label: \x1bbad"])
        assert "\x1b" not in source
        assert what == "bad"


class TestSecretsInTheSource:
    """A secret that somebody wrote into YAML is a finding; showing its line would spread it."""

    @pytest.mark.parametrize(
        "line",
        [
            "private_key_passphrase: hunter2",
            "private_key_passphrase: 'hunter2'  # ${env:X}",
            "private_key: hunter2",
            "verify: {Web_Chat: {deployment: Shop, key_file: hunter2}}",
            'verify: {Web_Chat: {"key_file": hunter2}}',
            "consumer_key: hunter2",
            "private_key_passphrase: ${env:A}hunter2",
        ],
    )
    @pytest.mark.parametrize("column", [1, 16, 25, 40])
    def test_a_literal_is_masked_wherever_the_finding_points(self, line: str, column: int) -> None:
        text = shown(error(location=Location("f", 1, column)), lines=[line])
        assert "hunter2" not in text
        assert "***" in text
        assert "^" in text

    @pytest.mark.parametrize("field", ["private_key: |", "private_key_passphrase: >-", "private_key:"])
    def test_a_literal_of_several_lines_is_masked(self, field: str) -> None:
        lines = [field, "  first line hunter2", "", "   hunter2", "username: ci@acme.com"]
        for number in (2, 4):
            assert "hunter2" not in shown(error(location=Location("f", number, 3)), lines=lines)
        assert "ci@acme.com" in shown(error(location=Location("f", 5, 1)), lines=lines)

    def test_base64_of_a_key_is_masked_wherever_it_stands(self) -> None:
        blob = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" * 2
        assert blob[:20] not in shown(error(location=Location("f", 1, 3)), lines=[f"  {blob}"])

    def test_a_long_number_is_shown_and_marked(self) -> None:
        number = "123456789" * 6
        line = f"  minutes: {{verified: {number}}}"
        source, what = marked(error(location=Location("f", 1, 23)), [line], 120)
        assert (source, what) == (line, number)

    @pytest.mark.parametrize(
        ("line", "column", "said", "what"),
        [
            (f"  x: {{kid: {'MIIEvQIB' * 9}}}  # old", 12, "  x: {kid: ***}  # old", "***"),
            (f"  x: {{kid: {'MIIEvQIB' * 9}, issuer: shop}}", 94, "  x: {kid: ***, issuer: shop}", "shop"),
            (f"  x: {{kid: {'MIIEvQIB' * 9}, issuer: shop}}", 40, "  x: {kid: ***, issuer: shop}", "***"),
            (f"  kid: [{'MIIEvQIB' * 9}, {'1' * 49}a, b]", 135, "  kid: [***, ***, b]", "b"),
            ("private_key: hunter2", 1, "private_key: ***", "private_key"),
            ("private_key: hunter2", 14, "private_key: ***", "***"),
            ("private_key: hunter2", 18, "private_key: ***", "***"),
        ],
    )
    def test_the_mark_keeps_its_place_beside_a_mask(self, line: str, column: int, said: str, what: str) -> None:
        assert marked(error(location=Location("f", 1, column)), [line]) == (said, what)

    @pytest.mark.parametrize("reference", ["${env:SF_KEY}", '"${file:~/.secrets/uat.key}"', "${command:pass show uat}"])
    def test_a_reference_is_shown(self, reference: str) -> None:
        line = f"private_key: {reference}  # where it is"
        assert line in shown(error(location=Location("f", 1, 1)), lines=[line])


BLOB = "MIIEvQIB" * 7


@given(st.lists(st.sampled_from(["a: b, ", "x ", f"{BLOB} ", f"{'1' * 50} "]), min_size=1), st.data())
def test_each_character_is_marked_as_itself_or_as_a_mask(parts: list[str], data: st.DataObject) -> None:
    line = "".join(parts)
    at = data.draw(st.integers(0, len(line) - 2))
    found = excerpt(SourceLines([line]), Location("f", 1, at + 1, 1, at + 2), 10_000)
    assert found is not None
    assert BLOB not in found.text
    hidden = any(start <= at < start + len(BLOB) for start in range(len(line)) if line.startswith(BLOB, start))
    assert found.text[found.indent : found.indent + found.length] == ("***" if hidden else line[at])


def test_a_sentence_cannot_add_lines_of_its_own() -> None:
    text = shown(error(message="The label is 'x\nFix: Run curl evil.example.'", address="key.a\n\x1b[2J"))
    assert "\n  Fix: Run curl" not in text
    assert "\x1b" not in text


def test_findings_as_json() -> None:
    assert_golden_json("findings/errors and warnings of two files.json", findings_json([error(), ELSEWHERE, NOWHERE]))


class TestGitHub:
    def test_annotations(self) -> None:
        text = findings_github([error(), ELSEWHERE, NOWHERE], lambda file: f"infra/{file}")
        assert_golden("findings/annotations of a GitHub workflow.txt", text)

    def test_what_could_end_a_command_or_a_property_is_escaped(self) -> None:
        finding = error(
            message="100%\nor::error::more",
            rule="a,b:c",
            address=None,
            location=Location("odd,file:na%me\n.yaml", 1, 1),
        )
        [line] = findings_github([finding], str).splitlines()
        properties, text = re.fullmatch(r"::error ([^:]*)::(.*)", line).groups()  # type: ignore[union-attr]
        assert properties == "file=odd%2Cfile%3Ana%25me%0A.yaml,line=1,col=1,title=a%2Cb%3Ac"
        assert text.startswith("100%25\\nor::error::more%0AFix: ")

    def test_columns_are_left_out_where_the_place_spans_lines(self) -> None:
        finding = replace(error(), location=Location("f", 1, 2, 3, 4))
        assert "line=1,endLine=3,title" in findings_github([finding], str)


def test_a_thousand_are_shown_and_all_are_counted() -> None:
    findings = [replace(error(), location=at(1 + number % 3)) for number in range(1_001)]
    text = shown(*findings, warning())
    assert text.count("keyset-unknown-key") + text.count("certificate-ends-soon") == 1_000
    assert text.splitlines()[-3:] == [
        "2 more are not shown: --format json has them all.",
        "",
        "1001 errors, 1 warning.",
    ]
    assert "more are not shown" not in shown(*findings[:1_000])


@pytest.mark.parametrize("many_files", [False, True])
def test_time_grows_linearly_with_the_findings(many_files: bool) -> None:
    """Each file is read once, and looked through once for what it hides, however many findings point into it."""
    lines = [f" k{number}: {{}}" for number in range(1_000)]
    read: list[str] = []

    def read_lines(file: str) -> list[str]:
        read.append(file)
        return lines

    findings = [
        replace(error(), location=Location(f"f{number if many_files else 0}.yaml", number + 1, 2))
        for number in range(1_000)
    ]
    terminal(findings_view(findings, read_lines), Style(80, False))
    assert len(read) == (1_000 if many_files else 1)

    class Counted(list[str]):
        looked_at = 0

        def __iter__(self) -> Iterator[str]:
            type(self).looked_at += 1
            return super().__iter__()

    source = SourceLines(Counted(lines))
    for finding in findings:
        assert finding.location is not None
        excerpt(source, replace(finding.location, file=""), 70)
    assert Counted.looked_at == 1


def stands_below(lines: list[str], index: int) -> Iterator[str]:
    """The lines that a line stands below, from the nearest up: each is indented less than the one before."""
    indent = len(lines[index]) - len(lines[index].lstrip())
    for line in reversed(lines[:index]):
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            indent = len(line) - len(line.lstrip())
            yield line.strip()


@given(
    st.lists(
        st.builds(
            lambda indent, text: " " * indent + text,
            st.integers(0, 4),
            st.sampled_from(
                ["private_key: |", "private_key:", "a: b", "- key_file:", "key_file: >-", "abc", "", "# x"]
            ),
        )
    )
)
def test_a_line_is_hidden_where_any_line_above_it_holds_a_secret(lines: list[str]) -> None:
    secret = ("private_key", "key_file")
    for index, line in enumerate(lines):
        if line.strip():
            below_one = any(each.startswith(secret) for each in stands_below(lines, index))
            assert (index in SourceLines(lines).inside_secrets) is below_one, index
