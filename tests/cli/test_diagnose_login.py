"""``diagnose login``, as a person types it: every cause provoked, found, mended; nothing secret, nothing twice."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import jwt
import pytest

from provisioner import localorg
from provisioner.diagnosis.login.diagnosis import ALIKE
from provisioner.diagnosis.login.probes import token as token_probe
from provisioner.localorg.admin_login import USER
from provisioner.localorg.fault_table import FAULTS
from provisioner.localorg.faults import lookup
from provisioner.localorg.records import Session
from provisioner.localorg.store import Store
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.login import sign
from provisioner.workflows import diagnose_login
from tests.cli.conftest import Person, Ran
from tests.diagnosis.test_catalogue import IDS

#: What only other clients produce, or a token shows.
NOT_PROVOKED = {"chat-token"}
#: A token's causes end up as a working login with something to say.
WORKS = {"certificate-expired"}
OUT_OF_REACH = {"host-not-found", "tls-untrusted", "proxy", "maintenance"}


def variants() -> list[tuple[str, str]]:
    """Each cause with each text that the org may answer."""
    found = []
    for cause in IDS:
        if cause in NOT_PROVOKED:
            continue
        fault = lookup(cause)
        found += [(cause, cause), *((cause, f"{cause}={word}") for word in fault.words if word != fault.default)]
    return found


def diagnose(person: Person, *words: str) -> Ran:
    ran = person.run("diagnose", "login", "--env", "local", "--format", "json", *words)
    assert set(ran.json) == {"format_version", "verdict", "server", "findings", "excluded"}, ran.out
    assert ran.status == {"ok": 0, "failing": 1, "unreachable": 4}[ran.json["verdict"]]
    return ran


def causes(ran: Ran) -> list[str]:
    return [finding["cause"] for finding in ran.json["findings"]]


@pytest.mark.parametrize(("cause", "fault"), variants(), ids=lambda text: text)
def test_each_cause_is_provoked_found_and_mended(person: Person, cause: str, fault: str) -> None:
    person.breaks(fault)
    broken = diagnose(person)
    document = broken.json
    assert cause in causes(broken), broken.out
    if causes(broken)[0] != cause:
        first = document["findings"][0]
        mine = next(finding for finding in document["findings"] if finding["cause"] == cause)
        apart = [each for each in mine["evidence"] if ALIKE in each]
        assert apart, broken.out
        assert first["cause"] in apart[0]
    if cause in WORKS:
        assert document["verdict"] == "ok"
    else:
        assert document["verdict"] == ("unreachable" if cause in OUT_OF_REACH else "failing")
    person.mends()
    mended = diagnose(person)
    assert (mended.json["verdict"], mended.json["findings"]) == ("ok", [])


@pytest.mark.parametrize(
    ("cause", "fault"),
    [
        pair
        for pair in variants()
        if pair[0] not in ("tls-untrusted", "host-not-found", "proxy", "maintenance", "unknown")
    ],
    ids=lambda text: text,
)
def test_with_the_orgs_own_record_each_cause_ranks_first(person: Person, cause: str, fault: str) -> None:
    person.breaks(fault)
    broken = diagnose(person, "--admin-env", "local")
    if causes(broken)[0] != cause:
        mine = next(finding for finding in broken.json["findings"] if finding["cause"] == cause)
        assert any(ALIKE in each for each in mine["evidence"]), broken.out
        # Only what leaves no trace in any record stays open.
        assert fault in ("oauth-not-enabled", "not-propagated", "app-blocked=not-approved"), broken.out


def test_a_failing_question_stops_no_other(person: Person) -> None:
    person.breaks("user-frozen")
    person.breaks("administrator-lacks")
    ran = diagnose(person, "--admin-env", "local")
    assert causes(ran)[0] == "user-frozen"
    human = person.run("diagnose", "login", "--env", "local", "--admin-env", "local", "--details").out
    assert "not answered" in human


def test_an_administrators_token_serves_as_well(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    localorg.administrator(person.org)
    token = "00DLO0000000001!AQtokenofanadministrator"
    store = Store(person.org / "org.sqlite3")
    store.add_session(Session(token, USER.id, int(time.time() * 1000), 0))
    store.close()
    person.breaks("user-inactive")
    monkeypatch.setenv("ADMIN_TOKEN", token)
    ran = diagnose(person, "--admin-token-env", "ADMIN_TOKEN")
    assert causes(ran)[0] == "user-inactive"
    assert ran.json["findings"][0]["confidence"] == "certain"
    monkeypatch.delenv("ADMIN_TOKEN")
    without = diagnose(person, "--admin-token-env", "ADMIN_TOKEN")
    assert "user-inactive" in causes(without)
    assert token not in ran.out + ran.err


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When an assertion was signed for the token endpoint, one entry each."""
    seen: list[float] = []

    def count(settings: Any, key: Any, now: float) -> str:
        seen.append(now)
        return sign(settings, key, now)

    monkeypatch.setattr(token_probe, "sign", count)
    return seen


