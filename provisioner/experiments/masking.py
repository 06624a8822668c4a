"""Removes the names of an org and of its owner from the org's answers, so that a record is safe to share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from provisioner.components import xml
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.experiments.bench import Step
from provisioner.experiments.experiment import PREFIX
from provisioner.secrets import redactor

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
