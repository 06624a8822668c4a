"""docs/plans.md and docs/import.md against the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from provisioner import localorg
from tests import forked
from tests.docs.screens import ROOT


@pytest.mark.parametrize("page", ["plans.md", "import.md"])
def test_its_commands_do_what_it_says(tmp_path: Path, page: str) -> None:
    org = tmp_path / "org"
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config/environments/sandbox.yaml").write_text(
        f"embedded_org: {org}\nvariables: {{storefront_issuer: https://id.example.com}}\n"
    )
    program = tmp_path / "bin/provisioner"
    program.parent.mkdir()
    forked.program(program)
    environment = {
        **os.environ, "HOME": str(tmp_path), "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    typed = re.findall(r"^ *\$ (provisioner .*)$", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    assert len(typed) >= 3

    def run(line: str) -> str:
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    localorg.start(org)
    try:
        if page == "import.md":
            run("provisioner apply --env sandbox --yes")
        said = [run(line) for line in typed]
        assert "No changes." in run("provisioner plan --env sandbox")
    finally:
        localorg.stop(org)
    if page == "import.md":
        assert "No changes." in said[1]
        assert (tmp_path / "chat-project/manifest/package.xml").exists()
    else:
        assert "Applied and read back" in said[2]
