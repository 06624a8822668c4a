"""Import's promise, for any org: what it writes is right, its plan is empty, and everything else is accounted for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provisioner.components import xml
from provisioner.components.channel import read_channel
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.declaration.load import DECLARATION_FILE, ConfigDirectory
from provisioner.jose.certificates import DATE_RULES
from provisioner.model.types import TYPES, MetadataType
from provisioner.planning.plan import Plan
from provisioner.planning.planner import make_plan
from provisioner.report.imported import Imported
from provisioner.rules.check import check
from provisioner.workflows.import_org import import_snapshot, target_of
from tests.planning.estates import NOW, OrgHabit, estates, jwk, org_habits, snapshot_of, snapshots
from tests.planning.test_convergence import Declared, applied
from tests.planning.test_convergence import plan_of as plan_of_estate

#: Whatever XML can carry, and what YAML makes something of.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30),
    st.sampled_from(["yes", "null", "1.0", "~", "# no", "a: b", "${var:x}", "$${x}", "- x", "{a}", "'", "\u2028"]),
)


@contextmanager
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made) / "config"


def imported(folder: Path, snapshot: Snapshot) -> Imported:
    """An import, and what it would write written."""
    result = import_snapshot(target_of(folder, "org"), snapshot, environment="org", now=NOW)
    for path, content in result.key_files.items():
        file = folder / path
        assert file.resolve().is_relative_to(folder.resolve())
        file.parent.mkdir(parents=True, exist_ok=True)
        assert not file.exists()
        file.write_bytes(content)
    folder.mkdir(exist_ok=True)
    (folder / DECLARATION_FILE).write_bytes(result.content)
    return result


def plan_of(folder: Path, snapshot: Snapshot) -> Plan:
    loaded = ConfigDirectory(folder).load(None, settled=True)
    checked = check(loaded, now=NOW)
    assert [each for each in checked.findings if each.is_error and each.rule not in DATE_RULES] == []
    return make_plan(loaded.estate, checked.derivations, snapshot, environment="org", declaration_digest="", now=NOW)


def accounted_for(result: Imported, snapshot: Snapshot) -> None:
    """Everything that the org has is declared, left out with a reason, or a channel that verifies nobody."""
    for kind in TYPES:
        for name, component in snapshot.present(kind).items():
            address = kind.address(name)
            if kind is MetadataType.CHANNEL and address not in (*result.declared, *result.left_out):
                channel = read_channel(component.xml)
                assert not channel.is_enhanced_chat or name in result.unmanaged_channels
            else:
                assert address in result.declared or result.left_out[address]


@given(snapshots())
def test_the_plan_after_an_import_is_empty(snapshot: Snapshot) -> None:
    with directory() as folder:
        result = imported(folder, snapshot)
        plan = plan_of(folder, snapshot)
        assert plan.changes == ()
        assert set(plan.unchanged) == set(result.declared)
        assert {each.address for each in plan.blocked} & set(result.declared) == set()
        assert result.standing == ()
        accounted_for(result, snapshot)


@given(estates(), snapshots(), org_habits)
def test_the_plan_after_an_apply_and_an_import_is_empty(
    declared: Declared, snapshot: Snapshot, habit: OrgHabit
) -> None:
    after = applied(declared, snapshot, plan_of_estate(declared, snapshot), habit)
    with directory() as folder:
        assert imported(folder, after).standing == ()
        assert plan_of(folder, after).changes == ()


@given(snapshots())
def test_the_same_import_again_changes_nothing(snapshot: Snapshot) -> None:
    with directory() as folder:
        first = imported(folder, snapshot)
        again = imported(folder, snapshot)
        assert again.content == first.content
        assert (again.key_files, again.declared, again.updated, again.standing) == ({}, (), (), ())
        assert again.left_out == first.left_out


@given(snapshots(), snapshots(), st.booleans())
def test_an_existing_declaration_keeps_content_and_comments(before: Snapshot, after: Snapshot, windows: bool) -> None:
    with directory() as folder:
        imported(folder, before)
        path = folder / DECLARATION_FILE
        lines = [f"{line}  # dear {number}." for number, line in enumerate(path.read_text().splitlines())]
        newline = "\r\n" if windows else "\n"
        path.write_bytes((newline.join(lines) + newline).encode())
        was = ConfigDirectory(folder).load(None).estate
        result = imported(folder, after)
        text = path.read_bytes().decode()
        assert [each for each in range(len(lines)) if f"# dear {each}." not in text] == []
        assert text.count("\r\n") == (text.count("\n") if windows else 0)
        estate = ConfigDirectory(folder).load(None).estate
        assert set(was.keys) <= set(estate.keys)
        assert set(was.keysets) <= set(estate.keysets)
        assert set(was.channels) <= set(estate.channels)
        plan = plan_of(folder, after)
        assert {change.address for change in plan.changes} == {each.address for each in result.standing}
        again = imported(folder, after)
        assert again.content == text.encode()


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_whatever_an_org_says_is_taken_or_left_out(label: str, description: str, issuer: str, kid: str) -> None:
    key = xml.new_component(MetadataType.KEY)
    xml.set_text(key, "masterLabel", label)
    xml.set_text(key, "description", description)
    xml.set_text(key, "isActive", True)
    own = jwk(0, "kid-1")
    xml.set_text(key, "jsonWebKey", replace(own, kid=kid).to_json())
    keyset = xml.new_component(MetadataType.KEYSET)
    xml.set_text(keyset, "masterLabel", label)
    xml.set_text(keyset, "issuer", issuer)
    part = etree.SubElement(keyset, "{http://soap.sforce.com/2006/04/metadata}endpoint")
    part.text = "https://id.example.com/jwks"
    snapshot = snapshot_of({"one": key}, {"set_one": keyset}, {})
    with directory() as folder:
        result = imported(folder, snapshot)
        assert plan_of(folder, snapshot).changes == ()
        accounted_for(result, snapshot)


def endpoint_keyset(issuer: str) -> etree._Element:
    keyset = xml.new_component(MetadataType.KEYSET)
    for name, text in (("masterLabel", "Shop"), ("jwtIssuer", issuer), ("type", "JWKS_URL")):
        xml.set_text(keyset, name, text)
    xml.set_text(keyset, "jwksEndPoint", "https://id.example.com/jwks")
    return keyset


@pytest.mark.parametrize(
    ("issuer", "rule"), [("“https://id.example.com”", "text-quotes"), ("https://id.example.com/a b", "text-whitespace")]
)
@pytest.mark.parametrize("names", [("one",), ("one", "two")])
def test_an_issuer_that_a_rule_refuses_is_left_out(issuer: str, rule: str, names: tuple[str, ...]) -> None:
    """Two keysets of one issuer name it under `issuers`: the finding there is about both of them."""
    keysets = {name: endpoint_keyset(issuer) for name in names} | {"good": endpoint_keyset("https://a.example.com")}
    snapshot = snapshot_of({}, keysets, {})
    with directory() as folder:
        result = imported(folder, snapshot)
        assert result.declared == ("keyset.good",)
        assert {address: why.partition(":")[0] for address, why in result.left_out.items()} == {
            f"keyset.{name}": rule for name in names
        }
        assert b"issuers:" not in result.content


@given(TEXTS, TEXTS)
def test_whatever_issuers_an_org_has_never_ends_an_import(one: str, other: str) -> None:
    snapshot = snapshot_of({}, {f"set_{n}": endpoint_keyset(each) for n, each in enumerate((one, other, one))}, {})
    with directory() as folder:
        result = imported(folder, snapshot)
        assert plan_of(folder, snapshot).changes == ()
        accounted_for(result, snapshot)


def test_names_that_lead_elsewhere_are_left_out() -> None:
    own = jwk(0, "kid-1")
    key = xml.new_component(MetadataType.KEY)
    xml.set_text(key, "masterLabel", "x")
    xml.set_text(key, "isActive", True)
    xml.set_text(key, "jsonWebKey", own.to_json())
    names = ["../../up", "/etc/x", "a/b", "a\nb", "é" * 90, "..", ""]
    snapshot = snapshot_of(dict.fromkeys(names, key), {}, {})
    with directory() as folder:
        result = imported(folder, snapshot)
        assert result.declared == ()
        assert set(result.left_out) == {f"key.{name}" for name in names}
        assert result.key_files == {}


def test_of_names_that_differ_by_case_one_is_imported() -> None:
    """A declaration must not hold both: an org may take them for one name."""
    found = {}
    for name in ("Signer", "signer"):
        key = xml.new_component(MetadataType.KEY)
        xml.set_text(key, "masterLabel", name)
        xml.set_text(key, "isActive", True)
        xml.set_text(key, "jsonWebKey", jwk(len(found), f"kid-{name}").to_json())
        found[name] = key
    with directory() as folder:
        result = imported(folder, snapshot_of(found, {}, {}))
        assert sorted(result.key_files) == ["keys/Signer.crt"]
        assert "case" in result.left_out["key.signer"]


def test_a_private_member_is_a_leak_and_never_written() -> None:
    key = xml.new_component(MetadataType.KEY)
    xml.set_text(key, "masterLabel", "x")
    xml.set_text(key, "isActive", True)
    text = jwk(0, "kid-1").to_json()[:-1] + ', "d": "c2VjcmV0LXNlY3JldC1zZWNyZXQ", "p": "c2VjcmV0"}'
    xml.set_text(key, "jsonWebKey", text)
    with directory() as folder:
        result = imported(folder, snapshot_of({"one": key}, {}, {}))
        assert result.leaks == {"one": ("d", "p")}
        assert "private members" in result.left_out["key.one"]
        assert result.declared == ()
        assert b"c2VjcmV0" not in result.content + b"".join(result.key_files.values())


def test_a_component_that_cannot_be_read_is_listed() -> None:
    snapshot = snapshot_of({}, {}, {})
    types = {**snapshot.types, MetadataType.KEY: {"one": Unreadable("no access", "View Setup")}}
    with directory() as folder:
        result = imported(folder, replace(snapshot, types=types))
        assert result.left_out == {"key.one": "it could not be read: no access"}


def test_what_looks_like_a_reference_is_taken_as_it_is() -> None:
    key = xml.new_component(MetadataType.KEY)
    xml.set_text(key, "masterLabel", "${env:HOME}")
    xml.set_text(key, "description", "$${ and ${var:x}")
    xml.set_text(key, "isActive", True)
    xml.set_text(key, "jsonWebKey", jwk(0, "kid-1").to_json())
    snapshot = snapshot_of({"one": key}, {}, {})
    with directory() as folder:
        assert imported(folder, snapshot).declared == ("key.one",)
        assert plan_of(folder, snapshot).changes == ()
