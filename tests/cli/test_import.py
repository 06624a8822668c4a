"""Import, as a person types it: against an org over real HTTPS, into a new directory and into one that is in use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Person


def declaration(folder: Path) -> Path:
    return folder / "user-verification.yaml"


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_new_config_from_an_org_plans_nothing(person: Person) -> None:
    person.apply()
    ran = person.run("import", "--env", "local", "--out", "new", "--format", "json")
    assert ran.status == 0
    assert ran.json["declared"] == [
        "key.legacy", "key.storefront_2026_11", "keyset.storefront", "channel.Web_Chat", "deployment.Shop_Api",
        "deployment.Shop_Web",
    ]  # fmt: skip
    assert (ran.json["left_out"], ran.json["leaks"], ran.json["still_different"]) == ([], [], [])
    assert ran.json["unmanaged_channels"] == ["App_Chat", "Kiosk_Chat"]
    assert sorted(ran.json["written"]) == [
        "new/environments/local.yaml",
        "new/keys/legacy.crt",
        "new/keys/storefront-2026-11.crt",
        "new/provisioner.environment.schema.json",
        "new/provisioner.schema.json",
        "new/user-verification.yaml",
    ]
    for file, schema in (
        ("new/user-verification.yaml", "new/provisioner.schema.json"),
        ("new/environments/local.yaml", "new/provisioner.environment.schema.json"),
    ):
        named = (person.folder / file).read_text().splitlines()[0].partition("$schema=")[2]
        assert (person.folder / file).parent.joinpath(named).resolve() == person.folder / schema
    assert ran.json["next"] == "provisioner plan --config new --env local"
    planned = person.run(*ran.json["next"].split()[1:])
    assert planned.out.rstrip().endswith("No changes.")
    assert person.run("validate", "--config", "new", "--strict").status == 0


def test_a_new_config_is_minimal_and_readable(person: Person) -> None:
    person.apply()
    person.run("import", "--env", "local", "--out", "new")
    text = declaration(person.folder / "new").read_text()
    assert (
        text.partition("version: 1\n")[2]
        == """
keys:
  legacy:
    certificate: keys/legacy.crt
    kid: legacy-2025
  storefront_2026_11:
    label: Storefront November 2026
    description: "Signs the web shop's identity tokens"
    certificate: keys/storefront-2026-11.crt
    kid: storefront-2026-11

keysets:
  storefront:
    label: Storefront
    issuer: https://id.example.com
    keys: [storefront_2026_11, legacy]

channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations:
        storefront_login: {keyset: storefront, active: true}
    token_expiration_minutes: {verified: 60}

deployments:
  Shop_Api:
    type: custom_client
    channel: Web_Chat
  Shop_Web:
    type: web
    channel: Web_Chat
