"""verify, as a person types it, against a chat runtime that checks signatures, and against those that do not."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from provisioner import localorg
from tests.cli.chatting import API, ISSUER, WEB, private_key, provisioned, token, with_own_key
from tests.cli.conftest import Person, Ran

LOCAL = ("--env", "local")


def verify(person: Person, *words: str) -> Ran:
    return person.run("verify", *LOCAL, "--format", "json", *words)


@pytest.mark.parametrize(
    ("which", "endpoint", "words"),
    [(WEB, "v1", ()), (API, "v2", ()), (WEB, "v1", ("--endpoint", "v1")), (API, "v2", ("--endpoint", "v2"))],
)
def test_a_good_key_is_proven_at_either_endpoint(
    person: Person, which: tuple[str, ...], endpoint: str, words: tuple[str, ...]
) -> None:
    key = provisioned(person)
    ran = verify(person, *which, "--key-file", str(key), *words)
    assert ran.status == 0, ran.out + ran.err
    proof = ran.json
    assert proof["subject"].startswith("v2/iamessage/AUTH/storefront_login/uid:uv-probe-")
    assert (proof["format_version"], proof["verified"], proof["endpoint"]) == ("1", True, endpoint)
    assert (proof["negative_control"], proof["revoked"]) == ("refused", True)
    assert len(proof["requests"]) == 4
    assert proof["server"]["status"] == 200


def test_nothing_secret_is_said_at_any_verbosity(person: Person) -> None:
    key = provisioned(person)
    for more in ((), ("-vv",), ("--format", "json", "-vv")):
        ran = person.run("verify", *LOCAL, *WEB, "--key-file", str(key), *more)
        assert ran.status == 0
        said = ran.out + ran.err
        assert "eyJ" not in said
        assert not any(line and line in said for line in key.read_text().splitlines())


def test_a_person_is_told_the_verdict_first_and_every_request(person: Person) -> None:
    key = provisioned(person)
    ran = person.run("verify", *LOCAL, *API, "--key-file", str(key))
    lines = ran.out.splitlines()
    assert lines[0].startswith("Verified: on Web_Chat, customers with a token of storefront_2026_11 (kid mine-1)")
    assert [line[:5] for line in lines if line.startswith(("  1. ", "  4. "))] == ["  1. ", "  4. "]
    assert "/iamessage/api/v2/authorization/authenticated/access-token" in ran.out


def test_what_stands_in_the_environment_need_not_be_typed(person: Person) -> None:
    key = provisioned(person)
    file = person.folder / "config/environments/local.yaml"
    file.write_text(
        file.read_text() + "verify:\n  Web_Chat: {deployment: Shop_Web, key_file: '${file:" + str(key) + "}'}\n"
    )
    ran = verify(person)
    assert (ran.status, ran.json["endpoint"], ran.json["channel"]) == (0, "v1", "Web_Chat")
    assert ran.json["deployment"] == "Shop_Web"
    assert verify(person, "--deployment", "Shop_Api").json["endpoint"] == "v2"


def test_a_given_token_is_enough(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    provisioned(person)
    file = person.folder / "token"
    file.write_text(f" Bearer {token()}\n")
    ran = verify(person, *WEB, "--token", str(file))
    assert (ran.status, ran.json["subject"]) == (0, "v2/iamessage/AUTH/storefront_login/uid:uv-probe-by-hand")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(token().encode())))
    assert verify(person, *WEB, "--token", "-").status == 0


def requests_of(org: Path) -> int:
    log = (org / "log").read_text().splitlines()
    return sum("/iamessage/" in line or "/embeddedservice/" in line for line in log)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("--token", "customer"), 3, "not-a-probe"),
        (("--token", "no-token"), 1, "not-a-token"),
        (("--token", "missing"), 1, "unreadable-file"),
        (("--token", token()), 64, "usage"),
        (("--key-file", "other.key"), 1, "private-key-mismatch"),
        (("--key-file", "storefront.key", "--key", "legacy"), 1, "private-key-mismatch"),
        (("--key-file", "storefront.key", "--kid", "unheard-of"), 1, "unknown-key"),
        (("--key-file", "token"), 1, "key-unreadable"),
        (("--key-file", "missing"), 1, "unreadable-file"),
        (("--key-file", "storefront.key", "--configuration", "other"), 64, "unknown-configuration"),
        (("--key-file", "storefront.key", "--token", "token"), 64, "usage"),
        ((), 64, "usage"),
    ],
)  # fmt: skip
def test_what_is_refused_before_anything_is_sent(
    person: Person, words: tuple[str, ...], status: int, code: str
) -> None:
    with_own_key(person)
    private_key(person, "other")
    (person.folder / "customer").write_text(token(sub="ada@example.com"))
    (person.folder / "token").write_text(token())
    (person.folder / "no-token").write_text("hello")
    before = requests_of(person.org)
    ran = verify(person, *WEB, *words)
    assert (ran.status, ran.json["error"]["code"]) == (status, code), ran.out
    assert requests_of(person.org) == before


def test_an_unknown_channel_is_called_that(person: Person) -> None:
    with_own_key(person)
    words = ("--channel", "Web_Cat", "--deployment", "Shop_Web", "--key-file", "storefront.key")
    error = verify(person, *words).json["error"]
    assert (error["code"], error["exit_status"]) == ("unknown-channel", 64)
    assert error["message"].endswith("Did you mean Web_Chat?")


def test_the_private_key_of_another_declared_key_is_named(person: Person) -> None:
    with_own_key(person)
    error = verify(person, *WEB, "--key-file", "storefront.key", "--key", "legacy").json["error"]
    assert " belongs to storefront_2026_11 (kid " in error["message"]
    assert ", not to legacy (kid " in error["message"]


def test_a_channel_and_a_deployment_must_be_known(person: Person) -> None:
    assert verify(person).json["error"]["message"] == "No channel was named."
    named = verify(person, "--channel", "Web_Chat").json["error"]["message"]
    assert named == "No deployment was named for Web_Chat."
    typo = person.run("verify", "--env", "local", "--channel", "WebChat", "--format", "json").json["error"]["message"]
    assert typo == "No deployment was named for WebChat. Did you mean Web_Chat?"
    undeclared = verify(person, "--channel", "App_Chat", "--deployment", "Shop_App", "--key-file", "x")
    assert undeclared.json["error"]["code"] == "unreadable-file"


def test_an_org_that_was_never_provisioned_proves_nothing(person: Person) -> None:
    key = with_own_key(person)
    ran = verify(person, *WEB, "--key-file", str(key))
    assert (ran.status, ran.json["verified"], ran.json["negative_control"], ran.json["revoked"]) == (
        1, False, "not-run", None,
    )  # fmt: skip
    assert "diagnose chat" in ran.json["next"][-1]


def test_a_key_that_the_org_does_not_have_is_refused_there(person: Person) -> None:
    provisioned(person)
    key = with_own_key_renewed(person)
    ran = verify(person, *WEB, "--key-file", str(key))
    assert (ran.status, ran.json["reason"], ran.json["server"]["status"]) == (1, "token-refused", 401)
    assert "key is not found" in ran.json["server"]["message"]


def with_own_key_renewed(person: Person) -> Path:
    """The declaration names another kid than what was applied."""
    file = person.folder / "config/keys/own.jwk.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "kid": "mine-2"}))
    return person.folder / "storefront.key"


@pytest.mark.parametrize(
    ("fault", "reason", "control", "revoked"),
    [
        ("chat-accepts-any-signature", "any-signature", "accepted", True),
        ("chat-wrong-subject=other-configuration", "other-subject", "not-run", True),
        ("chat-wrong-subject=other-user", "other-subject", "not-run", True),
        ("chat-wrong-subject=no-version", "other-subject", "not-run", True),
        ("chat-rate-limited", "rate-limited", "not-run", None),
        ("chat-unpublished", "token-refused", "not-run", None),
        ("chat-error-texts=server-error", "not-controlled", "not-run", True),
    ],
)
@pytest.mark.parametrize("which", [WEB, API])
def test_what_must_not_pass_for_proven(
    person: Person, fault: str, reason: str, control: str, revoked: bool | None, which: tuple[str, ...]
) -> None:
    key = provisioned(person)
    person.breaks(fault)
    ran = verify(person, *which, "--key-file", str(key))
    proof = ran.json
    assert ran.status == 1, ran.out
    assert (proof["verified"], proof["reason"], proof["negative_control"], proof["revoked"]) == (
        False, reason, control, revoked,
    ), ran.out  # fmt: skip
    assert len(proof["requests"]) <= 6
    assert proof["next"]


@pytest.mark.parametrize(
    "fault",
    [
        "chat-answers-anon",
        "chat-answers-anon=anon",
        "chat-error-texts=unauthorized",
        "chat-error-texts=bad-request",
        "chat-error-texts=forbidden",
        "chat-error-texts=error-array",
        "chat-error-texts=empty",
        "chat-error-texts=text",
        "chat-typ-required",
        "chat-x5c-required",
        "chat-certificate-unchecked",
        "chat-config-cached",
        "chat-config-not-for-api",
        "chat-v1-takes-api",
        "chat-slow=200ms",
        "chat-cut=1",
    ],
)
@pytest.mark.parametrize("which", [WEB, API])
def test_either_side_of_what_is_unproven_is_met(person: Person, fault: str, which: tuple[str, ...]) -> None:
    key = provisioned(person)
    person.breaks(fault)
    ran = verify(person, *which, "--key-file", str(key))
    assert (ran.status, ran.json["verified"], ran.json["negative_control"]) == (0, True, "refused"), ran.out
    assert len(ran.json["requests"]) <= 6


@pytest.mark.parametrize("which", [WEB, API])
def test_a_request_finds_the_endpoint_without_a_config(
    person: Person, which: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web deployment is first taken for a Custom Client one, and told apart by the runtime's own words."""
    key = provisioned(person)
    monkeypatch.setattr("provisioner.salesforce.chat_answers.ChatAnswer.deployment_type", None)
    ran = verify(person, *which, "--key-file", str(key))
    assert (ran.status, ran.json["endpoint"]) == (0, "v1" if which is WEB else "v2")


