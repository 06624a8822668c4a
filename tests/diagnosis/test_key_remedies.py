"""The commands that messages of other programs get as their fix: each runs with the real tool on such a file."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from provisioner.diagnosis.login.diagnosis import diagnose
from tests.diagnosis.test_pasted import read

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def command(text: str) -> list[str]:
    """Return the openssl command in the fix for a text."""
    steps = diagnose(read(text)).findings[0].fix
    found = next(match for step in steps if (match := re.search(r"openssl (?:pkcs8|pkcs12)[^;]*?\.pem", step)))
    return found[0].split()


def run(words: list[str], folder: Path, *more: str) -> None:
    ran = subprocess.run([*words, *more], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (tmp_path / "FILE").write_bytes(pem)
    return tmp_path


@pytest.mark.parametrize(
    "text", ['TypeError: "pkcs8" must be PKCS#8 formatted string', "IOException : algid parse error, not a sequence"]
)
def test_a_key_is_rewritten_as_pkcs8(folder: Path, text: str) -> None:
    run(command(text), folder)
    made = (folder / "PKCS8.pem").read_bytes()
    assert made.startswith(b"-----BEGIN PRIVATE KEY-----")
    before, after = (load_pem_private_key(pem, None) for pem in ((folder / "FILE").read_bytes(), made))
    assert isinstance(before, rsa.RSAPrivateKey)
    assert isinstance(after, rsa.RSAPrivateKey)
    assert before.private_numbers() == after.private_numbers()


def test_an_old_pkcs12_file_is_read(folder: Path) -> None:
    (folder / "FILE").rename(folder / "key.pem")
    make = ["openssl", "req", "-new", "-x509", "-key", "key.pem", "-days", "2", "-subj", "/CN=x", "-out", "cert.pem"]
    run(make, folder)
    old = ["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40", "-passout", "pass:x"]
    export = ["openssl", "pkcs12", "-export", *old, "-inkey", "key.pem", "-in", "cert.pem", "-out", "FILE"]
    if subprocess.run(export, cwd=folder, capture_output=True, check=False, timeout=60).returncode != 0:
        pytest.skip("this openssl has no legacy provider")
    run(
        command("evp_fetch.c:349:Global default library context, Algorithm (RC2-40-CBC : 0)"),
        folder,
        "-passin",
        "pass:x",
    )
    assert b"PRIVATE KEY" in (folder / "KEY.pem").read_bytes()