"""
    )


def test_deployments_that_cannot_be_read_are_left_out(person: Person) -> None:
    person.apply()
    person.breaks("type-missing=EmbeddedServiceConfig")
    ran = person.run("import", "--env", "local", "--out", "new", "--format", "json")
    assert ran.status == 0, ran.err
    assert [each["address"] for each in ran.json["left_out"]] == ["deployments"]
    assert "channel.Web_Chat" in ran.json["declared"]


def test_nothing_is_written_outside_of_the_directory(person: Person) -> None:
    person.apply()
    (person.folder / "provisioner.schema.json").unlink(missing_ok=True)
    before = everything(person.folder)
    person.run("import", "--env", "local", "--out", "deep/new")
    added = set(everything(person.folder)) - set(before)
    assert {each for each in added if not each.startswith(("deep/new/", ".localorg"))} == set()


def test_the_next_command_is_about_the_written_directory(person: Person) -> None:
    (person.folder / "config").rename(person.folder / "mine")
    ran = person.run("import", "--config", "mine", "--env", "local", "--out", "config", "--format", "json")
    assert (ran.status, ran.json["next"]) == (0, "provisioner plan --config config --env local")
    assert person.run(*ran.json["next"].split()[1:]).status == 0


def test_a_schema_beside_the_directory_is_used(person: Person) -> None:
    (person.folder / "provisioner.schema.json").write_text("{}")
    ran = person.run("import", "--env", "local", "--out", "new", "--format", "json")
    assert [file for file in ran.json["written"] if "schema" in file] == ["new/provisioner.environment.schema.json"]
    assert "$schema=../provisioner.schema.json\n" in declaration(person.folder / "new").read_text()


def test_the_same_import_again_touches_no_file(person: Person) -> None:
    person.apply()
    person.run("import", "--env", "local", "--out", "new")
    before = everything(person.folder / "new")
    ran = person.run("import", "--env", "local", "--out", "new")
    assert "Nothing was written" in ran.out
    assert everything(person.folder / "new") == before


def test_an_org_with_nothing_gives_a_declaration_of_nothing(person: Person) -> None:
    ran = person.run("import", "--env", "local", "--out", "new", "--format", "json")
    assert (ran.status, ran.json["declared"]) == (0, [])
    assert person.run("plan", "--config", "new", "--env", "local").out.rstrip().endswith("No changes.")


def test_without_a_declaration_the_environments_are_enough(person: Person) -> None:
    person.apply()
    person.declaration.unlink()
    ran = person.run("import", "--env", "local")
    assert ran.status == 0
    assert person.declaration.exists()
    assert person.run("plan", "--env", "local").out.rstrip().endswith("No changes.")
    # The key files that lie there are those of the org: the certificate is used, and the JWK's stays where it is.
    assert "config/keys/legacy.crt" in ran.out


def test_the_stub_reaches_the_same_org_from_where_it_lies(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with a login of its own: references to files are rebased, secrets are never resolved."""
    from provisioner import localorg

    connection = localorg.start(person.org)
    environment = person.folder / "config/environments/real.yaml"
    key = os.path.relpath(connection.private_key_file, environment.parent)
    bundle = os.path.relpath(person.org / connection.ca_bundle, environment.parent)
    environment.write_text(
        f"login_url: {connection.url}\naudience: {connection.audience or connection.url}\n"
        f"username: {connection.username}\nconsumer_key: ${{env:IMPORT_CONSUMER_KEY}}\n"
        f'private_key: "${{file:{key}}}"\nca_bundle: {bundle}\napp: {{name: Provisioner CI, type: external}}\n'
        "verify: {Web_Chat: {deployment: Shop_Web, key_file: '${file:s.key}'}}\n"
        "variables:\n  storefront_issuer: https://id.example.com\noverrides: {}\n"
    )
    monkeypatch.setenv("IMPORT_CONSUMER_KEY", connection.consumer_key)
    person.apply()
    ran = person.run("import", "--env", "real", "--out", "far/away/config")
    assert ran.status == 0, ran.err
    stub = (person.folder / "far/away/config/environments/real.yaml").read_text()
    assert "${env:IMPORT_CONSUMER_KEY}" in stub
    assert connection.consumer_key not in stub
    assert "variables" not in stub
    assert "org_id: 00D" in stub
    again = person.run("plan", "--config", "far/away/config", "--env", "real")
    assert again.out.rstrip().endswith("No changes."), again.err


def test_overrides_that_were_there_before_are_named(person: Person) -> None:
    person.apply()
    person.declaration.unlink()
    environment = person.folder / "config/environments/local.yaml"
    environment.write_text(
        environment.read_text() + "overrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 30}}}}\n"
    )
    ran = person.run("import", "--env", "local", "--format", "json")
    assert "channel.Web_Chat" in ran.json["declared"]
    (standing,) = ran.json["still_different"]
    assert standing["declared_at"].startswith("config/environments/local.yaml:")
    assert standing == {
        "address": "channel.Web_Chat",
        "reason": "token_expiration_minutes.verified is 60 in the org, and the environment file sets it: change "
        f"{standing['declared_at']}",
        "path": "channels.Web_Chat.token_expiration_minutes.verified",
        "after": 60,
        "declared_at": standing["declared_at"],
    }
    assert "verified: 60" in person.declaration.read_text()


