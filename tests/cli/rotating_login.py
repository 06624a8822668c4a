"""Somebody with a login that works, and with a new pair of keys for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner.localorg import break_
from tests.cli.conftest import Ran
from tests.cli.logging_in import ADMIN, Applicant, Ground
from tests.localorg import material
from tests.localorg.logins import private_pem

NEW_KEY = "secrets/uat_2.key"


@dataclass
class Rotator:
    """``applicant`` has applied ``logins.yaml`` on the ground."""

    applicant: Applicant
    ground: Ground

    def new_pair(self, name: str = "second", stem: str = "uat_2") -> None:
        """Make the new private key, and its certificate beside it."""
        folder = self.applicant.folder / "secrets"
        (folder / f"{stem}.key").write_bytes(private_pem(name))
        (folder / f"{stem}.crt").write_bytes(material.certificate(name).public_bytes(Encoding.PEM))

    def rotate(self, *words: str, key: bool = False, yes: bool = True) -> Ran:
        given = ("--key-file", NEW_KEY) if key else ()
        more = ("--yes",) if yes and "--status" not in words else ()
        return self.applicant.run("login", "rotate", "--env", "uat", *ADMIN, "--format", "json", *given, *more, *words)

    def retire(self, *words: str) -> Ran:
        return self.applicant.run(
            "login", "retire", "--env", "uat", *ADMIN, "--format", "json", "--yes", "--allow-destroy", *words
        )

    def step(self) -> str:
        """The next step, by the status."""
        return str(self.rotate("--status").json["step"])

    def passes(self, time: str) -> None:
        """Let time pass in the org."""
        break_(self.applicant.org, f"time-passes={time}")

    def to_the_switch(self) -> None:
        """Everything up to the environment that uses the second app."""
        self.new_pair()
        for words in ({"key": True}, {}, {"key": True}):
            self.passes("16m")
            ran = self.rotate(**words)  # type: ignore[arg-type]
            assert ran.status == 0, ran

    def begin_at_the_switch(self) -> None:
        """Do that at the beginning of a test."""
        self.ground.at("switched", self.to_the_switch)

    @property
    def environment(self) -> dict[str, Any]:
        found = yaml.safe_load(self.applicant.environment.read_text())
        assert isinstance(found, dict)
        return found

    @property
    def app(self) -> dict[str, Any]:
        """The app as logins.yaml declares it."""
        found = yaml.safe_load(Path(self.applicant.logins).read_text())["logins"]["provisioner_ci"]["app"]
        assert isinstance(found, dict)
        return found

    def works(self) -> bool:
        """Whether the environment's login works."""
        return self.applicant.run("plan", "--env", "uat").status == 0
