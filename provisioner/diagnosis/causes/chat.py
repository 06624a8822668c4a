"""Causes in the chat that pasted output names. ``diagnose chat`` uses the same meanings and fixes."""

from __future__ import annotations

from provisioner.diagnosis.causes.cause import Cause, Grade
from provisioner.diagnosis.chat_causes import BY_NAME, ChatCause
from provisioner.diagnosis.chat_texts import TEXTS

#: Pasted output names no channel; these general words replace the name.
_NAMES = {
    "channel": "CHANNEL",
    "deployment": "DEPLOYMENT",
    "chat_url": "the chat host",
    "thing": "KEYSET",
    "environment": "{environment}",
}


def _as_cause(cause: ChatCause) -> Cause:
    fix = tuple(step.format(**_NAMES) for step in cause.fix)
    return Cause(
        cause.name, cause.meaning.format(**_NAMES), Grade.OBSERVED, ("docs/client.md",), fix=fix, wait=cause.wait
    )


CHAT_CAUSES = tuple(_as_cause(BY_NAME[name]) for name in dict.fromkeys(text.cause for text in TEXTS))
