"""Runs experiments one after another, and cleans up after each, so that none begins with the remains of another.

The record is safe to share: the names of the org and of its owner are masked in the org's answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from provisioner.components import xml
from provisioner.components.meaning import digest
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.execution.recorder import Recorder
from provisioner.experiments.bench import Bench, Step
from provisioner.experiments.cleaning import PHASE, Cleaner, Left, Lent
from provisioner.experiments.experiment import PREFIX, Experiment, UndecidedError
from provisioner.experiments.record import Result
from provisioner.salesforce import OrgFault
from provisioner.secrets import redactor

NEEDS_CHANNEL = "It needs an inactive channel: --channel NAME."
NOT_CLEAN = "It was not run, because the clean-up before it was not complete."


@dataclass(slots=True)
class Running:
    """A run. ``results`` grows with each experiment; ``left`` is the rest of the last clean-up, None before the first.

    ``earlier`` are channels that earlier probes borrowed and did not restore. ``kept`` are results of an interrupted
    run: their experiments are not run again. ``on_result`` is called after each experiment.
    """

    bench: Bench
    cleaner: Cleaner
    mask: Mask
    say: Callable[[str], None]
    earlier: Sequence[Lent] = ()
    kept: Mapping[str, Result] = field(default_factory=dict)
    on_result: Callable[[], None] = lambda: None
    results: list[Result] = field(default_factory=list)
    left: tuple[Left, ...] | None = None

    @property
    def recorder(self) -> Recorder:
        """Return the writer of this run's journal entry."""
        return self.bench.deploying.recorder

    def run(self, experiments: Sequence[Experiment]) -> None:
        """Run all, or stop after one that cannot be cleaned up.

        Raises the error that stopped the run, such as a lost connection.
        """
        for number, experiment in enumerate(experiments, 1):
            if experiment.name in self.kept:
                self.results.append(self.kept[experiment.name])
                continue
            if experiment.needs_channel and self.bench.borrowed is None:
                self.results.append(Result(experiment, reason=NEEDS_CHANNEL))
                continue
            if self.left:
                self.results.append(Result(experiment, reason=NOT_CLEAN))
                continue
            self.say(f"{number}/{len(experiments)} {experiment.name}: {experiment.question}")
            self.results.append(self._one(experiment))
            self.on_result()
            self.clean()

    def clean(self) -> None:
        """Remove all components of this run."""
        self.bench.begin(PHASE)
        self.left = None
        borrowed = self.bench.borrowed
        own = [Lent(borrowed)] if borrowed is not None else []
        self.left = self.cleaner.clean([*self.earlier, *own])

    def _one(self, experiment: Experiment) -> Result:
        bench = self.bench
        bench.begin(experiment.name)
        found, reason = None, None
        try:
            if experiment.needs_channel:
                self._require_unchanged()
            found = experiment.run(bench)
        except UndecidedError as undecided:
            reason = self.mask(str(undecided))
        except OrgFault as fault:
            reason = self.mask(f"The org refused a request: {fault}")
        return Result(experiment, found, reason, tuple(self.mask.step(each) for each in bench.steps))

    def _require_unchanged(self) -> None:
        """Raise :class:`UndecidedError` if another user changed or activated the borrowed channel meanwhile."""
        borrowed = self.bench.borrowed
        assert borrowed is not None
        found = self.bench.org.read({borrowed.key[0]: [borrowed.name]})[borrowed.key]
        if not isinstance(found, Component) or digest(found.xml) != digest(borrowed.before):
            raise UndecidedError("The channel has changed since the beginning of the run.")
        record = self.bench.org.channel_records().get(borrowed.name)
        if record is None or record.active:
            raise UndecidedError("The channel is no longer inactive.")


#: Elements with texts of Salesforce, not of the org's owner.
_WORDS_OF_SALESFORCE = frozenset((
    "authMode", "authorizationType", "autoResponseContentType", "language", "messagingChannelType", "responseType",
    "sessionHandlerType", "type", "channelType", "endUserIdleAction", "queueLimitType",
))  # fmt: skip
_PLAIN = re.compile(r"true|false|\d*|.{1,2}", re.DOTALL)
_ADDRESS = re.compile(r"https?://(?!uvprobe)[^\s\"'<>),;]+")
_HOST = re.compile(r"(?<![\w.-])(?!uvprobe|salesforce\.com)(?:[\w-]+\.)+(?:com|org|net|io|dev|mil|cn)\b", re.I)
_EMAIL = re.compile(r"[^\s\"'<>()]+@[^\s\"'<>()]+")
_ID = re.compile(r"\b(?=[a-zA-Z]*\d)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b")


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask. ``names`` maps the texts of one org to placeholders; ``pattern`` finds them."""

    names: dict[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Mask:
        """Return the mask for an org: the texts of all its components, and the names of the users who changed them."""
        names: dict[str, str] = {}
        for kind, observed in snapshot.types.items():
            if isinstance(observed, Unreadable):
                continue
            for name, found in observed.items():
                names[name] = kind.word.upper()
                if isinstance(found, Component):
                    names |= {text: "TEXT" for text in _texts(found) if text not in names}
                    names |= {found.last_modified_by or "": "USER"}
        if not isinstance(snapshot.active_channels, Unreadable):
            names |= dict.fromkeys(snapshot.active_channels, "CHANNEL")
        names |= {snapshot.org.id: "ORG", snapshot.org.id[:15]: "ORG"}
        names[urlsplit(snapshot.org.instance_url).netloc] = "HOST"
        kept = {text: word for text, word in names.items() if not _PLAIN.fullmatch(text) and not _is_ours(text)}
        either = "|".join(re.escape(each) for each in sorted(kept, key=len, reverse=True))
        return cls(kept, re.compile(rf"(?<!\w)(?:{either})(?!\w)" if kept else r"(?!)"))

    def __call__(self, text: str) -> str:
        """Return the text without names, addresses, ids and secrets."""
        text = redactor.redact(text)
        text = self.pattern.sub(lambda match: self.names[match[0]], text)
        for pattern, word in ((_ADDRESS, "URL"), (_EMAIL, "USER"), (_HOST, "HOST"), (_ID, "ID")):
            text = pattern.sub(word, text)
        return text

    def step(self, step: Step) -> Step:
        """Return the step with its answer masked; the action is in our own words."""
        return Step(step.did, self(step.answered))


def _is_ours(text: str) -> bool:
    return text.startswith((PREFIX, "https://uvprobe")) or text == "uvprobe"


def _texts(component: Component) -> Iterator[str]:
    for element in component.xml.iter("{*}*"):
        if len(element) == 0 and xml.name_of(element) not in _WORDS_OF_SALESFORCE:
            text = (element.text or "").strip()
            yield text
            yield from (line.strip() for line in text.splitlines()[:20])
