"""The causes of the chat that pasted words name. Their meaning and their fix are those of ``diagnose chat``."""

from __future__ import annotations

from provisioner.diagnosis.causes.cause import Cause, Grade
from provisioner.diagnosis.chat_causes import BY_NAME, ChatCause
from provisioner.diagnosis.chat_texts import TEXTS

#: Pasted words name no channel; a person reads these in their place.
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