def test_the_wrong_endpoint_is_explained(person: Person) -> None:
    key = provisioned(person)
    ran = verify(person, *WEB, "--key-file", str(key), "--endpoint", "v2")
    assert (ran.status, ran.json["reason"]) == (1, "token-refused")
    assert "Custom Client" in ran.json["meaning"]
    assert ran.json["next"] == ["Omit --endpoint: then the deployment's type decides."]


@pytest.mark.parametrize(
    ("fault", "which", "revoked"),
    [
        ("chat-revoke-fails", WEB, False),
        ("chat-revoke-fails", API, False),
        ("chat-revoke-fails=body", WEB, True),
        ("chat-revoke-fails=body", API, True),
    ],
)
def test_a_token_that_cannot_be_revoked_is_said(
    person: Person, fault: str, which: tuple[str, ...], revoked: bool
) -> None:
    key = provisioned(person)
    person.breaks(fault)
    ran = verify(person, *which, "--key-file", str(key))
    assert (ran.status, ran.json["verified"], ran.json["revoked"]) == (0, True, revoked)
    assert any("could not be revoked" in note for note in ran.json["notes"]) is not revoked
    assert len(ran.json["requests"]) <= 6


@pytest.mark.parametrize("fault", ["chat-html", "chat-html=502", "chat-html=403", "chat-html=200", "chat-cut"])
def test_a_host_that_says_nothing_of_use_is_out_of_reach(person: Person, fault: str) -> None:
    key = provisioned(person)
    person.breaks(fault)
    ran = verify(person, *WEB, "--key-file", str(key))
    assert (ran.status, ran.json["verified"], ran.json["reason"]) == (4, False, "out-of-reach"), ran.out
    assert ran.json["exit_status"] == 4
    assert len(ran.json["requests"]) <= 6


