"""Ids of Salesforce records, as an org writes them.

A server in place of an org can write anything as an id, and ids become names of files and parts of commands: only text
with the shape of an id is accepted. Source: Object Reference, ID Field Type: 15 characters, case-sensitive, or 18; the
first three name the kind.
"""

from __future__ import annotations

import re

from provisioner.errors import RefusedError

ORGANIZATION, USER, DEPLOYMENT = "00D", "005", "0Af"
#: The number of characters of a wrong id in a message.
SHOWN_AT_MOST = 60
ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def is_id(text: str, prefix: str = "") -> bool:
    """Return whether ``text`` has the shape of an id and begins with the letters of its kind."""
    return ID.fullmatch(text) is not None and text.startswith(prefix)


def same_id(one: str, other: str) -> bool:
    """Return whether two ids name the same record: the short and the long form of an id do."""
    return one[:15] == other[:15]


def require_id(text: str, prefix: str, meaning: str) -> str:
    """Return ``text`` if it is an id. Raises :class:`RefusedError`; ``meaning`` names the record of the id."""
    if is_id(text, prefix):
        return text
    shown = text if len(text) <= SHOWN_AT_MOST else f"{text[:SHOWN_AT_MOST]}…"
    raise RefusedError(
        f"The org gives {shown!r} as the id of {meaning}, and that does not have the shape of an id. "
        "Nothing more was sent.",
        next="Check login_url and any proxy between this machine and Salesforce: Salesforce does not answer like that.",
        code="not-an-id",
    )
