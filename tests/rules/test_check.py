"""Running all rules: under one environment, under several, with ignores, in one order."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.diagnostics import Severity
from provisioner.jose.material import derive
from provisioner.rules import check as checking
from provisioner.rules.check import check, validate
from tests.declaration.configs import LOCAL
from tests.jose.making import NOW, files
from tests.rules.running import LOGIN, directory, findings, ids

KEYSET = "keysets: {shop: {issuer: https://id.example.com, endpoint: https://acme.my.salesforce.com/id/keys}}\n"
ON_SALESFORCE = "keyset-endpoint-on-salesforce"


def test_each_finding_names_its_environments_once(tmp_path: Path) -> None:
    shortened = LOCAL + "overrides: {channels: {Web: {token_expiration_minutes: {verified: 30}}}}\n"
    config = directory(tmp_path, f"{KEYSET}channels: {{Web: {{}}}}\n", a=LOCAL, b=shortened, c=LOCAL)
    found = {each.rule: each.environments for each in validate(config, None, now=NOW, with_references=False)}
    assert found == {ON_SALESFORCE: ("a", "b", "c"), "expiration-unproven": ("b",)}


def test_a_missing_variable_is_said_once_for_all_that_lack_it(tmp_path: Path) -> None:
    declared = "issuers: {shop: '${var:issuer}'}\n"
    config = directory(tmp_path, declared, a=LOCAL, b=LOCAL + "variables: {issuer: https://b.example.com}\n", c=LOCAL)
    found = validate(config, None, now=NOW, with_references=False)
    assert [(each.rule, each.environments) for each in found] == [("variable-unresolved", ("a", "c"))]


def test_no_environments_check_the_declaration_alone(tmp_path: Path) -> None:
    declared = KEYSET + "issuers: {shop: '${var:issuer}'}\n"
    found = validate(directory(tmp_path, declared), None, now=NOW, with_references=False)
    assert [(each.rule, each.environments) for each in found] == [(ON_SALESFORCE, ())]


@pytest.mark.parametrize(
    ("also", "fix"),
    [(False, "Rename logins.yml to logins.yaml."), (True, "Move its logins to logins.yaml, and remove logins.yml.")],
)
def test_logins_with_another_suffix_are_a_finding(tmp_path: Path, also: bool, fix: str) -> None:
    config = directory(tmp_path, "keys: {}\n", a=LOCAL, b=LOCAL)
    for name in ("logins.yml", *(["logins.yaml"] if also else [])):
        (config.directory / name).write_text("version: 1\nlogins: {}\n")
    (found,) = validate(config, None, now=NOW, with_references=False)
    assert (found.rule, found.severity, found.fix) == ("logins-file-ignored", Severity.ERROR, fix)
    assert str(found.location).endswith("logins.yml:1:1")
    (config.directory / "logins.yml").unlink()
    assert validate(config, None, now=NOW, with_references=False) == ()


def test_only_the_named_environments_are_looked_at(tmp_path: Path) -> None:
    config = directory(tmp_path, KEYSET, a=LOCAL, b="not: [yaml")
    found = validate(config, ["a"], now=NOW, with_references=False)
    assert [(each.rule, each.environments) for each in found] == [(ON_SALESFORCE, ("a",))]


def test_findings_stand_in_the_order_of_their_places(tmp_path: Path) -> None:
    declared = "keys: {b-: {}, a-: {}}\nkeysets: {z-: {}}\nissuers: {x: ''}\n"
    found = findings(tmp_path, declared, LOCAL + "org_id: x\n")
    places = [each.location for each in found if each.location is not None]
    assert len(places) == len(found) > 5
    assert places == sorted(places)


def test_findings_of_files_and_rules_come_in_one_run(tmp_path: Path) -> None:
    declared = "keyz: {}\nkeys: {shop: {certificate: keys/expired.crt}}\n" + KEYSET
    assert set(ids(tmp_path, declared)) == {
        "yaml-unknown-field",
        "certificate-expired",
        "key-kid-missing",
        ON_SALESFORCE,
    }


def test_check_gives_the_planner_the_derivations_by_key_name(tmp_path: Path) -> None:
    declared = "keys: {shop: {certificate: keys/shop.crt, kid: shop-1}, old: {certificate: keys/none.crt, kid: old}}\n"
    checked = check(directory(tmp_path, declared, a=LOCAL).load("a"), now=NOW)
    assert list(checked.derivations) == ["shop", "old"]
    assert checked.derivations["shop"].jwk is not None
    assert checked.derivations["old"].jwk is None
    assert [each.rule for each in checked.findings] == ["key-file-missing"]


def test_a_key_is_derived_once_for_all_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    derived = []

    def counting(source: object, now: object) -> object:
        derived.append(source)
        return derive(source, now)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "derive", counting)
    declared = "keys: {a: {certificate: keys/shop.crt, kid: a}, b: {certificate: keys/other.crt, kid: b}}\n"
    other_kid = LOCAL + "overrides: {keys: {a: {kid: aa}}}\n"
    config = directory(tmp_path, declared, **dict.fromkeys("abcdef", LOCAL), other=other_kid)
    assert validate(config, None, now=NOW, with_references=False) == ()
    assert len(derived) == 3


def test_a_key_file_of_a_variable_is_no_error_under_none(tmp_path: Path) -> None:
    declared = "keys: {shop: {certificate: 'keys/${var:file}', kid: '${var:kid}', algorithm: '${var:alg}'}}\n"
    assert validate(directory(tmp_path, declared), None, now=NOW, with_references=False) == ()


def test_what_is_not_known_under_none_is_not_judged(tmp_path: Path) -> None:
    declared = """\
