"""Cures that need a program which few machines have: puttygen, Dropbear, age. Each runs on a file of that program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from provisioner.jose.cures import Input, for_signing
from provisioner.jose.file_kinds import take
from provisioner.jose.private_key import load_private_key
from provisioner.jose.recognition import Form
from provisioner.secrets import Secret
from tests.jose.making import private_pem, rsa_key


def run(folder: Path, command: str) -> str:
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def cured(path: Path) -> None:
    """Type the command of the cure, and read what it wrote."""
    taken = take(path.read_bytes())
    run(path.parent, for_signing(taken, Input.of_file(str(path))).splitlines()[-1].replace("IDENTITY", "identity"))
    made = path.with_suffix(".pem")
    assert load_private_key(Secret(made.read_text())).private_numbers() == rsa_key().private_numbers()
    assert made.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(shutil.which("puttygen") is None, reason="puttygen is not installed")
@pytest.mark.parametrize(("form", "expected"), [("private", Form.PUTTY_KEY), ("private-sshcom", Form.SSH2_KEY)])
def test_what_puttygen_writes_is_converted(tmp_path: Path, form: str, expected: Form) -> None:
    (tmp_path / "shop.key").write_bytes(private_pem(traditional=True))
    run(tmp_path, f"puttygen shop.key -O {form} -o shop.ppk")
    taken = take((tmp_path / "shop.ppk").read_bytes())
    assert (taken.form, taken.is_private) == (expected, True)
    cured(tmp_path / "shop.ppk")


@pytest.mark.skipif(shutil.which("dropbearconvert") is None, reason="Dropbear is not installed")
def test_what_dropbear_writes_is_converted(tmp_path: Path) -> None:
    (tmp_path / "shop.key").write_bytes(private_pem(traditional=True))
    run(tmp_path, "dropbearconvert openssh dropbear shop.key shop.dropbear")
    taken = take((tmp_path / "shop.dropbear").read_bytes())
    assert (taken.form, taken.is_private, taken.bits) == (Form.DROPBEAR_KEY, True, 2048)
    cured(tmp_path / "shop.dropbear")


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed")
@pytest.mark.parametrize("armour", ["", "--armor"])
def test_what_age_encrypted_is_decrypted(tmp_path: Path, armour: str) -> None:
    (tmp_path / "shop.key").write_bytes(private_pem())
    run(tmp_path, "age-keygen -o identity")
    run(tmp_path, f"age --encrypt {armour} --identity identity --output shop.age shop.key")
    assert take((tmp_path / "shop.age").read_bytes()).form is Form.AGE
    cured(tmp_path / "shop.age")
