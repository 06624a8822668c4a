"""A new declaration is laid out as people write one."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.declaration.editor import declaration_text

CONFIGURATION = {"keyset": "shop", "active": True}


@pytest.mark.parametrize(
    ("sections", "lines"),
    [
        (
            {"channels": {"Web": {"user_verification": {"enabled": True, "configurations": {"login": CONFIGURATION}}}}},
            ["channels:", "  Web:", "    user_verification:", "      enabled: true", "      configurations:",
             "        login: {keyset: shop, active: true}"],
        ),
        (
            {"channels": {"Web": {"token_expiration_minutes": {"verified": 60, "unverified": 360}}}},
            ["channels:", "  Web:", "    token_expiration_minutes: {verified: 60, unverified: 360}"],
        ),
        (
            {"channels": {"Web": {"user_verification": {"enabled": False}}}},
            ["channels:", "  Web:", "    user_verification:", "      enabled: false"],
        ),
        (
            {"keysets": {"shop": {"issuer": {"literal": "shop"}, "keys": ["one"]}}},
            ["keysets:", "  shop:", "    issuer: {literal: shop}", "    keys: [one]"],
        ),
        # Only the place of a mapping decides, never the name of a component.
        ({"keys": {"issuer": {"jwk": "one.json"}}}, ["keys:", "  issuer:", "    jwk: one.json"]),
        (
            {"keysets": {"configurations": {"issuer": "shop"}}},
            ["keysets:", "  configurations:", "    issuer: shop"],
        ),
    ],
)  # fmt: skip
def test_a_mapping_is_a_block_or_one_line(sections: dict[str, Any], lines: list[str]) -> None:
    assert declaration_text([], sections).decode().splitlines()[3:] == lines