keys: {shop: {certificate: keys/shop.crt, kid: s, label: ' ${var:label}', algorithm: '${var:algorithm}'}}
keysets:
  a: {issuer: '${var:issuer}', keys: ['${var:key}']}
  b: {issuer: 'https://${var:host}', endpoint: 'http://${var:host}/#'}
  c: {issuer: shop, keys: '${var:keys}'}
issuers: '${var:issuers}'
channels: {Web: {user_verification: {enabled: true, configurations: {login: {keyset: '${var:keyset}'}}}}}
"""
    assert validate(directory(tmp_path, declared), None, now=NOW, with_references=False) == ()


class TestIgnore:
    ENTRY = "ignore: [{{rule: {0}, {1}reason: because}}]\n"

    def ignored(self, tmp_path: Path, rule: str, address: str = "", declared: str = KEYSET) -> list[str]:
        return ids(tmp_path, declared + self.ENTRY.format(rule, address and f"address: {address}, "))

    def test_a_warning_is_dropped_by_address_or_everywhere(self, tmp_path: Path) -> None:
        assert self.ignored(tmp_path / "1", ON_SALESFORCE, "keyset.shop") == []
        assert self.ignored(tmp_path / "2", ON_SALESFORCE) == []

    def test_another_address_is_not_meant(self, tmp_path: Path) -> None:
        assert self.ignored(tmp_path, ON_SALESFORCE, "keyset.other") == [ON_SALESFORCE, "ignore-unused"]

    @pytest.mark.parametrize("reason", ["''", "' '"])
    def test_an_entry_needs_a_reason(self, reason: str, tmp_path: Path) -> None:
        entry = self.ENTRY.replace("because", reason).format(ON_SALESFORCE, "")
        (found,) = findings(tmp_path, KEYSET + entry)
        assert (found.rule, found.message) == ("yaml-missing-field", "`reason` is empty.")

    def test_an_error_is_never_ignored(self, tmp_path: Path) -> None:
        declared = "keysets: {shop: {endpoint: https://id.example.com/jwks}}\n"
        assert self.ignored(tmp_path, "keyset-issuer-missing", declared=declared) == [
            "keyset-issuer-missing",
            "ignore-unused",
        ]

    def test_an_unknown_rule_is_named_with_the_nearest(self, tmp_path: Path) -> None:
        found = findings(tmp_path, KEYSET + self.ENTRY.format("keyset-endpoint-on-salesforc", ""))
        assert [each.rule for each in found] == [ON_SALESFORCE, "ignore-unused"]
        assert f"Did you mean {ON_SALESFORCE}?" in found[1].message
        assert found[1].severity is Severity.WARNING

    def test_what_only_an_org_can_tell_is_not_called_unused(self, tmp_path: Path) -> None:
        assert self.ignored(tmp_path, "channel-inactive", "channel.Web", declared="") == []

    def test_an_entry_that_one_environment_needs_is_not_unused(self, tmp_path: Path) -> None:
        declared = KEYSET + self.ENTRY.format(ON_SALESFORCE, "")
        without = LOCAL + "overrides: {keysets: {shop: {endpoint: https://id.example.com/jwks}}}\n"
        config = directory(tmp_path, declared, a=LOCAL, b=without)
        assert validate(config, None, now=NOW, with_references=False) == ()

    def test_an_unchecked_environment_leaves_no_entry_unused(self, tmp_path: Path) -> None:
        declared = KEYSET + self.ENTRY.format(ON_SALESFORCE, "")
        without = LOCAL + "overrides: {keysets: {shop: {endpoint: https://id.example.com/jwks}}}\n"
        config = directory(tmp_path, declared, a=LOCAL, b=without)
        assert validate(config, ["b"], now=NOW, with_references=False) == ()
        assert check(config.load("b"), now=NOW).findings == ()

    def test_an_unused_entry_names_all_environments_it_stands_in(self, tmp_path: Path) -> None:
        config = directory(tmp_path, self.ENTRY.format(ON_SALESFORCE, ""), a=LOCAL, b=LOCAL)
        found = validate(config, None, now=NOW, with_references=False)
        assert [(each.rule, each.environments) for each in found] == [("ignore-unused", ("a", "b"))]


class TestReferences:
    ENVIRONMENT = "login_url: https://acme.my.salesforce.com\nusername: ci@acme.com\n"

    def found(self, tmp_path: Path, text: str, *, look: bool = True) -> list[tuple[str, int]]:
        config = directory(tmp_path, "", a=self.ENVIRONMENT + text)
        found = validate(config, ["a"], now=NOW, with_references=look)
        return [(each.rule, each.location.line if each.location else 0) for each in found]

    def test_variables_must_be_set_and_not_empty(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EMPTY", "")
        monkeypatch.delenv("UNSET", raising=False)
        text = "consumer_key: ${env:EMPTY}\nprivate_key: ${env:UNSET}\n"
        assert self.found(tmp_path, text) == [("reference-unset", 3), ("reference-unset", 4)]

    def test_files_must_be_readable(self, tmp_path: Path) -> None:
        (tmp_path / "there.key").write_bytes(files()["shop.key"])
        text = "consumer_key: ${file:missing.key}\nprivate_key: ${file:../../there.key}\n"
        text += "verify: {Web: {key_file: '${file:missing.key}'}}\n"
        assert self.found(tmp_path, text) == [("reference-unset", 3), ("reference-unset", 5)]

    def test_a_value_must_have_the_shape_of_its_field(self, tmp_path: Path) -> None:
        (tmp_path / "there.key").write_bytes(files()["shop.key"])
        text = "consumer_key: ${file:../../there.key}\nprivate_key: ${file:../../there.key}\n"
        assert self.found(tmp_path, text) == [("reference-unset", 3)]

    def test_commands_are_not_run(self, tmp_path: Path) -> None:
        witness = tmp_path / "ran"
        text = f"consumer_key: '${{command:touch {witness}}}'\nprivate_key: '${{command:touch {witness}}}'\n"
        assert self.found(tmp_path, text) == []
        assert not witness.exists()

    def test_nothing_is_looked_up_unless_asked(self, tmp_path: Path) -> None:
        assert self.found(tmp_path, LOGIN.replace("KEY", "UNSET_OF_COURSE"), look=False) == []

    def test_what_was_read_is_in_no_finding(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KEY", "hunter2-hunter2")
        config = directory(tmp_path, "", a=self.ENVIRONMENT + LOGIN + "org_id: nonsense\n")
        assert "hunter2" not in repr(validate(config, ["a"], now=NOW, with_references=True))
