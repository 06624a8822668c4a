"""docs/ownership.md against the program: its two declarations over one org, its commands, its rules."""

from __future__ import annotations

import os
import re
from pathlib import Path

from provisioner import localorg
from provisioner.rules.pages import rule_ids
from tests import forked
from tests.docs.screens import ROOT

PAGE = (ROOT / "docs/ownership.md").read_text()


def test_its_declarations_and_commands_work_over_one_org(tmp_path: Path) -> None:
    files = re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
    assert [name for name, _ in files] == ["identity/user-verification.yaml", "shop/user-verification.yaml"]
    for name, text in files:
        file = tmp_path / name
        (file.parent / "environments").mkdir(parents=True)
        file.write_text(text)
        (file.parent / "environments/sandbox.yaml").write_text(f"embedded_org: {tmp_path / 'org'}\n")
    environment = {**os.environ, "HOME": str(tmp_path)}
    typed = re.findall(r"^    \$ provisioner (.*)$", PAGE, re.MULTILINE)
    assert len(typed) == 4
    localorg.start(tmp_path / "org")
    try:
        for line in typed:
            done = forked.run(forked.PRODUCT, line.split(), cwd=tmp_path, env=environment, timeout=100)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            if "drift" in line:
                assert re.search(r"Owned elsewhere.*\n  keyset\.partner  last changed by", done.stdout), done.stdout
    finally:
        localorg.stop(tmp_path / "org")


def test_its_rules_exist() -> None:
    named = {"external-missing", "external-unusable", "external-and-declared", "component-claimed-twice"}
    assert named <= set(re.findall(r"`([a-z-]+)`", PAGE))
    assert named <= set(rule_ids())
