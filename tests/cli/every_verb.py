"""A command line for each verb, with words that no legacy encoding holds, run in this process on given streams."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cryptography.hazmat.primitives import serialization

from provisioner import localorg
from provisioner.cli.main import VERBS, main, verb_parser
from tests.clock import skipping_clock
from tests.faults.stage import Components, Stage
from tests.localorg import material
from tests.report import samples

LOCAL = ("--env", "local")
#: The local org, by a login that the environment file describes.
REAL = ("--env", "real")
WEB = ("--channel", "Web_Chat", "--deployment", "Shop_Web")
ADMIN = ("--admin-env", "local")
SIGNER = ("--key-file", "signer.key")

#: The folder of the local org that the lines are run against.
ORG = "(the local org)"

DECLARATION = """\
version: 1
keys:
  signer: {label: "Größe 日本 👋 – €", jwk: keys/signer.jwk.json}
keysets:
  shop: {label: "Größe 日本 👋 – €", issuer: https://id.example.com/größe, keys: [signer]}
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations: {shop_login: {keyset: shop, active: true}}
    token_expiration_minutes: {verified: 60, unverified: 360}
"""
LOGINS = """\
version: 1
logins:
  größe:
    app:
      type: external
      name: Provisioner_CI
      label: "Größe 日本 👋 – €"
      contact_email: platform@example.com
      certificate: keys/login.crt
      scopes: [api, refresh_token]
    policy: {permitted_users: admin_approved}
    access:
      gate: Provisioner_CI_Access
      permission_set: {name: Provisioner_CI_Permissions, user_permissions: [api_enabled, modify_metadata]}
    assigned_to: ${env_field:username}
"""


@dataclass(frozen=True)
class Line:
    """The words of a command line. ``applied``: the org runs the declaration already."""

    words: tuple[str, ...]
    applied: bool = True


#: A new verb gets its line here; a test compares with the parser.
LINES = {
    "init": Line(("größe",)),
    "validate": Line(()),
    "plan": Line(LOCAL, applied=False),
    "show": Line(("plan.json",)),
    "apply": Line((*LOCAL, "--yes"), applied=False),
    "restore": Line(("latest", *LOCAL, "--yes", "--allow-destroy")),
    "promote": Line(("--from", "local", "--to", "second", "--yes", "--out", "record.json")),
    "drift": Line(LOCAL, applied=False),
    "status": Line(LOCAL),
    "guests": Line(LOCAL),
    "import": Line((*LOCAL, "--out", "größe")),
    "probe": Line((*LOCAL, "--yes", "--only", "x5c")),
    "export": Line((*LOCAL, "größe")),
    "render": Line(LOCAL),
    "envs": Line(()),
    "rules": Line(()),
    "schema": Line(()),
    "doctor": Line(("--offline",)),
    "keys generate": Line(("neu", "--private-key", "größe.key", "--bits", "2048")),
    "keys rotate": Line(("shop", *LOCAL, *SIGNER)),
    "keys inspect": Line(("config/keys/größe.jwk.json",)),
    "keys expiring": Line(()),
    "keys jwks": Line(("shop",)),
    "token mint": Line((*LOCAL, "--keyset", "shop", *SIGNER, "--sub", "größe")),
    "token explain": Line(("token.txt", *LOCAL)),
    "diagnose endpoint": Line(("https://localhost:9/größe",)),
    "diagnose login": Line(LOCAL),
    "diagnose paste": Line(("token.txt",)),
    "diagnose key": Line(("config/keys/größe.jwk.json",)),
    "verify": Line((*LOCAL, *WEB, *SIGNER)),
    "diagnose chat": Line((*LOCAL, *WEB)),
    "login plan": Line((*LOCAL, *ADMIN)),
    "login apply": Line((*LOCAL, *ADMIN, "--yes")),
    "login status": Line((*LOCAL, *ADMIN)),
    "login rotate": Line((*REAL, *ADMIN, "--status")),
    "login retire": Line((*REAL, *ADMIN, "--yes")),
    "localorg start": Line(("--dir", ORG)),
    "localorg stop": Line(("--dir", "nowhere")),
    "localorg reset": Line(("--dir", ORG)),
    "localorg status": Line(("--dir", ORG)),
    "localorg break": Line(("--dir", ORG)),
    "localorg mend": Line(("--dir", ORG)),
    "completion": Line(("bash",)),
    "version": Line(()),
}
#: What is for programs in every format.
ALWAYS_DOCUMENTS = {"schema", "token mint", "completion", "localorg start"}


def formats(verb: str) -> list[str]:
    """The formats that a verb's parser takes."""
    (action,) = (each for each in verb_parser(verb)._actions if each.dest == "format")
    assert action.choices is not None
    return list(action.choices)


def every_format() -> list[tuple[str, str]]:
    return [(verb, each) for verb in VERBS for each in formats(verb)]


def is_document(verb: str, shown: str) -> bool:
    """Whether stdout is for programs."""
    return verb in ALWAYS_DOCUMENTS or shown not in ("human", "sfdx")


@dataclass(frozen=True)
class Printed:
    """What a command ended with, and the bytes on its streams."""

    status: int
    out: bytes
    err: bytes


class Theatre:
    """A stage on which every verb succeeds, put back before each command."""

    def __init__(self, folder: Path, org: Path, other: Path) -> None:
        self.stage = Stage(folder, org)
        self.other = other
        self._whole: dict[tuple[str, str], Printed] = {}
        stage = self.stage
        stage.begin()
        localorg.mend(other, None)
        localorg.reset(other)
        environments = {"local": org, "second": other}
        for name, directory in environments.items():
            stage.write(f"config/environments/{name}.yaml", f"embedded_org: {directory}\n")
        served = localorg.start(org)
        stage.write(
            "config/environments/real.yaml",
            f"login_url: {served.url}\nusername: {served.username}\nconsumer_key: {served.consumer_key}\n"
            f"private_key: ${{file:{served.private_key_file}}}\nca_bundle: {served.ca_bundle}\n",
        )
        stage.write("config/user-verification.yaml", DECLARATION)
        stage.write("config/logins.yaml", LOGINS)
        stage.write("config/keys/login.crt", (org / "login.crt").read_text())
        for name in ("signer", "größe"):
            stage.write(f"config/keys/{name}.jwk.json", material.jwk(name="signer", kid="größe-1"))
        stage.write("signer.key", _pem("signer"))
        self.others: Components = stage.components(other)
        self.bare: Components = stage.components()
        assert stage.run("apply", *LOCAL, "--yes").status == 0
        self.applied: Components = stage.components()
        minted = stage.run("token", "mint", *LOCAL, "--keyset", "shop", *SIGNER, "--sub", "größe", "--ttl", "3600")
        assert minted.status == 0, minted
        stage.write("token.txt", minted.out)
        stage.write("plan.json", json.dumps(samples.saved(samples.FULL)))
        stage.keep()

    def run(self, verb: str, shown: str, out: io.TextIOBase, err: io.TextIOBase) -> int:
        """Run a verb's line in a format on streams; return its exit status."""
        line = LINES[verb]
        self.stage.restore()
        ours = self.applied if line.applied else self.bare
        for org, components in ((self.stage.org, ours), (self.other, self.others)):
            localorg.reset(org)
            self.stage.put_back(components, org)
        with (
            self.stage._surroundings(),
            contextlib.redirect_stdout(out),  # type: ignore[type-var]
            contextlib.redirect_stderr(err),  # type: ignore[type-var]
        ):
            os.environ.pop("PROVISIONER_STATE_DIR", None)  # the stage's own is below its folder
            words = [str(self.stage.org) if word is ORG else word for word in line.words]
            with skipping_clock():
                return main([*verb.split(), *words, "--format", shown])

    def whole(self, verb: str, shown: str) -> Printed:
        """What a verb prints on streams that show everything; it is run once."""
        if (verb, shown) not in self._whole:
            self._whole[verb, shown] = self.printed(verb, shown, "utf-8")
        return self._whole[verb, shown]

    def printed(self, verb: str, shown: str, encoding: str) -> Printed:
        """What a verb prints on streams of an encoding, strict as a terminal's are."""
        out, err = io.BytesIO(), io.BytesIO()
        streams = [io.TextIOWrapper(each, encoding=encoding, errors="strict") for each in (out, err)]
        status = self.run(verb, shown, *streams)
        return Printed(status, out.getvalue(), err.getvalue())


def _pem(name: str) -> str:
    key = material.private_key(name, 2048)
    form, protection = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, protection).decode()


def constant(text: str) -> list[str]:
    """The lines of a text without all that differs from run to run: moments, ids, key material, and their layout."""
    plain = re.sub(r"\\([_~-])|&#8203;", r"\1", text)  # Markdown's escapes of the characters of ids and key material
    without = re.sub(r"[A-Za-z0-9_+/=.-]{15,}", "X", plain)
    # The offset of a clock has either sign, and a time that is left has one unit or two.
    zeroed = (re.sub(r"(?<!\S)-?\d+|\d+", "0", line) for line in without.splitlines())
    lines = (" ".join(re.sub(r"0 minutes?( 0 seconds?)?|0 seconds?", "0 s", line).split()) for line in zeroed)
    return [line for line in lines if not re.match(r"Deployment X: ", line)]  # as often as it was looked at


def one_document(out: bytes) -> object:
    return json.loads(out.decode("utf-8"))


def one_suite(out: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(out)
    assert root.tag == "testsuites"
    return root


def fails(suites: ElementTree.Element) -> bool:
    """Whether a reader of the suites takes the run for a failure."""
    return any(case.find(each) is not None for case in suites.iter("testcase") for each in ("failure", "error"))
