"""docs/keys.md against the program: a key's whole life, typed as the page says."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from provisioner import localorg
from tests.docs.screens import ROOT

PAGE = ROOT / "docs/keys.md"
#: What a person answers, or has to say in place of an answer.
ANSWERS = {"apply": "--yes", "keys rotate": "--yes"}


def test_its_commands_lead_a_key_through_its_life(tmp_path: Path) -> None:
    home, org = tmp_path / "home", tmp_path / "org"
    home.mkdir()
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config/environments/sandbox.yaml").write_text(
        f"embedded_org: {org}\nvariables: {{storefront_issuer: https://id.example.com}}\n"
    )
    program = tmp_path / "bin/provisioner"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m provisioner "$@"\n')
    program.chmod(0o755)
    environment = {
        **os.environ, "HOME": str(home), "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    environment = {name: value for name, value in environment.items() if not name.startswith("XDG_")}
    typed = re.findall(r"^ *\$ (provisioner .*)$", PAGE.read_text(), re.MULTILINE)
    assert len(typed) > 6
    localorg.start(org)
    try:
        for line in typed:
            answer = next((each for verb, each in ANSWERS.items() if line.startswith(f"provisioner {verb} ")), "")
            spoken = line + (f" {answer}" if "--status" not in line else "")
            done = subprocess.run(
                ["sh", "-c", spoken], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, timeout=100,
            )  # fmt: skip
            assert done.returncode == 0, f"{spoken}\n{done.stdout}{done.stderr}"
            assert "PRIVATE KEY" not in done.stdout + done.stderr
    finally:
        localorg.stop(org)
    # What the page says of places: the private half for one reader, outside of the config directory.
    (private,) = (home / ".config/provisioner/keys").iterdir()
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    declared = [path for path in (tmp_path / "config").rglob("*") if path.is_file()]
    assert not [path for path in declared if b"PRIVATE KEY" in path.read_bytes()]
    assert "active: false" in (tmp_path / "config/user-verification.yaml").read_text()
