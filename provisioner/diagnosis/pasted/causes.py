"""Causes that only pasted output shows: errors of other programs, refusals after a login, and leaked keys."""

from __future__ import annotations

from types import MappingProxyType

from provisioner.diagnosis.catalogue import Cause, Grade
from provisioner.diagnosis.chat.causes import CAUSES as CHAT_CAUSES
from provisioner.diagnosis.chat.texts import CHAT_TEXTS
from provisioner.diagnosis.login.causes import CAUSES as LOGIN_CAUSES

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
        "access-token-refused",
        "The API refuses a call; the message is not one of a login. The access token has expired or was revoked, the "
        "org locks sessions to an IP address, or the request does not send the token as it was issued.",
        Grade.OBSERVED,
        (
            "Salesforce Stack Exchange 212976",
            "jsforce/jsforce#386",
            "forcedotcom/postman-salesforce-apis#40",
            "airbytehq/airbyte#75283",
        ),
        fix=(
            "Log in again on HTTP 401, and repeat the call with the new token: JWT bearer gives no refresh token.",
            "Call the instance_url of the same answer, with the header Authorization: Bearer ACCESS_TOKEN.",
            'Setup > Session Settings: "Lock sessions to the IP address from which they originated", and the timeout.',
        ),
    ),
    Cause(
        "org-refused",
        "The login worked, and the org refused a deployment or another request. Its words give the reason.",
        Grade.OBSERVED,
        ("scolladon/sfdx-git-delta#1035", "jongpie/NebulaLogger#122", "forcedotcom/cli#2944"),
        fix=("Setup > Deployment Status > the deployment > View Details has the org's words about each component.",),
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

_OF_THE_CHAT = {text.cause: CHAT_CAUSES[text.cause] for text in CHAT_TEXTS}
#: Every cause that pasted output may have. A cause of a login precedes one of the chat with the same id.
PASTED_CAUSES = MappingProxyType({**_OF_THE_CHAT, **{cause.id: cause for cause in CLIENT_CAUSES}, **LOGIN_CAUSES})