class TestIntoADeclarationInUse:
    def test_what_the_declaration_lacks_is_added(self, person: Person) -> None:
        person.apply()
        text = person.declaration.read_text()
        start = text.index("  legacy:\n")
        person.declaration.write_text(
            text.replace("  legacy:\n    jwk: keys/legacy.jwk.json\n", "").replace(
                "[storefront_2026_11, legacy]", "[storefront_2026_11]  # only the new one"
            )
        )
        assert start
        ran = person.run("import", "--env", "local", "--format", "json")
        assert ran.json["declared"] == ["key.legacy"]
        assert [each["path"] for each in ran.json["updated"]] == ["keysets.storefront.keys"]
        after = person.declaration.read_text()
        assert "[storefront_2026_11, legacy]  # only the new one" in after
        assert "storefront: ${var:storefront_issuer}" in after
        assert person.plan()["changes"] == []

    def test_values_that_the_org_has_otherwise_are_taken_over(self, person: Person) -> None:
        person.apply()
        before = person.declaration.read_text()
        person.edit("verified: 60", "verified: 90")
        person.edit("label: Storefront November 2026", 'label: "Another"        # as the shop says')
        person.edit(
            "storefront_login: {keyset: storefront, active: true}",
            "storefront_login: {keyset: storefront, active: false}",
        )
        ran = person.run("import", "--env", "local", "--format", "json")
        assert {each["path"]: (each["before"], each["after"]) for each in ran.json["updated"]} == {
            "keys.storefront_2026_11.label": ("Another", "Storefront November 2026"),
            "channels.Web_Chat.user_verification.configurations.storefront_login.active": (False, True),
            "channels.Web_Chat.token_expiration_minutes.verified": (90, 60),
        }
        assert ran.json["written"] == ["config/user-verification.yaml"]
        after = person.declaration.read_text()
        assert after == before.replace(
            "label: Storefront November 2026", 'label: "Storefront November 2026"        # as the shop says'
        )
        assert person.plan()["changes"] == []

    def test_what_comes_from_an_environment_is_left_to_it(self, person: Person) -> None:
        person.apply()
        environment = person.folder / "config/environments/local.yaml"
        environment.write_text(
            environment.read_text().replace("https://id.example.com", "https://other.example.com")
            + "overrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 30}}}}\n"
        )
        before = everything(person.folder / "config")
        ran = person.run("import", "--env", "local", "--format", "json")
        assert ran.json["written"] == []
        assert everything(person.folder / "config") == before
        found = {each["address"]: each["reason"] for each in ran.json["still_different"]}
        lines = environment.read_text().splitlines()
        at = {name: 1 + next(i for i, line in enumerate(lines) if name in line) for name in ("issuer:", "overrides")}
        assert found == {
            "keyset.storefront": 'issuers.storefront is "https://id.example.com" in the org, and it comes from the '
            f"variable storefront_issuer: change config/environments/local.yaml:{at['issuer:']}:22",
            "channel.Web_Chat": "channels.Web_Chat.token_expiration_minutes.verified is 60 in the org, and the "
            f"environment file sets it: change config/environments/local.yaml:{at['overrides']}:72",
        }

    def test_each_value_from_a_variable_is_named(self, person: Person) -> None:
        """Issuer and endpoint of one keyset, alone and inside of a longer text, and the rest of it in the file."""
        environment = person.folder / "config/environments/local.yaml"
        declared = """\
version: 1
issuers:
  mobile: ${var:mobile_issuer}
keysets:
  mobile: {label: Mobile, issuer: mobile, endpoint: "https://${var:mobile_host}/jwks.json"}
"""
        person.declaration.write_text(declared)
        variables = "  mobile_issuer: https://m.example.com/\n  mobile_host: m.example.com\n"
        before = environment.read_text()
        environment.write_text(before + variables)
        assert person.run("apply", "--env", "local", "--yes").status == 0
        environment.write_text(before + variables.replace("m.example", "n.example"))
        person.edit("label: Mobile", 'label: "Other"')
        ran = person.run("import", "--env", "local", "--format", "json")
        line = len(before.splitlines())
        assert [(each["path"], each["after"], each["declared_at"]) for each in ran.json["still_different"]] == [
            ("keysets.mobile.issuer", "https://m.example.com/", f"config/environments/local.yaml:{line + 1}:18"),
            (
                "keysets.mobile.endpoint",
                "https://m.example.com/jwks.json",
                f"config/environments/local.yaml:{line + 2}:16",
            ),
        ]
        assert "comes from the variable mobile_host" in ran.json["still_different"][1]["reason"]
        assert person.declaration.read_text() == declared.replace("label: Mobile", 'label: "Mobile"')

    def test_a_value_inside_of_a_variable_is_named_at_its_own_line(self, person: Person) -> None:
        person.apply()
        environment = person.folder / "config/environments/local.yaml"
        environment.write_text(environment.read_text() + "  minutes:\n    verified: 90\n")
        text = person.declaration.read_text()
        (line,) = (line for line in text.splitlines() if "token_expiration_minutes:" in line and "#" not in line[:3])
        person.edit(line, line.partition(":")[0] + ": ${var:minutes}")
        (standing,) = person.run("import", "--env", "local", "--format", "json").json["still_different"]
        number = len(environment.read_text().splitlines())
        assert standing["declared_at"] == f"config/environments/local.yaml:{number}:15"
        assert standing["reason"].startswith("channels.Web_Chat.token_expiration_minutes.verified is 60 in the org")

    def test_beside_it_the_rest_is_taken_over(self, person: Person) -> None:
        person.apply()
        environment = person.folder / "config/environments/local.yaml"
        environment.write_text(
            environment.read_text() + "overrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 30}}}}\n"
        )
        person.edit("{keyset: storefront, active: true}", "{keyset: storefront, active: false}")
        ran = person.run("import", "--env", "local", "--format", "json")
        assert [each["path"] for each in ran.json["updated"]] == [
            "channels.Web_Chat.user_verification.configurations.storefront_login.active"
        ]
        (standing,) = ran.json["still_different"]
        assert "the environment file sets it" in standing["reason"]

    def test_a_label_is_taken_over_beside_another_key(self, person: Person) -> None:
        person.apply()
        person.edit("kid: storefront-2026-11", "kid: storefront-2026-12")
        person.edit("label: Storefront November 2026", "label: Another")
        ran = person.run("import", "--env", "local", "--format", "json")
        assert [each["path"] for each in ran.json["updated"]] == ["keys.storefront_2026_11.label"]
        assert [each["address"] for each in ran.json["still_different"]] == ["key.storefront_2026_11"]

    def test_what_the_org_lacks_stays_declared(self, person: Person) -> None:
        before = person.declaration.read_text()
        ran = person.run("import", "--env", "local", "--format", "json")
        assert {each["address"] for each in ran.json["still_different"]} == {
            "key.storefront_2026_11",
            "key.legacy",
            "keyset.storefront",
            "channel.Web_Chat",
        }
        assert "enabled: false" in person.declaration.read_text()
        assert "storefront_login: {keyset: storefront, active: true}" in person.declaration.read_text()
        assert before != person.declaration.read_text()

    def test_another_key_of_a_declared_name_is_left_to_a_person(self, person: Person) -> None:
        person.apply()
        person.edit("kid: storefront-2026-11", "kid: storefront-2026-12")
        ran = person.run("import", "--env", "local", "--format", "json")
        assert ran.json["updated"] == []
        (standing,) = ran.json["still_different"]
        assert (standing["address"], standing["reason"]) == ("key.storefront_2026_11", "differs in the org: kid")

    def test_a_tombstone_is_not_undone(self, person: Person) -> None:
        person.apply()
        text = person.declaration.read_text()
        text = text.replace("  legacy:\n    jwk: keys/legacy.jwk.json\n", "").replace(", legacy]", "]")
        person.declaration.write_text(text + "\nremoved:\n  keys: [legacy]\n")
        ran = person.run("import", "--env", "local", "--format", "json")
        assert "key.legacy" not in ran.json["declared"]
        reasons = {each["address"]: each["reason"] for each in ran.json["still_different"]}
        assert reasons["key.legacy"] == "it is listed under `removed`, but is still in the org"

    def test_a_declaration_with_errors_is_left_alone(self, person: Person) -> None:
        person.edit("verified: 60", "verified: 0")
        before = everything(person.folder / "config")
        ran = person.run("import", "--env", "local")
        assert ran.status == 1
        assert everything(person.folder / "config") == before


