"""Nothing that is printed is lost: every verb, in every format, on every kind of stream."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from provisioner.cli.main import VERBS
from provisioner.report.output_schemas import OUTPUTS
from tests.cli import every_verb
from tests.cli.every_verb import Printed, Theatre, constant, every_format, fails, is_document, one_document, one_suite
from tests.faults.stage import held
from tests.report.output import misfit

#: The streams of each command line meet ASCII, and two of these: one when the result is lost, one when the talk is.
ENCODINGS = ("latin-1", "cp1252", "cp437")
#: What is refused here with all that it shows, because the org of these tests has no app of the login.
UNDER_REFUSAL = ("login rotate", "login retire")
EVERY = pytest.mark.parametrize(("verb", "shown"), every_format(), ids=lambda each: each.replace(" ", "-"))
_NUMBERS = {line: number for number, line in enumerate(every_format())}


@pytest.fixture(scope="module")
def theatre(shared_org: Path, second_org: Path, tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    return Theatre(tmp_path_factory.mktemp("stage"), shared_org, second_org)


def full() -> io.TextIOWrapper:
    return open("/dev/full", "w", encoding="utf-8")  # noqa: PTH123


def encoding_of(verb: str, shown: str, turn: int) -> str:
    """Return the encoding of one of the tests of a line; all lines together have each encoding in each test."""
    return ENCODINGS[(_NUMBERS[verb, shown] + turn) % len(ENCODINGS)]


def escaped(text: str, encoding: str) -> str:
    """The text as a stream of the encoding shows it."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def decoded(out: bytes, verb: str, shown: str, encoding: str) -> str:
    """The text of a stdout of the encoding; a document is in UTF-8 on every stream."""
    return out.decode("utf-8" if is_document(verb, shown) else encoding)


def expected(whole: Printed, verb: str, shown: str, encoding: str) -> list[str]:
    """What a stdout of the encoding holds."""
    text = whole.out.decode()
    return constant(text if is_document(verb, shown) else escaped(text, encoding))


def test_every_verb_has_a_line() -> None:
    assert set(every_verb.LINES) == set(VERBS)


@EVERY
def test_output_is_complete_on_a_stream_of_ascii(theatre: Theatre, verb: str, shown: str) -> None:
    whole = theatre.whole(verb, shown)
    assert whole.status in (0, 2) or verb in ("diagnose endpoint", "diagnose paste", *UNDER_REFUSAL), whole
    printed = theatre.printed(verb, shown, "ascii")
    assert printed.status == whole.status
    assert constant(decoded(printed.out, verb, shown, "ascii")) == expected(whole, verb, shown, "ascii")
    assert constant(printed.err.decode("ascii")) == constant(escaped(whole.err.decode(), "ascii"))
    if shown == "json":
        document = one_document(printed.out)
        assert verb not in OUTPUTS or misfit(verb.replace(" ", "-"), document) is None
    if shown == "junit":
        assert fails(one_suite(printed.out)) == (printed.status != 0)


@EVERY
def test_a_lost_result_is_a_failure(theatre: Theatre, verb: str, shown: str) -> None:
    printed, encoding = theatre.whole(verb, shown), encoding_of(verb, shown, 1)
    with full() as out, io.TextIOWrapper(io.BytesIO(), encoding=encoding) as err:
        status = theatre.run(verb, shown, out, err)
        talk = err.buffer.getvalue().decode(encoding)
    said, lines = " ".join(talk.split()), constant(talk)
    missing = [each for each in constant(escaped(printed.err.decode(), encoding)) if each not in lines]
    assert missing == []
    if not printed.out:
        assert (status, "The output is incomplete" in said) == (printed.status, False)
        return
    assert status == (printed.status if printed.status not in (0, 2) else 1)
    assert "Error: The output is incomplete: standard output could not be written (no space left on device)." in said
    assert "Next: " in said
    assert "Traceback" not in said
    if verb == "apply":
        assert held(theatre.stage.components()) == held(theatre.applied)


@EVERY
def test_lost_talk_changes_no_result(theatre: Theatre, verb: str, shown: str) -> None:
    whole, encoding = theatre.whole(verb, shown), encoding_of(verb, shown, 2)
    with full() as err, io.TextIOWrapper(io.BytesIO(), encoding=encoding) as out:
        status = theatre.run(verb, shown, out, err)
        printed = out.buffer.getvalue()
    assert status == whole.status
    assert constant(decoded(printed, verb, shown, encoding)) == expected(whole, verb, shown, encoding)
