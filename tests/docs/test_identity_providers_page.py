"""The page about identity providers lists all of them, as the program knows them."""

from __future__ import annotations

from pathlib import Path

from provisioner.model.identity_providers import PROVIDERS
from tests.jose.test_identity_providers import ISSUERS

PAGE = (Path(__file__).parents[2] / "docs/identity-providers.md").read_text()


def test_every_provider_and_its_setting() -> None:
    for each in PROVIDERS:
        assert f"- **{each.name}**: {each.setting}" in PAGE


def test_every_issuer_and_its_keys() -> None:
    for name, issuer, keys in ISSUERS:
        assert f"| {name} | `{issuer}` | `{keys}` |" in PAGE