@pytest.mark.parametrize("text", ["", "# mine\n", "version: 1\nkeyz: {}\n"])
def test_a_wrong_declaration_in_another_directory(person: Person, text: str) -> None:
    (person.folder / "new").mkdir()
    (person.folder / "new/user-verification.yaml").write_text(text)
    ran = person.run("import", "--env", "local", "--out", "new")
    assert (ran.status, everything(person.folder / "new")) == (1, {"user-verification.yaml": text.encode()})
    following = "provisioner validate --config new"
    assert f"`{following}` lists them again" in " ".join(ran.err.split())
    again = person.run(*following.split()[1:])
    assert (again.status, "new/user-verification.yaml:" in again.out) == (1, True)


@pytest.mark.parametrize("fault", ["type-missing", "type-missing=PublicKeyCertificateSet"])
def test_what_cannot_be_read_is_not_absent(person: Person, fault: str) -> None:
    person.apply()
    person.breaks(fault)
    ran = person.run("import", "--env", "local", "--out", "new")
    assert ran.status == 3
    assert "could not be read" in ran.err
    assert "Nothing was written" in ran.err
    assert not (person.folder / "new").exists()


def test_a_folder_that_cannot_be_written_leaves_nothing(person: Person) -> None:
    person.apply()
    (person.folder / "new").write_text("a file")
    ran = person.run("import", "--env", "local", "--out", "new")
    assert ran.status == 1
    assert "new" in ran.err
    assert not (person.folder / "provisioner.schema.json").exists()


def test_several_environments_are_a_mistake(person: Person) -> None:
    (person.folder / "config/environments/second.yaml").write_text(f"embedded_org: {person.org}\n")
    assert person.run("import", "--env", "local,second").status == 64
    assert person.run("import").status == 64
