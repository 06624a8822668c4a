"""Messages of the chat runtime, of its page and of its console, with their meaning.

An unknown message gets no cause.
"""

from __future__ import annotations

from dataclasses import dataclass

_OBSERVED, _DOCUMENTED = "observed", "documented"
_CONSOLE = "read in the client's source"


@dataclass(frozen=True, slots=True)
class ChatText:
    """A known message. ``words`` are matched in lower case; ``grade`` is the strength of the evidence for the meaning.

    ``distinct`` is false for words that other programs also use: they count only in an answer of the chat runtime.
    """

    words: str
    cause: str
    meaning: str
    grade: str
    distinct: bool = True


TEXTS = (
    ChatText(
        "no active authschemes",
        "no-active-configuration",
        "verification is on, and no configuration of the channel is active; the token was not checked",
        _OBSERVED,
    ),
    ChatText(
        "set the auth mode to false",
        "guest-endpoint",
        "verification is on, and a guest's access token was asked for",
        _DOCUMENTED,
    ),
    ChatText(
        "deploymenttype",
        "wrong-endpoint",
        "the v2 endpoint accepts only Custom Client deployments; web and mobile ones use v1",
        _OBSERVED,
    ),
    ChatText("not published", "deployment-not-published", "the deployment exists, and was never published", _OBSERVED,
             distinct=False),
    ChatText(
        "orgid in the header",
        "org-id-length",
        "the event stream wants the org id's first 15 characters",
        _OBSERVED,
    ),
    ChatText(
        "conversation precondition failed",
        "precondition-failed",
        "a state of the org forbids a new conversation; once it was a full file storage",
        _OBSERVED,
    ),
    ChatText(
        "log in again to continue your messaging conversation",
        "token-refused",
        "the chat has no identity token that is accepted",
        _OBSERVED,
    ),
    ChatText(
        "before the onembeddedmessagingready event",
        "page-too-early",
        "the page called the client before it was ready",
        _CONSOLE,
    ),
    ChatText(
        "user verification isn't enabled in messaging settings",
        "verification-off",
        "the configuration that the browser has does not verify customers",
        _CONSOLE,
    ),
    ChatText(
        "invalid user verification authentication mode",
        "verification-off",
        "the mode at the runtime is not Auth, the one for tokens",
        _CONSOLE,
    ),
    ChatText(
        "invalid identity token parameter passed into the setidentitytoken",
        "token-parameter",
        "the page passed no object with identityTokenType and identityToken, or one of them is empty",
        _CONSOLE,
    ),
    ChatText(
        "only jwt-based identity tokens are supported",
        "token-type",
        "identityTokenType is not JWT",
        _CONSOLE,
    ),
    ChatText("unsupported identity token type", "token-type", "identityTokenType is not exactly JWT", _CONSOLE),
    ChatText(
        "invalid identity token passed into the setidentitytoken",
        "token-unreadable",
        "the token cannot be decoded, or it has expired by the clock of the customer's computer",
        _CONSOLE,
    ),
    ChatText("jwt validation failed", "token-unreadable", "the client cannot decode the token", _CONSOLE,
             distinct=False),
    ChatText("jwt has expired at", "token-expired", "the token has expired by the clock of the customer's computer",
             _CONSOLE),
    ChatText(
        "expired",
        "token-expired",
        "the identity token has expired, or the clock of its maker is wrong",
        "inferred from the checks of Salesforce's Android client",
        distinct=False,
    ),
)  # fmt: skip


def meaning_of(words: str) -> ChatText | None:
    """Return the known text in an answer of the chat runtime; None if it has none."""
    lowered = words.lower()
    return next((text for text in TEXTS if text.words in lowered), None)


def meaning_anywhere(words: str, *, is_chat: bool = False) -> ChatText | None:
    """Return the known text in the output of any program; words of other programs count only if ``is_chat``."""
    lowered = words.lower()
    return next((text for text in TEXTS if (text.distinct or is_chat) and text.words in lowered), None)


def is_of_the_chat(output: str) -> bool:
    """Return whether an output names the chat's host, API or client, so that its messages are those of the chat."""
    lowered = output.lower()
    return any(name in lowered for name in _CHAT_NAMES)


_CHAT_NAMES = ("salesforce-scrt.com", "/iamessage/", "embeddedservice_bootstrap", "embeddedmessaging")
