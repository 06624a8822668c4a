"""The public keys of both sides of a login."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding

from provisioner.workflows.login_rotation.halves import numbers_of_der
from tests.localorg import material

RSA, UNKNOWN = (bytes.fromhex(f"2a864886f70d01010{last}") for last in "1f")


def test_the_key_of_a_certificate() -> None:
    der = material.certificate("first").public_bytes(Encoding.DER)
    numbers = material.private_key("first", 2048).public_key().public_numbers()
    assert numbers_of_der(der) == (numbers.n, numbers.e)
    assert numbers_of_der(None) is None


def test_a_certificate_of_another_kind_has_none() -> None:
    der = material.certificate("first").public_bytes(Encoding.DER)
    assert numbers_of_der(der.replace(RSA, UNKNOWN)) is None
    assert numbers_of_der(b"no certificate") is None
