"""The shape of both kinds of file."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.declaration.shape import MORE, MOST, address_of
from provisioner.model.estate import Channel, Deployment, Estate, Key, Keyset
from provisioner.model.types import TYPES, MetadataType
from tests.declaration.configs import LOCAL, found, load

LOGIN = """\
login_url: https://acme.my.salesforce.com
username: ci@acme.com
consumer_key: ${env:KEY}
private_key: ${file:a.key}
"""


@pytest.mark.parametrize(
    ("text", "finding", "address"),
    [
        ("keyz: {}", ("yaml-unknown-field", 2, 1), None),
        ("keys: []", ("yaml-wrong-type", 2, 1), None),
        ("keys: {shop: 5}", ("yaml-wrong-type", 2, 14), "key.shop"),
        ("keys: {shop: {kid: 0123}}", ("yaml-wrong-type", 2, 20), "key.shop"),
        ("keys: {shop: {active: 'true'}}", ("yaml-wrong-type", 2, 23), "key.shop"),
        ("keysets: {a: {keys: shop}}", ("yaml-wrong-type", 2, 21), "keyset.a"),
        ("keysets: {a: {keys: [1]}}", ("yaml-wrong-type", 2, 22), "keyset.a"),
        ("keysets: {a: {issuer: {}}}", ("yaml-missing-field", 2, 15), "keyset.a"),
        ("keysets: {a: {issuer: {litral: x, literal: y}}}", ("yaml-unknown-field", 2, 24), "keyset.a"),
        ("keysets: {a: {issuer: 5}}", ("yaml-wrong-type", 2, 23), "keyset.a"),
        ("channels: {A: {user_verification: {configurations: {c: {}}}}}", ("yaml-missing-field", 2, 53), "channel.A"),
        ("channels: {A: {token_expiration_minutes: {verified: 60.5}}}", ("expiration-invalid", 2, 53), "channel.A"),
        ("channels: {A: {token_expiration_minutes: {verified: '60'}}}", ("expiration-invalid", 2, 53), "channel.A"),
        ("channels: {A: }", ("yaml-null", 2, 15), "channel.A"),
        ("ignore: [{rule: a}]", ("yaml-missing-field", 2, 10), None),
        ("removed: {flows: [a]}", ("yaml-unknown-field", 2, 11), None),
    ],
)
def test_a_wrong_shape_is_found_at_its_place(
    text: str, finding: tuple[str, int, int], address: str | None, tmp_path: Path
) -> None:
    findings = load(tmp_path, f"version: 1\n{text}\n").findings
    assert found(findings) == [finding]
    assert findings[0].address == address


@pytest.mark.parametrize(
    ("text", "rule"),
    [("{}", "yaml-missing-field"), ("version: 2", "version-unsupported"), ("version: '1'", "yaml-wrong-type")],
)
def test_the_version_is_one_finding(text: str, rule: str, tmp_path: Path) -> None:
    assert [each.rule for each in load(tmp_path, text).findings] == [rule]


@pytest.mark.parametrize("text", ["[]", "word", "5"])
def test_a_declaration_that_is_no_mapping_says_so(text: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, text)
    assert [each.rule for each in loaded.findings] == ["yaml-wrong-type"]
    assert loaded.estate.keys == {}


def test_everything_is_found_in_one_run(tmp_path: Path) -> None:
    declared = (
        "version: 1\nkeyz: {}\nkeys: {a: {actif: true}, b: 5}\nchannels: {C: {user_verification: {enabled: 1}}}\n"
    )
    rules = [each.rule for each in load(tmp_path, declared).findings]
    assert sorted(rules) == [
        "yaml-unknown-field",
        "yaml-unknown-field",
        "yaml-wrong-type",
        "yaml-wrong-type",
    ]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("username: ci@acme.com\n", [("yaml-missing-field", 1, 1)]),
        (LOGIN + "embedded_org: x\n", [("yaml-unknown-field", line, 1) for line in range(1, 5)]),
        (LOGIN + "api_version: [67.0]\n", [("yaml-wrong-type", 5, 1)]),
        (LOGIN + "app: {type: oauth}\n", [("yaml-wrong-type", 5, 13)]),
        (LOGIN + "production: yes\n", [("yaml-wrong-type", 5, 13)]),
        (LOGIN + "private_key_pasphrase: x\n", [("yaml-unknown-field", 5, 1)]),
        (LOGIN.replace("${file:a.key}", "hunter2hunter2"), [("environment-secret-literal", 4, 14)]),
        (LOGIN.replace("${file:a.key}", "'${file:}'"), [("reference-unset", 4, 14)]),
        (LOGIN.replace("${file:a.key}", "'x ${file:a.key}'"), [("environment-secret-literal", 4, 14)]),
        (LOGIN.replace("${file:a.key}", "'${var:key}'"), [("environment-secret-literal", 4, 14)]),
        (LOGIN.replace("https://acme.my", "https://${env:NAME}.my"), [("environment-reference-misplaced", 1, 12)]),
        (LOGIN.replace("ci@acme.com", "'ci@${env:NAME}'"), [("environment-reference-misplaced", 2, 11)]),
        (LOGIN + "variables: {a: '${env:A}'}\n", [("environment-reference-misplaced", 5, 16)]),
        (LOGIN + "verify: {Web: {key_file: a.key}}\n", [("environment-secret-literal", 5, 26)]),
        (LOGIN + "verify: {Web: {deployment: D, key_file: '${file:a.key}'}}\n", []),
        (LOGIN + "verify: {Web: {deployment: '${env:D}'}}\n", [("environment-reference-misplaced", 5, 28)]),
        (LOGIN + "verify: {'${env:W}': {deployment: D}}\n", [("environment-reference-misplaced", 5, 10)]),
        (LOGIN + "ca_bundle: ~no-such-user-here/ca.pem\n", [("environment-path-invalid", 5, 12)]),
        (LOGIN + 'ca_bundle: "a\\0b"\n', [("environment-path-invalid", 5, 12)]),
        (LOGIN.replace("ci@acme.com", "'${command:pass show sf}'"), []),
        (LOGIN + "fallback: {private_key: '${file:~/.secrets/uat_2.key}'}\n", []),
        (LOGIN + "fallback: {consumer_key: '${env:K}'}\n", [("yaml-missing-field", 5, 1)]),
        (LOGIN + "fallback: {private_key: hunter2-hunter2}\n", [("environment-secret-literal", 5, 25)]),
        (LOGIN + "fallback: {private_key: '${env:K}', username: a@b.c}\n", [("yaml-unknown-field", 5, 37)]),
        ("sf_org: uat\nfallback: {private_key: '${env:K}'}\n", [("yaml-unknown-field", 2, 1)]),
        ("[]", [("yaml-wrong-type", 1, 1)]),
    ],
)
def test_an_environment_file_is_judged_at_its_places(
    text: str, finding: list[tuple[str, int, int]], tmp_path: Path
) -> None:
    assert found(load(tmp_path, "version: 1\n", text).findings) == finding


@pytest.mark.parametrize("field", ["private_key", "private_key_passphrase", "consumer_key"])
@pytest.mark.parametrize("secret", ["123456789", "hunter2-hunter2", "[hunter2-hunter2]", "3.14159265"])
def test_a_secret_that_stands_there_by_mistake_is_not_repeated(field: str, secret: str, tmp_path: Path) -> None:
    kept = "".join(line for line in LOGIN.splitlines(keepends=True) if not line.startswith(f"{field}:"))
    findings = load(tmp_path, "version: 1\n", f"{kept}{field}: {secret}\n").findings
    assert findings or field == "consumer_key"
    assert secret.strip("[]") not in "".join(each.message + each.fix for each in findings)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$env:SF_KEY", "${env:SF_KEY}"),
        ("${env:SF_KEY", "${env:SF_KEY}"),
        ("${ENV:SF_KEY}", "${env:SF_KEY}"),
        ("'env: SF_KEY'", "${env:SF_KEY}"),
        ("$SF_KEY", "${env:SF_KEY}"),
        ("${SF_KEY}", "${env:SF_KEY}"),
        ("$(SF_KEY)", "${env:SF_KEY}"),
        ("'%SF_KEY%'", "${env:SF_KEY}"),
        ("${{ secrets.SF_KEY }}", "${env:SF_KEY}"),
        ("$(file:~/uat.key)", "${file:~/uat.key}"),
        ("'${command:pass show sf'", "${command:pass show sf}"),
    ],
)
def test_a_reference_in_another_notation_is_no_secret(written: str, meant: str, tmp_path: Path) -> None:
    (finding,) = load(tmp_path, "version: 1\n", LOGIN.replace("${file:a.key}", written)).findings
    assert (finding.rule, finding.fix) == ("environment-secret-literal", f"Write `private_key: {meant}`.")
    assert "another notation" in finding.message


def test_a_passphrase_like_a_variable_is_not_repeated(tmp_path: Path) -> None:
    (finding,) = load(tmp_path, "version: 1\n", f"{LOGIN}private_key_passphrase: $ecret_word\n").findings
    assert "ecret_word" not in finding.message + finding.fix


def test_braces_around_a_reference_are_a_mapping(tmp_path: Path) -> None:
    (finding,) = load(tmp_path, "version: 1\n", LOGIN.replace("${file:a.key}", "{env:SF_KEY}")).findings
    assert "must be text; this is a mapping" in finding.message
    assert finding.fix == "Write a reference, such as ${env:NAME} or ${file:PATH}."


@pytest.mark.parametrize(
    ("text", "found"),
    [("- a\n", "An environment file must be a mapping; this is a list."),
     ("a = 1\n", "An environment file must be a mapping; this is text.")],
)  # fmt: skip
def test_a_file_of_another_kind_is_named(text: str, found: str, tmp_path: Path) -> None:
    (finding,) = load(tmp_path, "version: 1\n", text).findings
    assert finding.message == found


@pytest.mark.parametrize(("value", "kind"), [("12345", "a number"), ("true", "true or false"), ("[a]", "a list")])
def test_a_secret_of_another_kind_is_named_by_it(value: str, kind: str, tmp_path: Path) -> None:
    environment = LOGIN.replace("${file:a.key}", value)
    assert f"must be text; this is {kind}." in load(tmp_path, "version: 1\n", environment).findings[0].message


def test_an_empty_environment_file_needs_a_login(tmp_path: Path) -> None:
    (finding,) = load(tmp_path, "version: 1\n", "# nothing yet\n").findings
    assert "`login_url:`" in finding.fix


def test_a_tagged_number_is_a_number(tmp_path: Path) -> None:
    channel = "channels: {C: {user_verification: {enabled: !!bool true}}}"
    assert load(tmp_path, f"version: !!int 1\nissuers: {{shop: !!str 5}}\n{channel}\n").findings == ()


def test_a_missing_constant_is_written_in_the_fix(tmp_path: Path) -> None:
    (finding,) = load(tmp_path, "keys: {}\n").findings
    assert finding.fix == "Add `version: 1`."


HOME = "~/.secrets/x.key"
PATHS = {
    "~/.secrets/provisioner.key": "~/.secrets/provisioner.key",
    "~ci/x.pem": "~ci/x.pem",
    "./x.key": "./x.key",
    "../secrets/uat signer.key": "../secrets/uat signer.key",
    "/etc/provisioner/signer": "/etc/provisioner/signer",
    "uat.p12": "uat.p12",
    "secrets/uat.jks": "secrets/uat.jks",
    "$HOME/.secrets/x.key": HOME,
    "'${HOME}/.secrets/x.key'": HOME,
    "'%USERPROFILE%\\x.key'": "~\\x.key",
    "C:\\Users\\ci\\x.key": "C:\\Users\\ci\\x.key",
    "'\\\\server\\share\\x.key'": "\\\\server\\share\\x.key",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", ["private_key", "key_file"])
def test_a_path_is_called_one_and_answered_with_its_reference(field: str, path: str, tmp_path: Path) -> None:
    text = (
        LOGIN.replace("${file:a.key}", path)
        if field == "private_key"
        else LOGIN + f"verify: {{W: {{key_file: {path}}}}}\n"
    )
    (finding,) = load(tmp_path, "version: 1\n", text).findings
    assert (finding.rule, "path" in finding.message) == ("environment-secret-literal", True)
    assert "shared" not in finding.message + finding.fix
    assert f"${{file:{PATHS[path]}}}" in finding.fix


def test_the_answer_to_a_path_is_one_that_is_taken(tmp_path: Path) -> None:
    text = LOGIN.replace("${file:a.key}", "${file:~/.secrets/provisioner.key}")
    assert load(tmp_path, "version: 1\n", text).findings == ()


def test_a_reference_of_1password_is_explained(tmp_path: Path) -> None:
    (finding,) = load(tmp_path, "version: 1\n", LOGIN.replace("${file:a.key}", "op://CI/sf uat/key")).findings
    assert "1Password" in finding.message
    assert "`private_key: ${command:op read 'op://CI/sf uat/key'}`" in finding.fix


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("private_key_passphrase", "~/not-a-path"),
        ("private_key_passphrase", "/hunter2"),
        ("private_key", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"),
        ("private_key", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"),
        ("private_key", "/hunter2, ${env:X}"),
        ("private_key", "hunter2"),
    ],
)
def test_a_secret_is_called_one(field: str, value: str, tmp_path: Path) -> None:
    kept = "".join(line for line in LOGIN.splitlines(keepends=True) if not line.startswith(f"{field}:"))
    (finding,) = load(tmp_path, "version: 1\n", f"{kept}{field}: {value}\n").findings
    assert "replace the secret" in finding.fix
    assert value not in finding.message + finding.fix


def test_what_is_well_shaped_arrives_in_the_estate(tmp_path: Path) -> None:
    declared = """\
