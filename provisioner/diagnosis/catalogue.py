"""The parts of a catalogue: causes, and the messages that are known to name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

#: From this number of points, an inferred cause is called likely.
LIKELY = 50
#: The beginnings of a step for one kind of app.
CONNECTED, EXTERNAL = "Connected app: ", "External client app: "
#: A sentence with no more words than this has one subject.
_SHORT_SENTENCE = 8
#: With one of these words after it, a message continues, and the token endpoint's messages do not.
_OF_ANOTHER = frozenset({"for", "of", "on", "from", "by", "to", "while", "when"})


class Grade(StrEnum):
    """The strength of the evidence for a text. ``INVENTED`` marks a text without any source."""

    DOCUMENTED = "documented by Salesforce"
    OBSERVED = "observed by users"
    READ = "read in the client's source"
    REPRODUCED = "reproduced"
    INFERRED = "inferred"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause. ``fix`` applies to any app, ``connected`` and ``external`` to one kind of app.

    Texts contain placeholders such as ``{app}``, which :func:`filled` replaces. ``text_known`` is false if the org's
    message for the cause is not known: without an administrator's evidence the cause is then at most possible.
    ``applies``: an apply of the declaration may fix it.
    """

    id: str
    meaning: str
    grade: Grade
    sources: tuple[str, ...]
    fix: tuple[str, ...] = ()
    connected: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    wait: str | None = None
    text_known: bool = True
    side: bool = False
    """True if the cause is worth reporting but does not make a login fail."""
    applies: bool = False

    def steps(self, app_kind: str | None) -> tuple[str, ...]:
        """Return the steps for a kind of app; if it is not known, the steps for each kind in turn, with its name."""
        if app_kind == "connected":
            return (*self.connected, *self.fix)
        if app_kind == "external":
            return (*self.external, *self.fix)
        if self.connected == self.external:
            return (*self.connected, *self.fix)
        pairs = zip_longest(
            (f"{CONNECTED}{step}" for step in self.connected),
            (f"{EXTERNAL}{step}" for step in self.external),
        )
        return (*(step for pair in pairs for step in pair if step is not None), *self.fix)


@dataclass(frozen=True, slots=True)
class KnownText:
    """A known message: its words, and its possible causes with their points, most likely first.

    ``words`` are in lower case. A row with ``errors`` needs one of these codes, if a code is known. ``note`` is a
    sentence with further facts, ``meaning`` the rest of a sentence that begins with "That means: ". ``remedy`` is for
    this message; if it is empty, the steps of the cause apply. ``propagates``: waiting may help.
    """

    id: str
    words: str
    causes: tuple[tuple[str, int], ...]
    grade: Grade
    errors: tuple[str, ...] = ()
    propagates: bool = False
    note: str = ""
    meaning: str = ""
    remedy: str = ""
    near: tuple[str, ...] = ()
    """One of these must be in the same line; for words that many programs print. ``a+b`` requires both parts."""
    spread: bool = False
    """True if the word of ``near`` may be in another line of the same text."""
    unlike: tuple[str, ...] = ()
    """With one of these in the same line, the words are those of another program."""
    distinct: bool = True
    """False for words that other programs also print: those of the chat count only in an answer of the chat runtime,
    those of a token endpoint only with a code."""
    brief: bool = False
    """True for words that other services also answer with: without a code they count only as a short sentence of their
    own."""

    @property
    def cause(self) -> str:
        """Return the most likely cause. There must be one."""
        return self.causes[0][0]

    def fits(self, said: str) -> bool:
        """Return whether the words are in a message, which must be :func:`normal`. They begin at a word's beginning."""
        if not self._is_in(said) or any(word in said for word in self.unlike):
            return False
        return not self.near or self.is_near(said)

    def is_near(self, said: str) -> bool:
        """Return whether a message has one of the words of ``near``."""
        return any(all(part in said for part in word.split("+")) for word in self.near)

    def is_own_sentence(self, said: str) -> bool:
        """Return whether the words begin a short sentence: they follow a colon or another sign, and no other word.

        No preposition continues them.
        """
        at = said.find(self.words)
        before, after = said[:at].rstrip(), said[at + len(self.words) :].split()
        if after[:1] and after[0] in _OF_ANOTHER:
            return False
        return len(said[at:].split()) <= _SHORT_SENTENCE and (not before or not before[-1].isalnum())

    def _is_in(self, said: str) -> bool:
        at = said.find(self.words)
        while at > 0 and self.words[:1].isalnum() and said[at - 1].isalnum():
            at = said.find(self.words, at + 1)
        return at >= 0


def known_text_row(
    id: str,
    words: str,
    error: str,
    grade: Grade,
    *,
    propagates: bool = False,
    note: str = "",
    remedy: str = "",
    near: str = "",
    unlike: str = "",
    spread: bool = False,
    distinct: bool = True,
    brief: bool = False,
    **causes: int,
) -> KnownText:
    """Return a row of a catalogue. ``error`` and ``near`` are lists with blanks, ``unlike`` is one with bars.

    Names of causes have underscores.
    """
    return KnownText(
        id=id,
        words=words,
        causes=ranked(causes),
        grade=grade,
        errors=tuple(error.split()),
        propagates=propagates,
        note=note,
        remedy=remedy,
        near=tuple(near.split()),
        spread=spread,
        unlike=tuple(filter(None, unlike.split("|"))),
        distinct=distinct,
        brief=brief,
    )


def ranked(causes: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return causes with their points; underscores in the names are hyphens."""
    return tuple((name.replace("_", "-"), points) for name, points in causes.items())


def normal(words: str) -> str:
    """Return words in the form for comparison: lower case, plain apostrophes, single spaces, no final dot."""
    return " ".join(words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower().split()).rstrip(".")


def first_fit(rows: Iterable[KnownText], words: str) -> KnownText | None:
    """Return the first row that fits a message; None if there is none."""
    said = normal(words)
    return next((row for row in rows if row.fits(said)), None)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text of a catalogue with its placeholders replaced. The keys of ``values`` are the placeholders."""
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text