def test_no_token_goes_to_a_host_that_nobody_named(person: Person) -> None:
    key = provisioned(person)
    served = localorg.running(person.org)
    assert served is not None
    key_reference = "${file:" + served.private_key_file + "}"
    (person.folder / "config/environments/remote.yaml").write_text(
        f"login_url: {served.url}\nusername: {served.username}\nconsumer_key: '{served.consumer_key}'\n"
        f"private_key: {key_reference}\nca_bundle: {served.ca_bundle}\nvariables: {{storefront_issuer: {ISSUER}}}\n"
    )
    words = ("verify", "--env", "remote", "--format", "json", *WEB, "--key-file", str(key))
    assert person.run(*words).json["verified"] is True
    alone = person.folder / "config/environments/alone.yaml"
    alone.write_text(
        f"login_url: {served.url}\nusername: a@b.c\nconsumer_key: '${{env:NOT_SET_ANYWHERE}}'\n"
        f"org_id: {served.org_id}\nprivate_key: '${{env:NOT_SET_ANYWHERE}}'\nca_bundle: {served.ca_bundle}\n"
        f"variables: {{storefront_issuer: {ISSUER}}}\n"
    )
    without_login = person.run("verify", "--env", "alone", "--format", "json", *WEB, "--key-file", str(key))
    assert without_login.json["verified"] is True
    remote = person.folder / "config/environments/remote.yaml"
    text = remote.read_text()
    for url, ending in (
        ("https://chat.example.com/path", (1, "chat-url-invalid")),
        ("https://chat.example.com", (3, "untrusted-host")),
    ):
        remote.write_text(f"{text}chat_url: {url}\n")
        ran = person.run(*words)
        assert (ran.status, ran.json["error"]["code"]) == ending, ran.out


