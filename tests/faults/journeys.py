"""What people do, as data: how it begins, the words they type, and what may come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from provisioner import localorg
from tests.faults.stage import Stage
from tests.localorg import material

APPLY = ("apply", "--env", "local", "--yes", "--format", "json")
_OWN = """\
version: 1
keys:
  old: {jwk: keys/old.jwk.json}
keysets:
  shop: {issuer: https://id.example.com, keys: [old]}
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations:
        storefront_login: {keyset: shop, active: true}
"""


NEW_CHANNEL = """
  Shop_Chat:
    create: {routing: {flow: Route_Web_Chat, fallback_queue: Web_Chat_Queue}}
    user_verification:
      enabled: true
      configurations:
        shop_login: {keyset: storefront}
    active: true
"""


NEW_DEPLOYMENTS = """
deployments:
  New_Web:
    type: web
    channel: Shop_Chat
    create: {domain: new.example.com}
    origins: [https://www.example.com]
  New_Api: {type: custom_client, channel: Shop_Chat, create: {}}
"""


@dataclass(frozen=True, slots=True)
class Journey:
    """``prepare`` brings a newborn stage to where it begins and gives the words, where they are not known before.

    ``statuses`` are those that it may end with besides 0, 3, 4, 5 and 6; ``standing`` is how the org is all along.
    """

    name: str
    prepare: Callable[[Stage], tuple[str, ...]]
    statuses: frozenset[int] = frozenset()
    standing: tuple[str, ...] = ()


def _applied(stage: Stage) -> None:
    done = stage.run(*APPLY)
    assert done.status == 0, done.out


def _plan(stage: Stage) -> tuple[str, ...]:
    return ("plan", "--env", "local", "--format", "json")


def _creations(stage: Stage) -> tuple[str, ...]:
    return APPLY


def _updates(stage: Stage) -> tuple[str, ...]:
    _applied(stage)
    stage.edit("    label: Storefront November 2026\n", "    label: Storefront, all of it\n")
    stage.edit("    label: Storefront\n", "    label: Shop\n")
    stage.edit("{verified: 60, unverified: 360}", "{verified: 90, unverified: 300}")
    return APPLY


def _removals(stage: Stage) -> tuple[str, ...]:
    _applied(stage)
    stage.edit("  legacy:\n    jwk: keys/legacy.jwk.json\n", "")
    stage.edit("[storefront_2026_11, legacy]", "[storefront_2026_11]")
    text = (stage.here / "config/user-verification.yaml").read_text()
    stage.write("config/user-verification.yaml", f"{text}\nremoved:\n  keys: [legacy]\n")
    return (*APPLY, "--allow-destroy")


def _create_channel(stage: Stage) -> tuple[str, ...]:
    """A channel that the org does not have, activated as the last step."""
    text = (stage.here / "config/user-verification.yaml").read_text()
    stage.write("config/user-verification.yaml", text + NEW_CHANNEL)
    return (*APPLY, "--allow-permanent")


def _create_everything(stage: Stage) -> tuple[str, ...]:
    """A channel with its deployments, their origins, and the activation: nothing of it is in the org."""
    text = (stage.here / "config/user-verification.yaml").read_text()
    stage.write("config/user-verification.yaml", text + NEW_CHANNEL + NEW_DEPLOYMENTS)
    return (*APPLY, "--allow-permanent")


def _resume(stage: Stage) -> tuple[str, ...]:
    done = stage.run(*APPLY)
    return (*APPLY, "--resume", done.json["deploy_id"])


def _own(stage: Stage, *names: str) -> None:
    """A person whose keys they hold themselves."""
    from cryptography.hazmat.primitives import serialization

    stage.write("config/user-verification.yaml", _OWN)
    stage.write(
        "config/environments/local.yaml",
        f"embedded_org: {stage.org}\nverify:\n  Web_Chat: {{deployment: Shop_Web}}\n",
    )
    for days, name in enumerate(names):
        der = material.certificate(name, 365, -90 + 30 * days).public_bytes(serialization.Encoding.DER)
        import base64

        members = material.members(name, name, x5c=[base64.b64encode(der).decode()])
        stage.write(f"config/keys/{name}.jwk.json", json.dumps(members))
        pem = material.private_key(name, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        stage.write(f"{name}.key", pem.decode())


def _verify(stage: Stage) -> tuple[str, ...]:
    _own(stage, "old")
    _applied(stage)
    where = ("--channel", "Web_Chat", "--deployment", "Shop_Web", "--key-file", "old.key")
    return ("verify", "--env", "local", *where, "--format", "json")


def _rotate(stage: Stage) -> tuple[str, ...]:
    """Publish and prove in one run."""
    _own(stage, "old", "new")
    _applied(stage)
    stage.edit("keysets:\n", "  new: {jwk: keys/new.jwk.json}\nkeysets:\n")
    stage.edit("keys: [old]", "keys: [old, new]")
    return ("keys", "rotate", "shop", "--env", "local", "--yes", "--format", "json", "--key-file", "new.key")


def _revoke(stage: Stage) -> tuple[str, ...]:
    _own(stage, "old", "new")
    _applied(stage)
    return (
        "keys", "rotate", "shop", "--env", "local", "--yes", "--format", "json", "--revoke", "old", "--confirm", "old",
    )  # fmt: skip


def _promote(stage: Stage) -> tuple[str, ...]:
    """From an org that runs the declaration to one that does not."""
    stage.write(
        "config/environments/first.yaml",
        f"embedded_org: {stage.another_org()}\nvariables: {{storefront_issuer: https://id.example.com}}\n",
    )
    done = stage.run("apply", "--env", "first", "--yes")
    assert done.status == 0, done.err
    return ("promote", "--from", "first", "--to", "local", "--yes", "--format", "json")


def _restore(stage: Stage) -> tuple[str, ...]:
    _applied(stage)
    entry = stage.run("restore", "--format", "json").json["entries"][0]["id"]
    return ("restore", entry, "--env", "local", "--yes", "--allow-destroy", "--format", "json")


JOURNEYS: tuple[Journey, ...] = (
    Journey("plan", _plan),
    Journey("apply creations", _creations),
    Journey("apply updates", _updates),
    Journey("apply removals", _removals),
    Journey("create a channel", _create_channel),
    Journey("create everything", _create_everything, standing=("setup-duplicate",)),
    Journey("apply in phases", _creations, standing=("keyset-same-package",)),
    Journey("resume", _resume),
    Journey("restore", _restore),
    Journey("promote", _promote),
    Journey("verify", _verify, statuses=frozenset({1})),
    Journey("rotate: publish and prove", _rotate, statuses=frozenset({1})),
    Journey("rotate: revoke", _revoke, statuses=frozenset({1})),
)
BY_NAME = {journey.name: journey for journey in JOURNEYS}


def begin(stage: Stage, journey: Journey) -> tuple[str, ...]:
    """Bring the stage to where the journey begins; the words to type."""
    stage.begin()
    words = journey.prepare(stage)
    for fault in journey.standing:
        localorg.break_(stage.org, fault)
    return words
