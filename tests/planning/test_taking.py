"""What an import makes of an org, beside the properties in tests/cli/test_importing.py."""

from __future__ import annotations

from provisioner.planning.taking import shared_issuers


def test_an_issuer_gets_a_name_where_more_than_one_keyset_has_it() -> None:
    keysets = {name: {"issuer": issuer} for name, issuer in zip("abcdef", "xyxzzx", strict=True)}
    assert shared_issuers(keysets) == {"x": "a", "z": "d"}
