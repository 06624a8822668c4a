"""Channels, configurations, expirations and tombstones, beyond the examples of the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.running import ids

KEYS = """\
keys:
  good: {certificate: keys/shop.crt, kid: good}
  off: {certificate: keys/other.crt, kid: off, active: false}
  expired: {certificate: keys/expired.crt, kid: expired}
keysets:
  good: {issuer: https://a.example.com, keys: [off, good]}
  bad: {issuer: https://b.example.com, keys: [off, expired]}
  url: {issuer: https://c.example.com, endpoint: https://c.example.com/jwks}
"""
#: What the keys above are found out for, whatever the channels say.
BESIDE = {"certificate-expired", "key-duplicate"}


def found(tmp_path: Path, channels: str) -> list[str]:
    return [rule for rule in ids(tmp_path, KEYS + channels) if rule not in BESIDE]


def channel(verification: str, name: str = "Web") -> str:
    return f"channels: {{{name}: {{user_verification: {{{verification}}}}}}}\n"


@pytest.mark.parametrize(
    ("verification", "is_usable"),
    [
        ("enabled: true, configurations: {a: {keyset: good}}", True),
        ("enabled: true, configurations: {a: {keyset: url}}", True),
        ("enabled: true, configurations: {a: {keyset: bad}}", False),
        ("enabled: true, configurations: {a: {keyset: good, active: false}}", False),
        ("enabled: true, configurations: {}", False),
        ("enabled: false, configurations: {}", True),
        ("enabled: false, configurations: {a: {keyset: bad}}", True),
        ("enabled: true", True),
        ("configurations: {a: {keyset: bad}}", True),
    ],
)
def test_verification_needs_something_that_verifies(verification: str, is_usable: bool, tmp_path: Path) -> None:
    assert found(tmp_path, channel(verification)) == ([] if is_usable else ["channel-no-usable-configuration"])


def test_several_configurations_and_one_issuer_are_two_warnings(tmp_path: Path) -> None:
    same = "configurations: {a: {keyset: good}, b: {keyset: good}}"
    assert found(tmp_path / "1", channel(same)) == ["channel-several-configurations", "channel-issuer-conflict"]
    different = "configurations: {a: {keyset: good}, b: {keyset: url}}"
    assert found(tmp_path / "2", channel(different)) == ["channel-several-configurations"]
    inactive = "configurations: {a: {keyset: good}, b: {keyset: good, active: false}}"
    assert found(tmp_path / "3", channel(inactive)) == ["channel-several-configurations"]


def test_an_unknown_keyset_is_one_error(tmp_path: Path) -> None:
    assert found(tmp_path, channel("enabled: true, configurations: {a: {keyset: nobody}}")) == [
        "channel-unknown-keyset"
    ]


def test_one_name_on_two_channels_shares_conversations(tmp_path: Path) -> None:
    def two(one: str, other: str) -> str:
        return (
            f"channels:\n  Web: {{user_verification: {{configurations: {{login: {{keyset: {one}}}}}}}}}\n"
            f"  App: {{user_verification: {{configurations: {{login: {{keyset: {other}}}}}}}}}\n"
        )

    assert found(tmp_path / "1", two("good", "url")) == ["configuration-name-conflict"]
    assert found(tmp_path / "2", two("good", "good")) == []


@pytest.mark.parametrize(
    ("minutes", "rule"),
    [
        ("verified: 60", None),
        ("verified: 240", None),
        ("verified: 59", "expiration-unproven"),
        ("verified: 241", "expiration-unproven"),
        ("verified: 1", "expiration-unproven"),
        ("verified: 4320", "expiration-unproven"),
        ("verified: 0", "expiration-invalid"),
        ("verified: -60", "expiration-invalid"),
        ("verified: 4321", "expiration-invalid"),
        ("verified: 60.0", None),
        ("verified: 60.5", "expiration-invalid"),
        ("verified: 1h", "expiration-invalid"),
        ("verified: true", "expiration-invalid"),
        (f"verified: {'9' * 90}", "expiration-invalid"),
        ("unverified: 1", None),
        ("unverified: 4320", None),
        ("unverified: 4321", "expiration-invalid"),
        ("unverified: 0", "expiration-invalid"),
    ],
)
def test_expirations(minutes: str, rule: str | None, tmp_path: Path) -> None:
    declared = f"channels: {{Web: {{token_expiration_minutes: {{{minutes}}}}}}}"
    assert ids(tmp_path, declared) == ([rule] if rule else [])


def test_a_tombstone_of_something_declared(tmp_path: Path) -> None:
    assert found(tmp_path / "1", "removed: {keys: [old, good], keysets: [url, old]}") == ["removed-and-declared"] * 2
    assert found(tmp_path / "2", "removed: {keys: [url], keysets: [off]}") == []
