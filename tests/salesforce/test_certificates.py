"""The certificates of the tests and of the local org hold under the rules of RFC 5280, which Python 3.13 enforces."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.localorg.certificates import new_server_identity
from tests.salesforce.certificates import make_authority


def handshake(ca_bundle: Path, chain: Path) -> None:
    """Do a TLS handshake in memory, strictly. Raises ssl.SSLCertVerificationError."""
    client_context = ssl.create_default_context(cafile=str(ca_bundle))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(chain)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(5):
        for each in (client, server):
            try:
                each.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.version() is not None


def of_a_scripted_org(folder: Path) -> tuple[Path, Path]:
    made = make_authority(folder, "trusted")
    return made.ca_bundle, made.server_chain


def of_a_local_org(folder: Path) -> tuple[Path, Path]:
    made = new_server_identity()
    ca_bundle, chain = folder / "ca.pem", folder / "server.pem"
    ca_bundle.write_bytes(made.ca_certificate)
    chain.write_bytes(made.certificate + made.key)
    return ca_bundle, chain


@pytest.mark.parametrize("make", [of_a_scripted_org, of_a_local_org])
def test_strict_verification_accepts_them(make: Callable[[Path], tuple[Path, Path]], tmp_path: Path) -> None:
    handshake(*make(tmp_path))
