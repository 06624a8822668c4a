"""Files beside a private key."""

from __future__ import annotations

from pathlib import Path

from provisioner.workflows.key_material import certificates_beside


def test_a_private_key_is_not_its_own_certificate(tmp_path: Path) -> None:
    for suffix in ("pem", "cer", "crt"):
        (tmp_path / f"uat.{suffix}").write_text(suffix)
    assert [each.content for each in certificates_beside(tmp_path / "uat.pem")] == [b"crt", b"cer"]
    assert [each.content for each in certificates_beside(tmp_path / "uat.key")] == [b"crt", b"pem", b"cer"]
