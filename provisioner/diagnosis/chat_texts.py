"""What chat runtimes were seen to say, and what it means. Everything else is shown as it came, without a cause."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatText:
    """``words`` are looked for in lower case; ``grade`` says how well the meaning is known."""

    words: str
    cause: str
    meaning: str
    grade: str


TEXTS = (
    ChatText(
        "no active authschemes",
        "no-active-configuration",
        "verification is on, and no configuration of the channel is active; the token was not even looked at",
        "observed",
    ),
    ChatText(
        "set the auth mode to false",
        "guest-endpoint",
        "verification is on, and a guest's access token was asked for",
        "documented",
    ),
    ChatText(
        "deploymenttype",
        "wrong-endpoint",
        "the v2 endpoint takes Custom Client deployments only; web and mobile ones use v1",
        "observed",
    ),
    ChatText(
        "not published",
        "deployment-not-published",
        "the deployment exists, and was never published",
        "observed",
    ),
    ChatText(
        "orgid in the header",
        "org-id-length",
        "the event stream wants the org id's first 15 characters",
        "observed",
    ),
    ChatText(
        "expired",
        "token-expired",
        "the identity token has expired, or the clock of whoever made it is wrong",
        "inferred from what Salesforce's Android client looks for",
    ),
)


def meaning_of(words: str) -> ChatText | None:
    """The known text that ``words`` hold; None where they are not known."""
    lowered = words.lower()
    return next((text for text in TEXTS if text.words in lowered), None)