def test_the_private_key_of_an_endpoints_key(person: Person) -> None:
    key = with_own_key(person)
    person.edit("    keys: [storefront_2026_11, legacy]", "    endpoint: https://localhost:9/jwks.json")
    ran = verify(person, *WEB, "--key-file", str(key))
    assert (ran.status, ran.json["error"]["code"]) == (4, "endpoint-unreachable")


class TestAWrongDeployment:
    """What `diagnose chat` says of a deployment, `verify` says too."""

    def test_it_is_not_found_and_the_nearest_is_named(self, person: Person) -> None:
        key = provisioned(person)
        ran = verify(person, "--channel", "Web_Chat", "--deployment", "Shop_Wab", "--key-file", str(key))
        assert (ran.status, ran.json["reason"]) == (1, "token-refused")
        assert ran.json["meaning"].startswith("deployment-not-found: ")
        assert "Did you mean Shop_Web? The org's deployments: App_Api, Kiosk_Web, " in ran.json["meaning"]
        assert ran.json["next"][0] == "Correct --deployment (its API name)."
        chat = person.run(
            "diagnose", "chat", *LOCAL, "--channel", "Web_Chat", "--deployment", "Shop_Wab", "--format", "json"
        )
        assert "Did you mean Shop_Web? The org's deployments: App_Api, Kiosk_Web, " in str(chat.json["findings"])

    def test_no_cause_is_invented_without_the_org_s_list(self, person: Person) -> None:
        key = provisioned(person)
        served = localorg.running(person.org)
        assert served is not None
        alone = person.folder / "config/environments/alone.yaml"
        alone.write_text(
            f"login_url: {served.url}\nusername: a@b.c\nconsumer_key: '${{env:NOT_SET_ANYWHERE}}'\n"
            f"org_id: {served.org_id}\nprivate_key: '${{env:NOT_SET_ANYWHERE}}'\nca_bundle: {served.ca_bundle}\n"
            f"variables: {{storefront_issuer: {ISSUER}}}\n"
        )
        words = ("--channel", "Web_Chat", "--deployment", "Nope", "--key-file", str(key))
        ran = person.run("verify", "--env", "alone", "--format", "json", *words)
        assert (ran.status, ran.json["meaning"].split(":")[0]) == (1, "deployment-not-found")
        assert "The deployments of the org could not be listed" in ran.err

    def test_an_unpublished_one_is_called_that(self, person: Person) -> None:
        key = provisioned(person)
        person.breaks("chat-unpublished")
        ran = verify(person, *WEB, "--key-file", str(key))
        assert ran.json["meaning"].startswith("deployment-not-published: ")
        assert "Publish." in ran.json["next"][0]

    def test_one_of_another_channel_is_called_that(self, person: Person) -> None:
        key = provisioned(person)
        ran = verify(person, "--channel", "Web_Chat", "--deployment", "Shop_App", "--key-file", str(key))
        assert (ran.status, ran.json["meaning"].split(":")[0]) == (1, "deployment-on-another-channel")

    def test_words_that_nobody_knows_get_no_cause(self, person: Person) -> None:
        provisioned(person)
        key = with_own_key_renewed(person)
        ran = verify(person, *WEB, "--key-file", str(key))
        assert ran.json["meaning"] == "Salesforce does not document this message, so its cause is not known."

    def test_an_api_deployment_without_configuration_is_found(self, person: Person) -> None:
        provisioned(person)
        key = with_own_key_renewed(person)
        person.breaks("chat-config-not-for-api")
        ran = verify(person, *API, "--key-file", str(key))
        assert "deployment-not-found" not in ran.json["meaning"], "the org has it"