version: 1
issuers: {shop: https://id.example.com}
keysets:
  a: {issuer: shop, keys: [k], label: A}
  b: {issuer: {literal: bare}, endpoint: https://b.example.com/jwks}
channels: {Web: {user_verification: {enabled: false, configurations: {}}}}
removed: {keys: [old]}
ignore: [{rule: a-rule, reason: because}]
"""
    loaded = load(tmp_path, declared, LOCAL)
    assert loaded.findings == ()
    estate = loaded.estate
    assert estate.keysets["a"].issuer is not None
    assert (estate.keysets["a"].issuer.value, estate.keysets["a"].issuer.name) == ("https://id.example.com", "shop")
    assert estate.keysets["b"].issuer is not None
    assert (estate.keysets["b"].issuer.value, estate.keysets["b"].issuer.name) == ("bare", None)
    assert (estate.channels["Web"].enabled, estate.channels["Web"].configurations) == (False, {})
    assert estate.channels["Web"].verified_minutes is None
    assert (estate.removed.keys, estate.removed.keysets) == (("old",), ())
    assert estate.ignore[0].address is None


@pytest.mark.parametrize("many", [MOST, MOST + 1, 5 * MOST])
def test_no_more_is_looked_for_than_anybody_reads(tmp_path: Path, many: int) -> None:
    keys = "".join(f"  k{number}: 1\n" for number in range(many))
    findings = load(tmp_path, f"version: 1\nkeys:\n{keys}").findings
    assert len(findings) == min(many, MOST + 1)
    assert [MORE in each.message for each in findings] == [False] * min(many, MOST) + [True] * (many > MOST)


@pytest.mark.parametrize("kind", [*TYPES, MetadataType.DEPLOYMENT], ids=lambda kind: kind.word)
def test_a_component_has_the_address_of_its_type(kind: MetadataType) -> None:
    estate = Estate(
        keys={"a": Key("a", None)}, keysets={"a": Keyset("a", None, None)}, channels={"a": Channel("a")},
        deployments={"a": Deployment("a")},
    )  # fmt: skip
    assert estate.components(kind)["a"].address == kind.address("a") == address_of((kind.section, "a", "label"))