@pytest.mark.parametrize(
    "fault", ["user-not-approved", "transient", "maintenance", "not-a-login-host=empty", "unknown"]
)
def test_one_assertion_a_run(person: Person, signed: list[float], fault: str) -> None:
    person.breaks(fault)
    diagnose(person)
    assert len(signed) == 1


class Waits:
    """A clock whose waits take no time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: time.monotonic() + sum(self.slept), sleep=self.slept.append)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    made = Waits()
    monkeypatch.setattr(diagnose_login, "CLOCK", made.clock)
    return made


def test_what_propagates_is_waited_for(person: Person, waits: Waits) -> None:
    person.breaks("not-propagated=3")
    ran = diagnose(person, "--wait-propagation")
    assert ran.json["verdict"] == "ok"
    assert waits.slept == [30.0, 30.0, 30.0]
    assert causes(ran) == ["not-propagated"]
    assert "Trying again" in ran.err


def test_ten_minutes_are_the_end_of_waiting(person: Person, waits: Waits) -> None:
    person.breaks("user-not-approved")
    ran = diagnose(person, "--wait-propagation")
    assert sum(waits.slept) == 600.0
    assert "not-propagated" in [each["cause"] for each in ran.json["excluded"]]


@pytest.mark.parametrize("fault", ["wrong-username", "rate-limited", "clock-skew", "wrong-audience", "org-inactive"])
def test_what_does_not_propagate_is_not_tried_again(person: Person, waits: Waits, fault: str) -> None:
    person.breaks(fault)
    diagnose(person, "--wait-propagation")
    assert waits.slept == []


# A wrong configuration is a finding


def environment(person: Person, **fields: str) -> None:
    """An environment file ``other`` for the local org, with some fields changed; an empty one is left out."""
    connection = localorg.start(person.org)
    whole = {
        "login_url": connection.url,
        "username": connection.username,
        "consumer_key": connection.consumer_key,
        "private_key": f'"${{file:{connection.private_key_file}}}"',
        "ca_bundle": connection.ca_bundle,
        **fields,
    }
    text = "".join(f"{name}: {value}\n" for name, value in whole.items() if value)
    (person.folder / "config/environments/other.yaml").write_text(text)


def other(person: Person, *words: str) -> Ran:
    return person.run("diagnose", "login", "--env", "other", "--format", "json", *words)


def test_a_login_that_is_written_down_works(person: Person) -> None:
    environment(person)
    assert other(person).json["verdict"] == "ok"


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("username", "", "wrong-username"),
        ("consumer_key", "", "wrong-consumer-key"),
        ("private_key", "", "key-unreadable"),
        ("login_url", "", "not-a-login-host"),
        ("username", '"${env:NOT_SET_ANYWHERE}"', "wrong-username"),
        ("consumer_key", '"${env:NOT_SET_ANYWHERE}"', "wrong-consumer-key"),
        ("private_key", '"${file:/nowhere/at.all}"', "key-unreadable"),
        ("private_key", '"${command:echo key}"', "key-unreadable"),
        ("private_key", "the key itself", "key-unreadable"),
        ("private_key_passphrase", '"${env:NOT_SET_ANYWHERE}"', "key-encrypted"),
        ("login_url", "http://localhost", "not-a-login-host"),
        ("login_url", "https://acme.invalid/path", "host-not-found"),
        ("login_url", "https://acme.lightning.force.com", "host-not-found"),
        ("login_url", "https://nothing.invalid", "host-not-found"),
        ("audience", "https://localhost:1/services/oauth2/token", "wrong-audience"),
        ("audience", "https://elsewhere.example.com", "wrong-audience"),
        ("consumer_key", "0123456789012345678", "wrong-consumer-key"),
        ("consumer_key", "admin@localorg.example", "swapped-claims"),
        ("username", "nobody@localorg.example", "wrong-username"),
        ("ca_bundle", "nowhere.pem", "tls-untrusted"),
        ("org_id", "00DLO0000000009EAA", "wrong-login-host"),
    ],
)
def test_a_wrong_field_is_a_finding(person: Person, field: str, value: str, cause: str) -> None:
    environment(person, **{field: value})
    ran = other(person)
    assert "error" not in ran.json, ran.out
    assert causes(ran)[0] == cause, ran.out
    assert ran.json["findings"][0]["fix"]


def test_no_declaration_stops_it(person: Person) -> None:
    environment(person)
    person.declaration.unlink()
    assert other(person).json["verdict"] == "ok"
    person.declaration.write_text("keys: [unclosed")
    assert other(person).json["verdict"] == "ok"


def test_an_environment_that_is_no_yaml_is_a_finding(person: Person) -> None:
    (person.folder / "config/environments/other.yaml").write_text("login_url: [unclosed\n")
    ran = other(person)
    assert ran.status == 1
    assert {"not-a-login-host", "key-unreadable"} <= set(causes(ran))


def test_no_assertion_goes_where_none_may_go(person: Person, signed: list[float]) -> None:
    environment(person, login_url="https://localhost.evil.example", audience="https://login.salesforce.com")
    ran = other(person)
    assert signed == []
    assert causes(ran)[0] in ("not-a-login-host", "host-not-found")


# Local key problems, each with its own words


def test_each_mistake_with_a_key_has_its_own_command(person: Person) -> None:
    fault = next(fault for fault in FAULTS if fault.name == "key-unreadable")
    said: dict[str, str] = {}
    for word in fault.words:
        person.breaks(f"key-unreadable={word}")
        finding = diagnose(person).json["findings"][0]
        assert finding["cause"] == "key-unreadable", word
        assert finding["confidence"] == "certain"
        said[word] = finding["evidence"][0]
        assert finding["fix"][0], word
        assert "***" not in finding["fix"][0], "a command that is masked is of no use"
    assert len(set(said.values())) == len(said), said


def test_a_key_in_another_form_logs_in_with_at_most_one_warning(person: Person) -> None:
    for word in next(fault for fault in FAULTS if fault.name == "key-wrapped").words:
        person.breaks(f"key-wrapped={word}")
        ran = diagnose(person)
        assert (ran.status, causes(ran)) == (0, []), word
        planned = person.run("plan", "--env", "local")
        assert planned.status == 0, planned.err
        assert planned.err.count("is not plain PEM") == (word not in ("openssh", "der", "pkcs12"))


# Pasted output


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("invalid_grant: user hasn't approved this consumer", "user-not-approved"),
        ("unsupported_grant_type: grant type not supported", "unexpected-request"),
        ('{"error":"invalid_request","error_description":"scope parameter not supported"}', "unexpected-request"),
        ("{'error': 'invalid_grant', 'error_description': 'no valid scopes defined'}", "wrong-flow"),
        ("invalid_grant expired access/refresh token", "wrong-flow"),
        ("getaddrinfo ENOTFOUND acme.my.salesforce.com", "host-not-found"),
        ("self signed certificate in certificate chain", "tls-untrusted"),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Missing Authority Key Identifier",
            "tls-untrusted",
        ),
        ("TypeError: Password was not given but private key is encrypted", "key-encrypted"),
        ("secretOrPrivateKey has a minimum key size of 2048 bits for RS256", "key-too-small"),
        ("Something that nobody ever saw", "unknown"),
    ],
)
def test_pasted_output_is_explained_without_an_environment(
    person: Person, signed: list[float], text: str, cause: str
) -> None:
    ran = person.run("diagnose", "login", "--error", text, "--format", "json")
    assert (ran.status, ran.json["verdict"]) == (1, "failing")
    assert causes(ran)[0] == cause
    assert signed == []


def test_a_pasted_flaw_of_form_is_no_matter_of_the_bundle(person: Person) -> None:
    text = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: CA cert does not include key usage extension"
    finding = person.run("diagnose", "login", "--error", text, "--format", "json").json["findings"][0]
    assert "an authority's certificate has no Key Usage" in finding["evidence"][0]
    assert [each[:46] for each in finding["fix"]] == ["Have the authority's certificate issued again "]
    assert "ca_bundle" not in str(finding["fix"])


def test_pasted_output_comes_from_a_pipe_as_well(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("invalid assertion\n"))
    ran = person.run("diagnose", "login", "--error", "-", "--format", "json")
    assert causes(ran)[0] == "certificate-mismatch"


def test_a_chat_token_is_told_from_a_login(person: Person) -> None:
    token = jwt.encode({"iss": "https://id.example.com", "sub": "u1", "exp": 1}, "s" * 32, headers={"kid": "k1"})
    ran = person.run("diagnose", "login", "--error", token, "--format", "json")
    assert causes(ran) == ["chat-token"]
    assert token not in ran.out


@pytest.mark.parametrize(
    "words",
    [
        ("--error", "x", "--admin-env", "local"),
        ("--error", "  "),
        ("--env", "nowhere"),
        (),
    ],
)
def test_wrong_usage(person: Person, words: tuple[str, ...]) -> None:
    assert person.run("diagnose", "login", *words).status == 64


# The bundle


def bundled(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_bundle_has_what_support_asks_for(person: Person) -> None:
    environment(person, org_id="00DLO0000000001", app="{name: Provisioner CI, type: connected}")
    person.breaks("user-not-approved")
    ran = other(person, "--bundle", "case.zip")
    files = bundled(person.folder / "case.zip")
    assert set(files) == {"summary.txt", "diagnosis.txt", "diagnosis.json"}
    summary = files["summary.txt"]
    connection = localorg.start(person.org)
    for wanted in (
        "user hasn't approved this consumer",
        "00DLO0000000001",
        "Production or sandbox",
        "Provisioner CI (connected app)",
        connection.consumer_key,
        "token endpoint",
    ):
        assert wanted in summary, wanted
    assert json.loads(files["diagnosis.json"]) == ran.json
    assert ((person.folder / "case.zip").stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("fault", ["user-not-approved", "jwt-format-token", "missing-api-scope", "key-encrypted", None])
def test_nothing_secret_is_in_the_bundle_or_on_the_screen(
    person: Person, monkeypatch: pytest.MonkeyPatch, fault: str | None
) -> None:
    connection = localorg.start(person.org)
    key = Path(connection.private_key_file).read_text()
    admin = Path(localorg.administrator(person.org).private_key_file).read_text()
    monkeypatch.setenv("KEY", key)
    monkeypatch.setenv("CONSUMER", connection.consumer_key)
    monkeypatch.setenv("PASSPHRASE", "correct horse battery staple")
    environment(
        person,
        consumer_key='"${env:CONSUMER}"',
        private_key_passphrase='"${env:PASSPHRASE}"',
        **({} if fault == "key-encrypted" else {"private_key": '"${env:KEY}"'}),
    )
    if fault is not None:
        person.breaks(fault)
    words = ("diagnose", "login", "--env", "other", "-vv", "--bundle", "case.zip", "--admin-env", "local")
    ran = person.run(*words)
    files = bundled(person.folder / "case.zip")
    assert connection.consumer_key in files["summary.txt"], "support asks for it by name"
    everything = "\n".join([*files.values(), ran.out, ran.err])
    secrets = [*key.splitlines()[1:-1], *admin.splitlines()[1:-1], "correct horse battery staple"]
    store = Store(person.org / "org.sqlite3")
    tokens = [row[0] for row in store._sql.execute("SELECT token FROM session")]
    store.close()
    for secret in (*secrets, *tokens):
        assert secret not in everything
    for part in everything.split():
        assert not looks_like_a_token(part), part


def looks_like_a_token(text: str) -> bool:
    """Whether a word is a signed JWT."""
    pieces = text.strip("\"',()").split(".")
    if len(pieces) != 3 or not pieces[0].startswith("ey"):
        return False
    try:
        header: Any = json.loads(base64.urlsafe_b64decode(pieces[0] + "=="))
    except ValueError:
        return False
    return isinstance(header, dict) and "alg" in header


def test_a_consumer_secret_in_the_wrong_place_is_withheld(person: Person) -> None:
    secret = "A1B2" * 16
    environment(person, consumer_key=secret)
    other(person, "--bundle", "case.zip")
    assert secret not in "".join(bundled(person.folder / "case.zip").values())


def test_what_people_paste_along_is_masked(person: Person) -> None:
    text = "POST client_secret=9876543210987 password: hunter2hunter2 invalid_grant: authentication failure"
    ran = person.run("diagnose", "login", "--error", text, "--bundle", "case.zip", "-v")
    everything = "".join([*bundled(person.folder / "case.zip").values(), ran.out, ran.err])
    assert "9876543210987" not in everything
    assert "hunter2" not in everything
    assert "authentication failure" in everything


def test_a_bundle_overwrites_nothing(person: Person) -> None:
    (person.folder / "case.zip").write_text("mine")
    ran = person.run("diagnose", "login", "--error", "x", "--bundle", "case.zip")
    assert ran.status == 1
    assert (person.folder / "case.zip").read_text() == "mine"
    assert person.run("diagnose", "login", "--error", "x", "--bundle", "no/such/folder.zip").status == 1
