"""The chat runtime's answers: in words, and the causes that they show, for `diagnose chat` and for `verify`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import assert_never

from provisioner.diagnosis.chat.texts import meaning_of
from provisioner.diagnosis.findings import Confidence
from provisioner.salesforce.chat_answers import ChatAnswer, Kind

AUTH, UNAUTH = "Auth", "UnAuth"
#: Modes that verify customers by a login of Salesforce instead of identity tokens. Source: Salesforce's own client.
_BY_SESSION = ("ExperienceSiteAuth", "SalesforceSessionAuth")
_NOT_PUBLISHED, _NOT_FOUND = "deployment-not-published", "deployment-not-found"


def config_cause(config: ChatAnswer) -> tuple[str, Confidence] | None:
    """Return the cause that the answer to a request for the public configuration shows; None if the answer is in order.

    A runtime answers 412 for a deployment that was never published, and 400 with an empty body for an unknown name.
    """
    match config.kind:
        case Kind.SILENT:
            return "chat-host-unreachable", Confidence.CERTAIN
        case Kind.STRANGE:
            return "chat-host-strange", Confidence.CERTAIN
        case Kind.BUSY:
            return "rate-limited", Confidence.CERTAIN
        case Kind.GOOD:
            return None
        case Kind.REFUSED:
            return _refusal_cause(config)
        case _:
            assert_never(config.kind)


def _refusal_cause(config: ChatAnswer) -> tuple[str, Confidence]:
    known = meaning_of(config.words)
    if config.status == 412 or (known is not None and known.cause == _NOT_PUBLISHED):
        return _NOT_PUBLISHED, Confidence.CERTAIN
    if config.status == 404 or (config.status == 400 and not config.words):
        return _NOT_FOUND, Confidence.LIKELY
    return "config-refused", Confidence.LIKELY


def other_mode_cause(mode: str | None) -> str | None:
    """Return the cause for a mode of verification other than Auth and UnAuth; None for these two, and for no mode."""
    if mode in (None, "", AUTH, UNAUTH):
        return None
    return "verified-by-session" if mode in _BY_SESSION else "mode-unknown"


def other_channel(config: ChatAnswer, deployment: str | None, channel: str, address: str | None) -> str | None:
    """Return a sentence if the deployment serves another channel than the one with this address; None if not."""
    if address is None or config.channel_address in (None, address):
        return None
    return f"{deployment} shows the channel address {config.channel_address}; {channel} has {address}."


def other_deployments(deployment: str | None, deployments: Sequence[str]) -> str:
    """Return a sentence with the org's deployments and the nearest name, after a space; empty if there are none."""
    if not deployments:
        return ""
    near = difflib.get_close_matches(deployment or "", deployments, n=1)
    hint = f" Did you mean {near[0]}?" if near and near[0] != deployment else ""
    return f"{hint} The org's deployments: {', '.join(deployments)}."


def said(answer: ChatAnswer) -> str:
    """Return the host's own message, or the status: ``HTTP 401: …``."""
    if answer.status is None:
        return answer.words
    return f"HTTP {answer.status}: {answer.words}" if answer.words else f"HTTP {answer.status} without words"
