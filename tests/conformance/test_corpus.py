"""Channels as real orgs keep them, deployed and retrieved by the official CLI, with our product at work in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.cli import SalesforceCli
from tests.conformance.material import SourceProject, certificate, jwk, key_xml, keyset_xml, rsa_key
from tests.conformance.product import Configuration
from tests.corpus import channels

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

KEYSET = "Corpus_Keys"
#: Guest channels of three ages, to be verified for a while; the rest of the corpus looks on.
SWITCHED = ("Garden_Web", "Boat_Rental_Site", "Odd_Texts")


def declaration(*, enabled: bool) -> str:
    login = {"corpus_login": {"keyset": "Ours", "active": True}}
    entry = {"user_verification": {"enabled": enabled, "configurations": login if enabled else {}}}
    keyset = {"label": "Corpus", "issuer": "https://id.example.com", "endpoint": "https://id.example.com/jwks.json"}
    whole: dict[str, Any] = {"version": 1, "keysets": {"Ours": keyset}, "channels": dict.fromkeys(SWITCHED, entry)}
    return json.dumps(whole)


def retrieved(sf: SalesforceCli, project: SourceProject, names: list[str]) -> dict[str, str]:
    """The channels' files from the org, in places where nothing was."""
    for name in names:
        project.path("MessagingChannel", name).unlink(missing_ok=True)
    members = [word for name in names for word in ("--metadata", f"MessagingChannel:{name}")]
    assert sf.run("project", "retrieve", "start", *members).result["success"] is True
    return {name: project.path("MessagingChannel", name).read_text(encoding="utf-8") for name in names}


def test_what_the_cli_deploys_comes_back_byte_for_byte(
    sf: SalesforceCli, project: SourceProject, configuration: Configuration
) -> None:
    files = channels("retrieved")
    everything = {**files, **channels("templates")}
    made = jwk(certificate(rsa_key(1), "corpus"), "corpus-1")
    project.write("PublicKeyCertificate", "Corpus_Key", key_xml("Corpus", made))
    project.write("PublicKeyCertificateSet", KEYSET, keyset_xml("Corpus", "https://corpus.example.com", "Corpus_Key"))
    for name, text in everything.items():
        project.write("MessagingChannel", name, text)
    assert sf.run("project", "deploy", "start", "--source-dir", "force-app").result["success"] is True
    assert retrieved(sf, project, [*files]) == files

    configuration.declare(declaration(enabled=True))
    configuration.run("apply", "--yes").expect(0)
    on = retrieved(sf, project, [*SWITCHED])
    assert all("<authIdentifier>corpus_login<" in text for text in on.values())

    configuration.declare(declaration(enabled=False))
    configuration.run("apply", "--yes", "--allow-destroy").expect(0)
    assert retrieved(sf, project, [*files]) == files
