"""Nothing that is printed is lost: every verb, in every format, on every kind of stream."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from provisioner.cli.main import VERBS
from provisioner.report.output_schemas import OUTPUTS
from tests.cli import every_verb
from tests.cli.every_verb import Printed, Theatre, constant, every_format, fails, is_document, one_document, one_suite
from tests.faults.stage import held
from tests.report.output import misfit

#: The streams of each command line meet ASCII, and each of these in one of its three tests.
ENCODINGS = ("latin-1", "cp1252", "cp437")
#: What is refused here with all that it shows, because the org of these tests has no app of the login.
UNDER_REFUSAL = ("login rotate", "login retire")
EVERY = pytest.mark.parametrize(("verb", "shown"), every_format(), ids=lambda each: each.replace(" ", "-"))
_NUMBERS = {line: number for number, line in enumerate(every_format())}


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with every_verb.theatre(tmp_path_factory.mktemp("theatre")) as made:
        yield made


def full() -> io.TextIOWrapper:
    return open("/dev/full", "w", encoding="utf-8")  # noqa: PTH123


def encoding_of(verb: str, shown: str, turn: int) -> str:
    """Return the encoding of one of the three tests of a line; all lines together have each encoding in each test."""
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
def test_output_is_complete_in_every_encoding(theatre: Theatre, verb: str, shown: str) -> None:
    whole = theatre.whole(verb, shown)
    assert whole.status in (0, 2) or verb in ("diagnose endpoint", "diagnose paste", *UNDER_REFUSAL), whole
    for encoding in ("ascii", encoding_of(verb, shown, 0)):
        printed = theatre.printed(verb, shown, encoding)
        assert printed.status == whole.status, encoding
        assert constant(decoded(printed.out, verb, shown, encoding)) == expected(whole, verb, shown, encoding), encoding
        assert constant(printed.err.decode(encoding)) == constant(escaped(whole.err.decode(), encoding)), encoding
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
        said = " ".join(err.buffer.getvalue().decode(encoding).split())
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
