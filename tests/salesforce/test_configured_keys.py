"""The private key of an environment file, as secret stores give it: read with one warning, or refused by its place."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from provisioner.declaration.load import EnvironmentFiles
from provisioner.errors import InputError
from provisioner.jose.cures import Input
from provisioner.jose.private_key import load_private_key
from provisioner.salesforce.login import log_in
from provisioner.salesforce.settings import LoginSettings
from provisioner.secrets import Resolver, Secret
from provisioner.workflows.connect import jwt_settings
from provisioner.workflows.console import Console, Given
from provisioner.workflows.proof_token import Choice, SigningKey, minted_token
from tests.jose import key_files
from tests.jose.making import private_pem, rsa_key

SANDBOX = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: 3MVG9abcdefghijklmnopqrstuvwxyz
private_key: {}
"""
PLACE = "`private_key` ({}/environments/sandbox.yaml:4:14)"


class Desk:
    """An environment whose key is in a variable or a file, and what was said about it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []

    def settings(self, reference: str, more: str = "") -> LoginSettings:
        (self.folder / "environments").mkdir(exist_ok=True)
        (self.folder / "environments/sandbox.yaml").write_text(SANDBOX.format(reference) + more)
        environment = EnvironmentFiles(self.folder).read("sandbox").environment
        console = cast(Console, SimpleNamespace(resolver=Resolver, say=self.said.append, given=Given("plan")))
        return jwt_settings(console, environment)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def refused(settings: LoginSettings) -> InputError:
    with pytest.raises(InputError) as caught:
        log_in(settings, cast(Any, None), cast(Any, None), patience=None, admitted=cast(Any, None))
    return caught.value


@pytest.mark.parametrize(
    ("made", "repairs"),
    [
        (lambda text: text.replace("\n", "\\n"), "the two characters \\n were read as line breaks"),
        (lambda text: f'"{text.strip()}"', "the quotation marks around it were removed"),
        (
            lambda text: '"' + text.replace("\n", "\\n") + '"',
            "the quotation marks around it were removed and the two characters \\n were read as line breaks",
        ),
        (lambda text: text.replace("\n", " "), "its lost line breaks were put back"),
        (lambda text: text.replace("\n", ""), "its lost line breaks were put back"),
        (lambda text: base64.b64encode(text.encode()).decode(), "its base64 was decoded"),
        (lambda text: "".join(text.splitlines()[1:-1]), "its missing PEM lines (BEGIN and END) were added"),
        (lambda text: text.replace("\n", "\r\n"), "its line ends of Windows (CRLF) were read as line breaks"),
        (lambda text: "\ufeff" + text, "its byte order mark was dropped"),
        (lambda text: key_files.private_jwk().decode(), None),
        (lambda text: text, None),
    ],
)
def test_what_a_secret_store_makes_of_a_key_is_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, made: Callable[[str], str], repairs: str | None
) -> None:
    monkeypatch.setenv("SF_KEY", made(private_pem().decode()))
    settings = desk.settings("${env:SF_KEY}")
    key = load_private_key(settings.private_key, settings.passphrase)
    assert key.private_numbers() == rsa_key().private_numbers()
    place = PLACE.format(desk.folder)
    start = f"Warning: The private key of the login (${{env:SF_KEY}} for {place}) is not plain PEM: "
    assert desk.said == ([f"{start}{repairs}. Other programs may refuse it as it is."] if repairs else [])


@pytest.mark.parametrize("content", [key_files.der(), key_files.openssh(rsa_key()), key_files.p12(None)])
def test_any_bytes_of_a_file_are_taken(desk: Desk, content: bytes) -> None:
    (desk.folder / "environments").mkdir()
    (desk.folder / "environments/uat.key").write_bytes(content)
    settings = desk.settings("${file:uat.key}")
    assert load_private_key(settings.private_key).private_numbers() == rsa_key().private_numbers()
    assert desk.said == []


def test_a_keystore_is_opened_with_its_passphrase(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.folder / "uat.jks").write_bytes(key_files.jks(("uat", rsa_key(), key_files.shop())))
    monkeypatch.setenv("PHRASE", "correct horse")
    settings = desk.settings(f"${{file:{desk.folder}/uat.jks}}", "private_key_passphrase: ${env:PHRASE}\n")
    assert load_private_key(settings.private_key, settings.passphrase).key_size == 2048
    without = refused(desk.settings(f"${{file:{desk.folder}/uat.jks}}"))
    assert without.code == "key-encrypted"
    assert f"keytool -importkeystore -srckeystore {desk.folder}/uat.jks -srcalias uat" in without.next


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (private_pem(key_files.making.ec_key()).decode(), "key-not-rsa", "an EC private key (PEM, PKCS #8)"),
        ("${{ secrets.SF_KEY }}", "key-unreadable", "a variable or secret that nothing has filled in"),
        ("***", "key-unreadable", "a mask: the value itself is missing"),
        ('{"private_key": "' + private_pem().decode().replace("\n", "\\n") + '"}', "key-unreadable", "JSON"),
        (private_pem(passphrase=b"x").decode(), "key-encrypted", "no passphrase was given"),
    ],
)
def test_what_is_refused_names_its_place_and_variable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, value: str, code: str, words: str
) -> None:
    monkeypatch.setenv("SF_KEY", value)
    error = refused(desk.settings("${env:SF_KEY}"))
    place = PLACE.format(desk.folder)
    assert error.code == code
    assert error.message.startswith(f"The private key of the login (${{env:SF_KEY}} for {place}) is ")
    assert words in error.message
    assert "FILE" not in error.next
    if "openssl" in error.next or "jq" in error.next:
        assert "printf '%s\\n' \"$SF_KEY\" | " in error.next
    assert desk.said == []


@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("verify", "--passphrase-env NAME"),
        ("keys rotate", "--passphrase-env NAME"),
        ("promote", "openssl pkey -in /x/signer.key -out /x/signer.pem"),
    ],
)
def test_the_next_step_is_one_that_the_command_has(command: str, step: str) -> None:
    console = cast(Console, SimpleNamespace(given=Given(command)))
    material = SigningKey(
        Secret.of_octets(private_pem(passphrase=b"x")), "/x/signer.key", Input.of_file("/x/signer.key")
    )
    with pytest.raises(InputError) as refused:
        minted_token(console, cast(Any, None), Choice("Web_Chat"), material)
    assert refused.value.code == "key-encrypted"
    assert step in refused.value.next
    assert ("--passphrase-env" in refused.value.next) == (command != "promote")
