"""The entries of conversations, as the event stream and the list show them.

Source: the parsers of Salesforce's sample client of version 2.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from provisioner.localorg.org import Org

_ENTRIES, _PREFIX = "ChatEntry", "0ce"


@dataclass(frozen=True, slots=True)
class Event:
    """An entry with its place among all entries of the org, which is its event's id."""

    number: int
    conversation: str
    entry: dict[str, Any]

    def as_text(self) -> str:
        """Return the server-sent event."""
        payload = json.dumps(self.entry["entryPayload"], ensure_ascii=False)
        entry = {**self.entry, "entryPayload": payload}
        data = json.dumps({"conversationId": self.conversation, "conversationEntry": entry}, ensure_ascii=False)
        return f"id: {self.number}\nevent: {_EVENTS[self.entry['entryType']]}\ndata: {data}\n\n"


_EVENTS = {"Message": "CONVERSATION_MESSAGE", "SessionStatusChanged": "CONVERSATION_SESSION_STATUS_CHANGED"}


def add_message(org: Org, conversation: str, sender: dict[str, str], name: str, text: str, message_id: str) -> None:
    """Keep a text message."""
    content = {"messageType": "StaticContentMessage", "id": message_id}
    static = {"formatType": "Text", "text": text}
    payload = {"entryType": "Message", "id": message_id, "abstractMessage": {**content, "staticContent": static}}
    _add(org, conversation, sender, name, payload)


def add_session_end(org: Org, conversation: str, sender: dict[str, str], name: str) -> None:
    """Keep the end of a messaging session."""
    payload = {
        "entryType": "SessionStatusChanged", "id": str(uuid.uuid4()), "sessionStatus": "Ended",
        "sessionEndedByRole": sender["role"],
    }  # fmt: skip
    _add(org, conversation, sender, name, payload)


def _add(org: Org, conversation: str, sender: dict[str, str], name: str, payload: dict[str, Any]) -> None:
    entry = {
        "entryType": payload["entryType"], "identifier": payload["id"], "clientTimestamp": org.now,
        "transcriptedTimestamp": org.now, "sender": {"appType": "iamessage", **sender}, "senderDisplayName": name,
        "entryPayload": payload,
    }  # fmt: skip
    row = {"Id": org.store.new_id(_PREFIX), "conversation": conversation, "entry": entry}
    org.store.put_records(_ENTRIES, [row])


def events(org: Org, conversations: frozenset[str], after: int = 0) -> list[Event]:
    """Return the events of conversations that are newer than a number, the oldest first."""
    rows = enumerate(org.store.records(_ENTRIES), 1)
    found = (Event(number, row["conversation"], row["entry"]) for number, row in rows if number > after)
    return [event for event in found if event.conversation in conversations]


def last_number(org: Org) -> int:
    """Return the number of the newest event; 0 if there is none."""
    return len(org.store.records(_ENTRIES))
