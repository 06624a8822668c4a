"""A channel, its keyset and its key in order, as values; tests change one thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lxml import etree

from provisioner.components.snapshot import Component, Destinations, Flow, OrgFacts, Queue, Snapshot, Unreadable
from provisioner.diagnosis.chat.evidence import ChatEvidence
from provisioner.model.estate import Estate
from provisioner.model.types import MetadataType
from provisioner.planning.plan_input import PlanInput
from provisioner.salesforce.chat_answers import ChatAnswer, Kind
from provisioner.salesforce.chat_site import SitePage
from tests.jose.making import NOW, certificate, jwk_members, rsa_key
from tests.localorg import material

DAY = timedelta(days=1)
UNREADABLE = Unreadable("INSUFFICIENT_ACCESS: no", "Configure Messaging")


def key(**changes: Any) -> str:
    """A key's file; ``active``, ``begins`` and ``ends`` (days from now) or members of the JWK."""
    active = changes.pop("active", "true")
    begins, ends = changes.pop("begins", -1), changes.pop("ends", 365)
    made = certificate(rsa_key(), begins=NOW + begins * DAY, ends=NOW + ends * DAY)
    return material.key_file(json.dumps(jwk_members(made, **changes)), active=active)


def keyset(keys: tuple[str, ...] = ("shop",), issuer: str | None = "https://id.example.com", url: str = "") -> str:
    return material.keyset_file(() if url else keys, url or None, issuer=issuer)


def channel(mode: str = "Auth", *authorizations: str) -> str:
    return material.channel_file(f"<authMode>{mode}</authMode>{''.join(authorizations or (authorized(),))}")


def authorized(name: str = "login", keyset: str = "web", enabled: str = "true") -> str:
    return material.authorization(name, keyset, enabled)


def routed(queue: Queue | None = None, flow: Flow | None = None) -> PlanInput:
    """The channel routed to the queue Support; with a flow, by the flow Route, and the queue is the fallback."""
    by_flow = "<sessionHandlerFlow>Route</sessionHandlerFlow>"
    text = channel() if flow is None else channel().replace("Queue</sessionHandlerType>", "Flow</sessionHandlerType>")
    text = text.replace("<sessionHandlerQueue>", f"{by_flow}<sessionHandlerQueue>") if flow is not None else text
    found = Destinations({"Support": queue} if queue is not None else {}, {"Route": flow} if flow is not None else {})
    return inputs(channels={"Web_Chat": text}, destinations=found)


Files = Mapping[str, str | Unreadable]


def inputs(
    keys: Files | None = None, keysets: Files | None = None, channels: Files | None = None,
    estate: Estate | None = None, active: bool = True, destinations: Destinations | Unreadable | None = None,
) -> PlanInput:  # fmt: skip
    def components(kind: MetadataType, files: Files) -> dict[str, Component | Unreadable]:
        return {
            name: text if isinstance(text, Unreadable) else Component(kind, name, etree.fromstring(text.encode()))
            for name, text in files.items()
        }

    snapshot = Snapshot(
        OrgFacts("00D5g0000000001EAA", "https://acme.my.salesforce.com", False, True),
        "67.0",
        "67.0",
        {
            MetadataType.KEY: components(MetadataType.KEY, {"shop": key()} if keys is None else keys),
            MetadataType.KEYSET: components(MetadataType.KEYSET, {"web": keyset()} if keysets is None else keysets),
            MetadataType.CHANNEL: components(
                MetadataType.CHANNEL, {"Web_Chat": channel()} if channels is None else channels
            ),
        },
        {"Web_Chat": active},
        destinations=destinations,
    )
    return PlanInput(estate or Estate(), {}, snapshot, NOW)


def evidence(made: PlanInput | None = None, **changes: Any) -> ChatEvidence:
    return ChatEvidence("sandbox", "Web_Chat", made or inputs(), **changes)


def site(*sources: str, status: int | None = 200, why: str = "") -> SitePage:
    """The page of the deployment's site; its frame-ancestors are ``sources``."""
    return SitePage("https://acme.my.site.com/ESWShop", status, why, (sources,) if sources else ())


def config(mode: str = "Auth", kind: str = "web", address: str = "a-1") -> ChatAnswer:
    members = {
        "embeddedServiceConfig": {
            "name": "Shop_Web", "deploymentType": kind,
            "embeddedServiceMessagingChannel": {"channelAddressIdentifier": address, "authMode": mode},
        }
    }  # fmt: skip
    return ChatAnswer(Kind.GOOD, 200, "", members, 0.0)


def refused(words: str, status: int = 400) -> ChatAnswer:
    return ChatAnswer(Kind.REFUSED, status, words, {}, 0.0)