class TestSeveralChannels:
    """Without --channel, every channel under `verify:` is proven."""

    @pytest.fixture
    def key(self, person: Person) -> Path:
        key = with_own_key(person)
        with person.declaration.open("a") as file:
            file.write(
                "\n  App_Chat:\n    user_verification:\n      enabled: true\n      configurations:\n"
                "        app_login: {keyset: storefront, active: true}\n"
            )
        assert person.apply().status == 0
        self.declared(person, "App_Chat: {deployment: Shop_App, key_file: '${file:KEY}'}", key)
        return key

    @staticmethod
    def declared(person: Person, second: str, key: Path) -> None:
        environment = person.folder / "config/environments/local.yaml"
        text = environment.read_text().partition("verify:")[0]
        first = "Web_Chat: {deployment: Shop_Web, key_file: '${file:KEY}'}"
        environment.write_text(f"{text}verify:\n  {first}\n  {second}\n".replace("KEY", str(key)))

    def test_each_is_proven(self, person: Person, key: Path) -> None:
        ran = verify(person)
        assert (ran.status, ran.json["format_version"], ran.json["verified"]) == (0, "1", True), ran.out
        assert [(each["channel"], each["verified"]) for each in ran.json["channels"]] == [
            ("Web_Chat", True), ("App_Chat", True),
        ]  # fmt: skip
        human = person.run("verify", *LOCAL)
        assert (human.status, human.out.splitlines()[-1]) == (0, "Verified on 2 of 2 channels.")

    def test_one_keeps_today_s_shape(self, person: Person, key: Path) -> None:
        assert verify(person, "--channel", "App_Chat").json["deployment"] == "Shop_App"

    def test_one_that_fails_hides_no_other(self, person: Person, key: Path) -> None:
        self.declared(person, "App_Chat: {deployment: Shop_Web, key_file: '${file:KEY}'}", key)
        ran = verify(person)
        assert (ran.status, ran.json["verified"]) == (1, False)
        assert [each["verified"] for each in ran.json["channels"]] == [True, False]

    def test_an_error_of_one_is_that_channel_s(self, person: Person, key: Path) -> None:
        self.declared(person, "App_Chat: {deployment: Shop_App, key_file: '${env:NOT_SET_ANYWHERE}'}", key)
        ran = verify(person)
        assert (ran.status, ran.json["channels"][0]["verified"]) == (1, True)
        assert ran.json["channels"][1]["channel"] == "App_Chat"
        assert ran.json["channels"][1]["error"]["code"] == "reference-unset"
        human = person.run("verify", *LOCAL)
        assert (human.status, human.out.splitlines()[-1]) == (1, "Verified on 1 of 2 channels.")

    def test_the_worst_of_them_is_the_status(self, person: Person, key: Path) -> None:
        person.breaks("chat-html")
        ran = verify(person)
        assert (ran.status, [each["reason"] for each in ran.json["channels"]]) == (4, ["out-of-reach"] * 2)

    @pytest.mark.parametrize("option", ["--deployment", "--token", "--configuration"])
    def test_what_is_about_one_needs_its_name(self, person: Person, key: Path, option: str) -> None:
        ran = verify(person, option, "x")
        assert (ran.status, ran.json["error"]["code"]) == (64, "usage")
        assert ran.json["error"]["next"] == "Give --channel with one of: Web_Chat, App_Chat."

    def test_a_key_may_be_given_for_all(self, person: Person, key: Path) -> None:
        self.declared(person, "App_Chat: {deployment: Shop_App}", key)
        assert verify(person, "--key-file", str(key)).status == 0

    def test_channels_that_are_left_out_are_named(self, person: Person, key: Path) -> None:
        self.declared(person, "Kiosk_Chat: {deployment: Kiosk_Web}", key)
        ran = verify(person)
        assert "Not proven: App_Chat, not under `verify:` in config/environments/local.yaml." in ran.err
