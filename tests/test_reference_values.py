"""Values of references: of the shape of their field, or refused without being shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.declaration.environments import read_environment
from provisioner.errors import InputError
from provisioner.model.environment import Environment
from provisioner.model.reference_values import resolve
from provisioner.secrets import Resolver, redactor

SECRET = "S3cr3t_Pass*phrase!"
FILE = """\
login_url: https://acme.my.salesforce.com
username: ${env:VALUE}
consumer_key: ${env:VALUE}
private_key: ${env:VALUE}
private_key_passphrase: ${env:VALUE}
"""


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "uat.yaml").write_text(FILE)
    return read_environment(tmp_path / "uat.yaml", "config/environments/uat.yaml", tmp_path).environment


def value(environment: Environment, field: str, given: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("VALUE", given)
    return resolve(Resolver(environment.folder), environment, field).reveal()


def refused(environment: Environment, field: str, given: str, monkeypatch: pytest.MonkeyPatch) -> InputError:
    with pytest.raises(InputError) as raised:
        value(environment, field, given, monkeypatch)
    return raised.value


@pytest.mark.parametrize(
    "name", ["ci@acme.com.uat", "o'neil+ci@acme-corp.co.uk", "a_b.c%d@x.y", "ci@acme.com\n", "ci@acme.com\r\n"]
)
def test_usernames_are_taken(environment: Environment, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert value(environment, "username", name, monkeypatch) == name.rstrip("\r\n")


@pytest.mark.parametrize(
    "key", ["3MVG9" + "x" * 80, "3MVG9.a_b" * 5, "PlatformCLI", "chosen-by-us.2026", "uvprovisionerci2026\n"]
)
def test_consumer_keys_are_taken(environment: Environment, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert value(environment, "consumer_key", key, monkeypatch) == key.rstrip("\n")


@pytest.mark.parametrize("phrase", ['with "quotes" and blanks', " around ", SECRET, "\N{SNOWMAN}", "x\n"])
def test_passphrases_are_taken(environment: Environment, phrase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert value(environment, "private_key_passphrase", phrase, monkeypatch) == phrase.rstrip("\n")


@pytest.mark.parametrize("field", ["username", "consumer_key"])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (f'"{SECRET}"', "quotation marks"),
        (f"\N{LEFT DOUBLE QUOTATION MARK}{SECRET}\N{RIGHT DOUBLE QUOTATION MARK}", "quotation marks"),
        (f" {SECRET}", "begins or ends with white space"),
        (f"{SECRET}\t", "begins or ends with white space"),
        (f"{SECRET} and more", "contains white space"),
        (f"{SECRET}\nsecond line", "several lines"),
        (" \n", "is blank"),
        (SECRET, ""),
        ("PATH=/bin:/usr/bin", ""),
        (f"{SECRET}\x1b[2J", ""),
        ("https://user:pass@example.com/x", ""),
        ("a" * 300 + "@acme.com", ""),
        ("not UTF-8: \udcff", "contains white space"),
        ("\udcff\udcfe", ""),
    ],
)  # fmt: skip
def test_other_values_are_refused_and_not_shown(
    environment: Environment, field: str, given: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = refused(environment, field, given, monkeypatch)
    said = error.message + error.next
    assert SECRET not in said
    assert given.strip() not in said or not given.strip()
    assert words in error.message
    assert f"`{field}`" in error.message
    line = {"username": 2, "consumer_key": 3}[field]
    assert f"config/environments/uat.yaml:{line}:" in error.message
    assert "${env:VALUE}" in error.message
    assert "VALUE" in error.next
    assert error.code == "reference-wrong-shape"


def test_a_missing_consumer_key_is_what_login_apply_writes(tmp_path: Path) -> None:
    file = tmp_path / "uat.yaml"
    file.write_text(FILE.replace("consumer_key: ${env:VALUE}", "consumer_key: ${file:missing}"))
    environment = read_environment(file, "config/environments/uat.yaml", tmp_path).environment
    with pytest.raises(InputError) as raised:
        resolve(Resolver(environment.folder), environment, "consumer_key")
    assert "`provisioner login apply --env uat`" in raised.value.next


@pytest.mark.parametrize("given", ["two\nlines", "x" * 1025])
def test_a_passphrase_is_one_line(environment: Environment, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(environment, "private_key_passphrase", given, monkeypatch)
    assert "`private_key_passphrase` (config/environments/uat.yaml:5:" in error.message
    assert given not in error.message


def test_what_was_swapped_is_said(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(environment, "username", "3MVG9" + "x" * 80, monkeypatch)
    assert ("is a consumer key" in error.message, error.code) == (True, "swapped-claims")
    error = refused(environment, "consumer_key", "ci@acme.com", monkeypatch)
    assert ("is a username" in error.message, error.code) == (True, "swapped-claims")


def test_a_refused_value_masks_nothing(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a file of common words, named as a username, would blot out what another environment's plan says."""
    refused(environment, "username", "destructive\nchannel.Web_Chat", monkeypatch)
    assert redactor.redact("destructive: channel.Web_Chat") == "destructive: channel.Web_Chat"
