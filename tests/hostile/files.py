"""Hostile files: each name and value of each YAML file in turn holds each hostile value, and each command reads it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from tests.faults.wire import tapped
from tests.hostile import values
from tests.hostile.invariants import Run, faults
from tests.hostile.org import COMMANDS, HERE, LOOPBACK, Command, Ground, Listener

SECRET = "the-runners-own-secret-80c1"
DECLARATION = "config/user-verification.yaml"
REAL = "config/environments/real.yaml"
LOCAL = "config/environments/local.yaml"
ALL = ("human", "json", "github", "sarif", "junit", "markdown")

#: What reads the files without an org.
OFFLINE: tuple[Command, ...] = (
    Command(("validate",), ALL),
    Command(("render", *HERE), ("yaml", "json", "markdown")),
    Command(("envs",), ("human", "json", "github-matrix")),
    Command(("keys", "jwks", "shop", *HERE), ("json",)),
    Command(("keys", "generate", "fourth", "--private-key", "made/fourth.key", "--keyset", "shop"), ("human", "json")),
    Command(("token", "explain", "secrets/token", *HERE), ("human", "json")),
    Command(("plan", "--env", "local"), ("human", "json", "markdown"), applied=False),
)
#: With these the rest reads the files in the same way.
ONLINE = ("plan", "apply", "import", "export", "promote", "keys rotate", "verify", "diagnose login", "diagnose chat")
READERS = (*OFFLINE, *(each for each in COMMANDS if str(each).startswith(ONLINE)))


@dataclass(frozen=True, slots=True)
class Spot:
    """A name or a value in a file: where its text begins and ends."""

    file: str
    path: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class FileCase:
    """One place in one file, and the value in it."""

    command: Command
    spot: Spot
    value: str
    text: str
    shown: str

    def __str__(self) -> str:
        return f"{self.command} | {self.spot.file} | {self.spot.path} | {self.value} | {self.shown}"


def spots(file: str, text: str) -> list[Spot]:
    """Return each name and each value of a YAML text."""
    return list(_spots(file, yaml.compose(text), ""))


def _spots(file: str, node: yaml.Node | None, path: str) -> Iterator[Spot]:
    match node:
        case yaml.MappingNode():
            for name, value in node.value:
                inner = f"{path}/{name.value}"
                yield Spot(file, f"{inner} (name)", name.start_mark.index, name.end_mark.index)
                yield from _spots(file, value, inner)
        case yaml.SequenceNode():
            for number, item in enumerate(node.value):
                yield from _spots(file, item, f"{path}/{number}")
        case yaml.ScalarNode():
            yield Spot(file, path, node.start_mark.index, node.end_mark.index)


class FileGround:
    """The ground of the hostile org, with a complete declaration and the files of a stranger."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        stage = ground.stage
        (stage.here / "secret.txt").write_text(SECRET)
        (stage.here / "link.txt").symlink_to("secret.txt")
        (stage.here / "config/keys/link.txt").symlink_to("../../secret.txt")
        for name, content in files(ground).items():
            stage.write(name, content)
        stage.keep()
        ground.planted.sources |= {stage.here / name for name in ("secret.txt", "link.txt", "config/keys/link.txt")}
        self.texts = {name: (stage.here / name).read_text() for name in (DECLARATION, REAL, LOCAL)}

    def cases(self, command: Command) -> list[FileCase]:
        found = [spot for name, text in self.texts.items() for spot in spots(name, text)]
        return [
            FileCase(command, spot, name, text, command.formats[(number + turn) % len(command.formats)])
            for number, spot in enumerate(found)
            for turn, (name, text) in enumerate(values.FIELDS)
        ]

    def attempt(self, case: FileCase) -> list[str]:
        """Run the command on the hostile file; return what is wrong."""
        ground, stage, spot = self.ground, self.ground.stage, case.spot
        ground.put_back(case.command)
        text = self.texts[spot.file]
        stage.write(spot.file, text[: spot.begin] + case.text + text[spot.end :])
        wire = Listener(LOOPBACK)
        os.environ["HOSTILE_SECRET"] = SECRET
        began = time.monotonic()
        with tapped(wire):
            ran = stage.run(*case.command.words, "--format", case.shown)
        seconds = time.monotonic() - began
        stage.settled()
        own = {DECLARATION, REAL, LOCAL}
        planted = ground.planted
        left = {
            path.name: content for path, content in planted.files() if str(path.relative_to(stage.folder)) not in
            {f"here/{name}" for name in own}
        }  # fmt: skip
        # The address of a JWKS endpoint is for the declaration to choose.
        asked = () if spot.path.endswith("/endpoint") else tuple(wire.elsewhere)
        run = Run(
            ran.words, case.shown, ran.status, ran.out, ran.err, stage.here, seconds, tuple(stage.tokens()),
            (SECRET, *(each.decode() for each in planted.needles)), asked, left,
        )  # fmt: skip
        return faults(run)


def files(ground: Ground) -> dict[str, str]:
    """Return a declaration and environments with every field that a file may have."""
    real = (ground.stage.here / REAL).read_text()
    return {
        DECLARATION: _DECLARATION,
        REAL: f"{real}org_id: {_org_id(ground)}\nproduction: false\napi_version: '67.0'\n"
        f"app: {{name: Provisioner CI, type: connected}}\n{_VARIABLES}"
        "overrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 90}}}}\n",
        LOCAL: f"embedded_org: {ground.stage.org}\n{_VARIABLES}",
        "config/environments/second.yaml": f"embedded_org: {ground.other}\n{_VARIABLES}",
    }


def _org_id(ground: Ground) -> str:
    from provisioner import localorg

    return localorg.start(ground.stage.org).org_id


_VARIABLES = "variables: {shop_issuer: https://id.example.com}\n"
_DECLARATION = """\
version: 1
requires: ">=0.0"
issuers:
  store: ${var:shop_issuer}
keys:
  signer: {label: Signer, description: signs, active: true, jwk: keys/signer.jwk.json}
  second: {jwk: keys/second.jwk.json}
  third: {certificate: keys/storefront-2026-11.crt, kid: third, algorithm: RS256}
keysets:
  shop: {label: Shop, description: the shop, issuer: store, keys: [signer, second]}
  literal: {issuer: {literal: shop}, keys: [third]}
  served: {issuer: https://id.example.com/served, endpoint: https://id.example.com/jwks.json}
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations: {shop_login: {keyset: shop, active: true}}
    token_expiration_minutes: {verified: 60, unverified: 360}
removed:
  keys: [old]
  keysets: [older]
ignore:
  - {rule: expiration-unproven, address: channel.Web_Chat, reason: we know}
"""
