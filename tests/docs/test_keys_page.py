"""docs/keys.md against the program: a key's whole life, typed as the page says."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

from provisioner import localorg
from provisioner.jose.cures import UNNAMED, for_signing, for_upload
from provisioner.jose.file_kinds import take
from provisioner.jose.private_key import READ
from provisioner.jose.recognition import Form
from tests import forked
from tests.docs.screens import ROOT
from tests.jose.key_files import every_file

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
    forked.program(program)
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
    (private,) = (home / ".config/provisioner/keys").glob("*/*")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    declared = [path for path in (tmp_path / "config").rglob("*") if path.is_file()]
    assert not [path for path in declared if b"PRIVATE KEY" in path.read_bytes()]
    assert "active: false" in (tmp_path / "config/user-verification.yaml").read_text()


def forms() -> str:
    """The table of the forms, from the recogniser and the cures."""
    rows = ["| form | example | as a private key | as a certificate or JWK |", "|---|---|---|---|"]
    for form in Form:
        name = next(name for name, file in every_file().items() if file.form is form)
        taken = take(every_file()[name].content)
        signing = cell(for_signing(taken, UNNAMED))
        if form in READ:
            signing = "taken, with its passphrase" if taken.has_passphrase else "taken"
        rows.append(f"| `{form.value}` | {taken.what} | {signing} | {cell(for_upload(taken, UNNAMED))} |")
    return "\n".join(rows)


def cell(cure: str) -> str:
    sentence, *commands = cure.splitlines()
    return " ".join((sentence, *(f"`{command}`" for command in commands))).replace("|", "\\|")


def test_its_table_is_that_of_the_recogniser() -> None:
    text = PAGE.read_text()
    made = re.sub(r"(?<=<!-- forms -->\n).*?(?=<!-- /forms -->)", lambda _: forms() + "\n", text, flags=re.DOTALL)
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(made)
    assert text == made, "UPDATE_GOLDEN=1 writes the table"
