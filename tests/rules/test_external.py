"""Names that another team owns: they may be referred to, and nothing else here may claim them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from provisioner.declaration.schema import DECLARATION
from provisioner.model.estate import External, Removed
from provisioner.model.types import TYPES
from tests.declaration.configs import LOCAL
from tests.rules.running import directory, findings, ids

PARTNER = """\
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations: {partner_login: {keyset: partner}}
"""


@pytest.mark.parametrize("names", [External, Removed])
def test_every_list_of_names_is_read_and_in_the_schema(names: type[External | Removed], tmp_path: Path) -> None:
    """A list that is added to the model alone fails here."""
    sections = [field.name for field in dataclasses.fields(names) if field.name != "places"]
    assert set(sections) <= {kind.section for kind in TYPES}
    word = names.__name__.lower()
    assert set(sections) <= set(DECLARATION["properties"][word]["properties"])
    text = f"{word}: {{{', '.join(f'{each}: [a_{each}]' for each in sections)}}}\n"
    found = getattr(directory(tmp_path, text, test=LOCAL).load("test").estate, word)
    assert {each: getattr(found, each) for each in sections} == {each: (f"a_{each}",) for each in sections}
    assert found.places.of(sections[0], 0).line == 2


def test_an_external_keyset_and_key_may_be_named(tmp_path: Path) -> None:
    keysets = "keysets: {ours: {issuer: https://a.example.com, keys: [theirs]}}\n"
    assert ids(tmp_path, f"{PARTNER}{keysets}external: {{keysets: [partner], keys: [theirs]}}\n") == []


@pytest.mark.parametrize(
    ("external", "rules"),
    [
        ("{keysets: [partmer]}", ["channel-unknown-keyset"]),
        ("{keys: [partner]}", ["channel-unknown-keyset"]),
        ("{keysets: ['${var:whose}']}", ["variable-unresolved"]),
        ("${var:all}", ["variable-unresolved"]),
        ("{keysets: partner}", ["yaml-wrong-type"]),
        ("{keysets: [partner, Partner]}", ["name-differs-by-case"]),
        ("{keysets: [partner, partner]}", []),
        ("{deployments: [partner]}", ["yaml-unknown-field"]),
    ],
)
def test_what_external_says(external: str, rules: list[str], tmp_path: Path) -> None:
    assert sorted(ids(tmp_path, f"{PARTNER}external: {external}\n")) == sorted(rules)


@pytest.mark.parametrize(
    ("rest", "where"),
    [
        ("keysets: {partner: {issuer: https://a.example.com, endpoint: https://a.example.com/k}}\n", "keysets"),
        ("removed: {keysets: [partner]}\n", "removed"),
    ],
)
def test_a_name_has_one_owner(rest: str, where: str, tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, f"external: {{keysets: [partner]}}\n{rest}")
    assert (finding.rule, finding.address) == ("external-and-declared", "keyset.partner")
    assert finding.message == f"The keyset partner is listed under external and under {where}."
    assert finding.location is not None
    assert finding.location.line == 2


def test_a_channel_has_one_owner_too(tmp_path: Path) -> None:
    assert ids(tmp_path, f"{PARTNER}external: {{keysets: [partner], channels: [Web_Chat]}}\n") == [
        "external-and-declared"
    ]


def test_an_override_may_name_external_components(tmp_path: Path) -> None:
    override = f"{LOCAL}overrides: {{external: {{keysets: [partner]}}}}\n"
    assert ids(tmp_path, PARTNER, override) == []
