"""The records of chats in the org: an end user for each subject and channel, and a session for each visit.

Source: object reference, MessagingEndUser ("a single address communicating with a single channel") and
MessagingSession. ``chat-history`` invents the visits of weeks; none of them is stored.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from provisioner.localorg.chat_deployments import ChatChannel, channel_component
from provisioner.localorg.clock import rest_time
from provisioner.localorg.ids import record_id
from provisioner.localorg.org import Org
from provisioner.localorg.soql_tables import Table, table

_END_USER, _SESSION = "MessagingEndUser", "MessagingSession"
_END_USER_PREFIX, _SESSION_PREFIX = "0PA", "0Mw"
_END_USER_FIELDS = (
    "Id Name MessagingPlatformKey MessagingChannelId MessageType ContactId AuthenticatedEndUserId CreatedDate"
)
_SESSION_FIELDS = (
    "Id StartTime EndTime ChannelType MessagingChannelId MessagingEndUserId ConversationId Status Origin AgentType "
    "CreatedDate MessagingEndUser.MessagingPlatformKey MessagingChannel.DeveloperName"
)
_ENHANCED_CHAT = "EmbeddedMessaging"
_DAY_MS = 86_400_000
#: The channel with a history, how far back it goes, and its visits a day from Monday to Sunday.
_BUSY_CHANNEL = "Web_Chat"
_HISTORY_DAYS = 90
_VISITS = (12, 11, 10, 11, 9, 4, 3)
_SILENT_DAYS = 2
_FIRST_DAY_OF_EPOCH = 3  # 1 January 1970 was a Thursday


def begin_session(org: Org, channel: ChatChannel, subject: str, conversation: str) -> None:
    """Write a visit down, and the end user if this is the first on the channel."""
    component = channel_component(org, channel.name)
    if component is None:
        return
    with org.store.transaction():
        users = (row for row in org.store.records(_END_USER) if row["MessagingChannelId"] == component.id)
        user = next((row for row in users if row["MessagingPlatformKey"] == subject), None)
        if user is None:
            user = _end_user(org.store.new_id(_END_USER_PREFIX), component.id, subject, org.now)
            org.store.put_records(_END_USER, [user])
        session = _session(org.store.new_id(_SESSION_PREFIX), user, channel.name, conversation, org.now)
        org.store.put_records(_SESSION, [session])


def has_open_session(org: Org, conversation: str) -> bool:
    """Return whether a conversation has a visit that has not ended."""
    return bool(_open_sessions(org, conversation))


def end_sessions(org: Org, conversation: str) -> bool:
    """End the visits of a conversation; return whether there was one to end."""
    found = _open_sessions(org, conversation)
    ended = [{**row, "EndTime": rest_time(org.now), "Status": "Ended"} for row in found]
    org.store.put_records(_SESSION, ended)
    return bool(ended)


def _open_sessions(org: Org, conversation: str) -> list[dict[str, Any]]:
    rows = org.store.records(_SESSION)
    return [row for row in rows if row["ConversationId"] == conversation and row["EndTime"] is None]


def messaging_tables(org: Org) -> dict[str, Table]:
    """Return the tables; an org without them for this user does not know their names."""
    if org.faults.on("sessions-unreadable"):
        return {}
    return {
        _END_USER: table(_END_USER_FIELDS, lambda: _visible(org, org.store.records(_END_USER))),
        _SESSION: table(_SESSION_FIELDS, lambda: _visible(org, [*org.store.records(_SESSION), *_history(org)])),
    }


def _visible(org: Org, rows: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Return the user's share of the rows: all of them, unless they are not shared with the user."""
    match org.faults.argument("sessions-not-shared"):
        case None:
            return rows
        case "some":
            return rows[::2]
        case _:
            return []


def _end_user(record: str, channel_id: str, subject: str, moment: int) -> dict[str, Any]:
    return {
        "Id": record, "Name": subject, "MessagingPlatformKey": subject, "MessagingChannelId": channel_id,
        "MessageType": _ENHANCED_CHAT, "ContactId": None, "AuthenticatedEndUserId": None,
        "CreatedDate": rest_time(moment),
    }  # fmt: skip


def _session(record: str, user: dict[str, Any], channel: str, conversation: str, moment: int) -> dict[str, Any]:
    return {
        "Id": record, "StartTime": rest_time(moment), "EndTime": None, "ChannelType": _ENHANCED_CHAT,
        "MessagingChannelId": user["MessagingChannelId"], "MessagingEndUserId": user["Id"],
        "ConversationId": conversation, "Status": "Active", "Origin": "InboundInitiated", "AgentType": "Agent",
        "CreatedDate": rest_time(moment), "MessagingEndUser.MessagingPlatformKey": user["MessagingPlatformKey"],
        "MessagingChannel.DeveloperName": channel,
    }  # fmt: skip


def _history(org: Org) -> Iterator[dict[str, Any]]:
    """Yield the visits that ``chat-history`` makes up: one a minute, from one o'clock (UTC) on."""
    kind = org.faults.argument("chat-history")
    component = channel_component(org, _BUSY_CHANNEL) if kind is not None else None
    if component is None:
        return
    today, number = org.now // _DAY_MS, 0
    for day in range(today - _HISTORY_DAYS, today + 1):
        if kind == "silent" and day >= today - _SILENT_DAYS:
            return
        for visit in range(_VISITS[(day + _FIRST_DAY_OF_EPOCH) % 7]):
            number += 1
            moment = day * _DAY_MS + 3_600_000 + visit * 60_000
            if moment > org.now:
                return
            subject = _subject(kind, visit, is_late=day >= today - 1)
            user = _end_user(record_id(_END_USER_PREFIX, 10_000 + visit), component.id, subject, moment)
            conversation = str(uuid.UUID(int=number))
            yield _session(record_id(_SESSION_PREFIX, 10_000 + number), user, component.name, conversation, moment)


def _subject(kind: str | None, visit: int, *, is_late: bool) -> str:
    if kind == "guests" or (kind == "mixed" and is_late and visit == 0):
        return f"v2/iamessage/UNAUTH/NA/uid:{uuid.UUID(int=visit)}"
    configuration = "former_login" if kind == "renamed" else "storefront_login"
    return f"v2/iamessage/AUTH/{configuration}/uid:customer-{visit}"
