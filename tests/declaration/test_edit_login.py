"""The edits of a rotation: two halves of a login in an environment file, two sides of one in logins.yaml."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.edit_login import Half, set_app, set_halves
from provisioner.declaration.text_edits import NotEditable

BLOCK = b"""\
# the sandbox
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${file:~/.secrets/uat.consumer_key}  # from Setup
private_key: ${file:~/.secrets/uat.key}
org_id: 00D5g000000AbCdEAK
"""
FIRST = Half("${file:~/.secrets/uat.consumer_key}", "${file:~/.secrets/uat.key}")
NEXT = Half("${file:~/.secrets/uat_2.consumer_key}", "${file:~/.secrets/uat_2.key}")
HALVES = st.builds(
    Half,
    st.one_of(st.none(), st.sampled_from(["${env:A_KEY}", "3MVG9abc", "${file:a b.key}", "a: b #c"])),
    st.sampled_from(["${file:~/x.key}", "${env:KEY}", '${command:op read "a"}', "${file:é}"]),
    st.one_of(st.none(), st.just("${env:PHRASE}")),
)


def plain(content: bytes) -> dict[str, object]:
    found = yaml.safe_load(content)
    assert isinstance(found, dict)
    return found


def test_a_switch_keeps_everything_else() -> None:
    switched = set_halves(BLOCK, NEXT, FIRST)
    assert b"# the sandbox" in switched
    assert b"# from Setup" in switched
    assert plain(switched)["private_key"] == NEXT.private_key
    assert plain(switched)["fallback"] == FIRST.fields
    assert set_halves(switched, FIRST, None) == BLOCK


def test_a_file_in_one_line() -> None:
    content = json.dumps(plain(BLOCK)).encode()
    switched = set_halves(content, NEXT, FIRST)
    assert plain(switched)["fallback"] == FIRST.fields
    back = set_halves(switched, FIRST, NEXT)
    assert plain(back)["fallback"] == NEXT.fields
    assert plain(set_halves(back, FIRST, None)) == plain(BLOCK)


@given(st.lists(st.tuples(HALVES, st.one_of(st.none(), HALVES)), min_size=1, max_size=4), st.booleans())
def test_any_row_of_switches(row: list[tuple[Half, Half | None]], flow: bool) -> None:
    content = json.dumps(plain(BLOCK)).encode() if flow else BLOCK
    for first, second in row:
        content = set_halves(content, first, second)
        found = plain(content)
        assert {name: found[name] for name in first.fields} == first.fields
        assert found.get("fallback") == (second.fields if second is not None else None)
        assert found["org_id"] == "00D5g000000AbCdEAK"


LOGINS = b"""\
version: 1
logins:
  provisioner_ci:
    app:
      type: external
      name: Provisioner_CI   # the first
      certificate: keys/first.crt
    assigned_to: ${env_field:username}
"""


def test_sides_of_a_login() -> None:
    new = {"name": "Provisioner_CI_2", "label": "Provisioner CI 2", "certificate": "keys/second.crt"}
    edited = set_app(LOGINS, "provisioner_ci", new, {"name": "Provisioner_CI", "certificate": "keys/first.crt"})
    app = yaml.safe_load(edited)["logins"]["provisioner_ci"]["app"]
    assert app["replaces"] == {"name": "Provisioner_CI", "certificate": "keys/first.crt"}
    assert {name: app[name] for name in new} == new
    assert b"# the first" in edited
    back = set_app(
        edited, "provisioner_ci", {"name": "Provisioner_CI", "certificate": "keys/first.crt"}, {"name": new["name"]}
    )
    assert yaml.safe_load(back)["logins"]["provisioner_ci"]["app"]["replaces"] == {"name": "Provisioner_CI_2"}


def test_a_layout_that_cannot_be_edited() -> None:
    with pytest.raises(NotEditable):
        set_halves(b"- a\n", FIRST, None)
