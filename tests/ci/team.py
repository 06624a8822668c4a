"""A team's repository with a sandbox and a production org, for the templates of every CI."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from provisioner import localorg
from tests.ci.runner import ROOT, Runner
from tests.localorg import material


@dataclass
class Team:
    """A repository with a config, a sandbox and a production org, and GitHub's secrets."""

    folder: Path
    orgs: dict[str, Path]
    runner: Runner

    @property
    def declaration(self) -> Path:
        return self.runner.workspace / "config/user-verification.yaml"

    def edit(self, old: str, new: str) -> None:
        text = self.declaration.read_text()
        assert old in text
        self.declaration.write_text(text.replace(old, new))

    def verify_a_second_channel(self, deployment: str = "Shop_App") -> None:
        """Declare App_Chat, and name it under `verify:` in both environments."""
        with self.declaration.open("a") as file:
            file.write(
                "\n  App_Chat:\n    user_verification:\n      enabled: true\n      configurations:\n"
                "        app_login: {keyset: storefront, active: true}\n"
            )
        for name in self.orgs:
            path = self.runner.workspace / f"config/environments/{name}.yaml"
            second = f"App_Chat: {{deployment: {deployment}, key_file: '${{env:SIGNER_{name.upper()}_PRIVATE_KEY}}'}}"
            path.write_text(path.read_text().replace("verify: {", f"verify: {{{second}, "))

    def pull_request(self, repository: str = "acme/shop") -> None:
        request = {"number": 7, "head": {"repo": {"full_name": repository}}, "base": {"sha": "0" * 40}}
        self.runner.event = {"pull_request": request}


def make_team(folder: Path, orgs: dict[str, Path]) -> Team:
    """A team whose two orgs are as new."""
    workspace = folder / "workspace"
    shutil.copytree(ROOT / "config", workspace / "config")
    (workspace / "config/environments/local.yaml").unlink()
    secrets: dict[str, dict[str, str]] = {"plan": {}}
    signer = material.private_key("storefront", 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name, org in orgs.items():
        localorg.mend(org, None)
        localorg.reset(org)
        served = localorg.running(org)
        assert served is not None
        upper = name.upper()
        (workspace / f"config/environments/{name}.yaml").write_text(
            f"login_url: {served.url}\naudience: {served.audience or served.url}\nusername: {served.username}\n"
            f"consumer_key: ${{env:SF_{upper}_CONSUMER_KEY}}\nprivate_key: ${{env:SF_{upper}_PRIVATE_KEY}}\n"
            f"ca_bundle: {org / served.ca_bundle}\nchat_url: {served.chat_url}\n"
            f"org_id: {served.org_id}\nproduction: {str(name == 'production').lower()}\n"
            "variables: {storefront_issuer: https://id.example.com}\n"
            f"verify: {{Web_Chat: {{deployment: Shop_Web, key_file: '${{env:SIGNER_{upper}_PRIVATE_KEY}}'}}}}\n"
        )
        login = {
            f"SF_{upper}_CONSUMER_KEY": served.consumer_key,
            f"SF_{upper}_PRIVATE_KEY": (org / served.private_key_file).read_text(),
        }
        secrets["plan"] |= login
        secrets[name] = {**login, f"SIGNER_{upper}_PRIVATE_KEY": signer.decode()}
        if name == "sandbox":
            secrets["pull-request"] = login
    secrets["production-destructive"] = secrets["production"]
    made = Team(folder, orgs, Runner(folder / "runner", workspace, secrets, base=folder / "base"))
    (workspace / "config/keys/own.jwk.json").write_text(json.dumps(material.members("storefront", "mine-1")))
    text = made.declaration.read_text()
    begin, end = text.index("    label: Storefront November"), text.index("  legacy:")
    made.declaration.write_text(text[:begin] + "    jwk: keys/own.jwk.json\n" + text[end:])
    shutil.copytree(workspace, folder / "base")
    return made
