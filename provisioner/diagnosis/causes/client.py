"""Causes that only pasted output shows: errors of another program, and a private key in the text."""

from __future__ import annotations

from provisioner.diagnosis.causes.cause import Cause, Grade
from provisioner.diagnosis.chat_causes import BY_NAME, ChatCause
from provisioner.diagnosis.chat_texts import TEXTS

CLIENT_CAUSES = (
    Cause(
        "client-crash",
        "The client itself failed, before or after the login. Its message says nothing about the org or the key.",
        Grade.OBSERVED,
        ("forcedotcom/cli#3201",),
        fix=(
            "Update the client, and run it again with its debug output (the official CLI: --dev-debug).",
            "Paste the lines above this message, if there are any.",
        ),
    ),
    Cause(
        "client-setup",
        "The client's installation lacks a part that it signs with. Nothing was signed, nothing sent.",
        Grade.REPRODUCED,
        ("PyJWT without cryptography",),
        fix=("Install the part that the message names.",),
    ),
    Cause(
        "key-leaked",
        "A private key is in the text. Everyone who can read the text, its log or the terminal's history has the key: "
        "it is compromised.",
        Grade.DOCUMENTED,
        ('Salesforce Stack Exchange, "invalid assertion"',),
        fix=(
            "Make a new key: provisioner keys generate --login NAME. Upload its certificate to the app.",
            "Remove the text from the log, the ticket and the chat.",
        ),
        side=True,
    ),
)


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
