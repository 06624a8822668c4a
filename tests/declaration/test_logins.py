"""``logins.yaml``: what is read, what is found wrong, and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from provisioner.declaration.load import ConfigDirectory
from provisioner.declaration.logins import LoadedLogins
from provisioner.errors import InputError
from provisioner.model.logins import AppType, EnvField, scope_names, with_dependencies
from provisioner.report.editor_schema import editor_schema, logins_schema
from provisioner.rules.check import check_logins, validate
from tests.jose.making import NOW, files

LOGIN = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:SF_UAT_CONSUMER_KEY}
private_key: ${file:~/.secrets/uat.key}
variables: {generation: shop}
"""
LOGINS = """\
version: 1
logins:
  provisioner_ci:
    app:
      type: external
      name: Provisioner_CI
      contact_email: platform@example.com
      certificate: keys/${var:generation}.crt
      scopes: [api, refresh_token]
    policy: {permitted_users: admin_approved, ip: enforce, session_timeout_minutes: 15}
    access:
      gate: Provisioner_CI_Access
      permission_set: {name: Provisioner_CI_Permissions, user_permissions: [view_setup, ApiEnabled]}
    assigned_to: ${env_field:username}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    (tmp_path / "keys").mkdir()
    for name, content in files().items():
        (tmp_path / "keys" / name).write_bytes(content)
    (tmp_path / "user-verification.yaml").write_text("version: 1\n")
    (tmp_path / "environments/uat.yaml").write_text(LOGIN)
    (tmp_path / "logins.yaml").write_text(LOGINS)
    return tmp_path


def load(folder: Path, text: str | None = None, name: str | None = "uat") -> LoadedLogins:
    if text is not None:
        (folder / "logins.yaml").write_text(text)
    return ConfigDirectory(folder).logins(name)


def rules(loaded: LoadedLogins) -> list[str]:
    return sorted({finding.rule for finding in check_logins(loaded, now=NOW) if finding.is_error})


def test_a_login(folder: Path) -> None:
    loaded = load(folder)
    assert rules(loaded) == []
    login = loaded.logins["provisioner_ci"]
    assert (login.app.type, login.app.name, login.app.enabled) == (AppType.EXTERNAL, "Provisioner_CI", True)
    assert login.app.certificate is not None
    assert login.app.certificate.content == files()["shop.crt"]
    assert login.assigned_to == EnvField("username")
    assert login.permission_set is not None
    assert login.permission_set.user_permissions == ("ApiEnabled", "ViewRoles", "ViewSetup")
    assert login.permission_sets == ("Provisioner_CI_Access", "Provisioner_CI_Permissions")
    place = login.places.of("policy", "ip")
    assert place is not None
    assert (place.line, place.column) == (10, 51)


def test_without_an_environment_references_stay_open(folder: Path) -> None:
    loaded = load(folder, name=None)
    assert loaded.findings == ()
    assert loaded.logins["provisioner_ci"].assigned_to == EnvField("username")
    assert rules(loaded) == []


def test_a_missing_file(folder: Path) -> None:
    (folder / "logins.yaml").unlink()
    with pytest.raises(InputError) as caught:
        load(folder)
    assert caught.value.code == "no-logins"
    assert not ConfigDirectory(folder).has_logins


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("version: 1", "version: 2", "version-unsupported"),
        ("type: external", "type: internal", "yaml-wrong-type"),
        ("      name: Provisioner_CI\n", "", "yaml-missing-field"),
        ("assigned_to:", "asigned_to:", "yaml-unknown-field"),
        ("${var:generation}", "${var:generaton}", "variable-unresolved"),
        ("gate: Provisioner_CI_Access", "gate: ${env_field:username}", "variable-unresolved"),
        ("gate: Provisioner_CI_Access", "gate: ${env:GATE}", "environment-reference-misplaced"),
        ("keys/${var:generation}.crt", "keys/nothing.crt", "login-certificate-unusable"),
        ("keys/${var:generation}.crt", "keys/shop.key", "login-certificate-unusable"),
        ("keys/${var:generation}.crt", "../secret.crt", "login-certificate-unusable"),
        ("keys/${var:generation}.crt", "keys/rsa-1024.crt", "login-certificate-unusable"),
        ("gate: Provisioner_CI_Access", "gate: Provisioner_CI_Permissions", "login-name-invalid"),
        ("      contact_email: platform@example.com\n", "", "login-contact-invalid"),
        ("${env_field:username}", "nobody", "login-user-invalid"),
        ("session_timeout_minutes: 15", "session_timeout_minutes: 1441", "login-session-timeout-invalid"),
    ],
)
def test_what_is_wrong(folder: Path, old: str, new: str, rule: str) -> None:
    assert old in LOGINS
    assert rule in rules(load(folder, LOGINS.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("certificate:", "certficate:", "yaml-unknown-field", 8),
        ("certificate: keys/${var:generation}.crt", "certificate: 5", "yaml-wrong-type", 8),
        ("contact_email: platform@example.com", "contact_email:", "yaml-null", 7),
        ("contact_email:", "contact_mail:", "yaml-unknown-field", 7),
        ("gate:", "gat:", "yaml-unknown-field", 12),
        ("access:", "acess:", "yaml-unknown-field", 11),
        ("view_setup", "view_set_up", "login-permission-unknown", 13),
        ("refresh_token]", "refresh_tokens]", "login-scope-unknown", 9),
        ("refresh_token]", "offline_access]", "login-scope-unknown", 9),
        ("[view_setup,", "view_setup} #", "yaml-wrong-type", 13),
        ("      contact_email: platform@example.com\n", "", "login-contact-invalid", 4),
    ],
)
def test_one_mistake_in_a_login_is_one_finding(folder: Path, old: str, new: str, rule: str, line: int) -> None:
    assert old in LOGINS
    every = LOGINS.replace("[view_setup, ApiEnabled]", "[view_setup, ApiEnabled, modify_metadata, configure_messaging]")
    (finding,) = [each for each in check_logins(load(folder, every.replace(old, new)), now=NOW) if each.is_error]
    assert finding.location is not None
    assert (finding.rule, finding.location.line) == (rule, line)


def test_an_unknown_permission_is_marked_in_the_list(folder: Path) -> None:
    (finding,) = [
        each
        for each in check_logins(load(folder, LOGINS.replace("[view_setup", "[view_set_up")), now=NOW)
        if each.rule == "login-permission-unknown"
    ]
    assert finding.location is not None
    assert finding.location.column == LOGINS.splitlines()[12].index("view_setup") + 1


def test_several_certificates_in_one_file(folder: Path) -> None:
    (folder / "keys/chain.crt").write_bytes(files()["shop.crt"] + files()["other.crt"])
    assert rules(load(folder, LOGINS.replace("${var:generation}", "chain"))) == ["login-certificate-unusable"]


def test_an_environment_of_the_official_cli_names_no_user(folder: Path) -> None:
    (folder / "environments/uat.yaml").write_text("sf_org: uat\nvariables: {generation: shop}\n")
    assert rules(load(folder)) == ["login-user-invalid"]


def test_validate_checks_the_logins_under_each_environment(folder: Path) -> None:
    (folder / "environments/second.yaml").write_text(LOGIN.replace("generation: shop", "generation: expired"))
    found = validate(ConfigDirectory(folder), None, now=NOW, with_references=False)
    (expired,) = [each for each in found if each.rule == "login-certificate-expires"]
    assert expired.environments == ("second",)
    assert expired.location is not None
    assert expired.location.file.endswith("logins.yaml")
    assert expired.address == "login.provisioner_ci"


def test_the_schema_admits_the_example() -> None:
    document = yaml.safe_load(LOGINS)
    Draft202012Validator.check_schema(logins_schema())
    for schema in (logins_schema(), editor_schema()):
        Draft202012Validator(schema).validate(document)
    document["logins"]["provisioner_ci"]["app"]["type"] = "internal"
    for schema in (logins_schema(), editor_schema()):
        assert not Draft202012Validator(schema).is_valid(document)
    assert "x-" not in "".join(key for key in json.loads(json.dumps(logins_schema())))


@given(st.text(max_size=200))
def test_scopes_are_read_without_loss(written: str) -> None:
    names = scope_names(written)
    assert len(set(names)) == len(names)
    assert scope_names(", ".join(names)) == tuple(dict.fromkeys(part for name in names for part in scope_names(name)))


@given(st.lists(st.sampled_from(["ApiEnabled", "ViewSetup", "ViewRoles", "ModifyMetadata"])))
def test_dependencies_are_added_once(names: list[str]) -> None:
    found = with_dependencies(tuple(names))
    assert with_dependencies(found) == found
    assert ("ViewRoles" in found) == ("ViewSetup" in names or "ViewRoles" in names)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=8,
)
_PART = st.fixed_dictionaries(
    {}, optional={"app": _VALUES, "policy": _VALUES, "access": _VALUES, "assigned_to": _VALUES}
)


@given(
    st.fixed_dictionaries({"version": st.just(1), "logins": st.dictionaries(st.text(max_size=5), _PART, max_size=2)})
)
def test_any_shape_is_a_finding_and_no_crash(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    folder = tmp_path_factory.getbasetemp() / "shapes"
    (folder / "environments").mkdir(parents=True, exist_ok=True)
    (folder / "user-verification.yaml").write_text("version: 1\n")
    (folder / "environments/uat.yaml").write_text(LOGIN)
    loaded = load(folder, json.dumps(document))
    check_logins(loaded, now=NOW)


def test_a_merge_key_in_a_login_is_the_only_finding(folder: Path) -> None:
    begin, end = LOGINS.index("    access:"), LOGINS.index("    assigned_to:")
    merged = f"{LOGINS[:begin]}    <<: {{access: {{gate: Provisioner_CI_Access}}}}\n{LOGINS[end:]}"
    findings = check_logins(load(folder, merged), now=NOW)
    assert [each.rule for each in findings if each.is_error] == ["yaml-merge-key"]
