"""An editor with the YAML language server: it shows the mistakes that people make, completes, and explains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.report.editor_schema import FILE_SCHEMAS
from tests.conformance.yaml_language_server import LanguageServer, ServerUnavailableError, installed

pytestmark = pytest.mark.conformance

DECLARATION, ENVIRONMENT = "config/user-verification.yaml", "config/environments/uat.yaml"
LOGIN = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:KEY}
private_key: ${file:~/uat.key}
"""
#: What is wrong, the file, its text, and the line (from 0) that must be marked.
MISTAKES: dict[str, tuple[str, str, int]] = {
    "an algorithm that Salesforce does not verify": (
        DECLARATION, "version: 1\nkeys:\n  a:\n    certificate: a.crt\n    algorithm: RS384\n", 4),
    "an expiration of nothing": (
        DECLARATION, "version: 1\nchannels:\n  W:\n    token_expiration_minutes:\n      verified: 0\n", 4),
    "an expiration above 72 hours": (
        DECLARATION, "version: 1\nchannels:\n  W:\n    token_expiration_minutes:\n      unverified: 9999\n", 4),
    "an endpoint without TLS": (
        DECLARATION, "version: 1\nkeysets:\n  s:\n    endpoint: http://id.example.com/jwks\n", 3),
    "keys and an endpoint": (
        DECLARATION, "version: 1\nkeysets:\n  s:\n    endpoint: https://id.example.com/jwks\n    keys: [a]\n", 4),
    "a Configuration Name that begins with a digit": (
        DECLARATION, "version: 1\nchannels:\n W:\n  user_verification:\n   configurations:\n    1x: {keyset: s}\n", 5),
    "a field that does not exist": (DECLARATION, "version: 1\nkeysets:\n  s:\n    isuer: shop\n", 3),
    "an API name with a hyphen": (DECLARATION, "version: 1\nkeys:\n  a-b:\n    kid: a\n", 2),
    "a rule that does not exist": (
        DECLARATION, "version: 1\nignore:\n  - rule: no-such-rule\n    reason: x\n", 2),
    "a secret that is no reference": (
        ENVIRONMENT, LOGIN.replace("${file:~/uat.key}", "~/uat.key"), 3),
    "an org's id of another object": (ENVIRONMENT, LOGIN + "org_id: 0015g000000AbCd\n", 4),
    "a login beside a local org": (ENVIRONMENT, "embedded_org: ../../.localorg\nusername: a@b.c\n", 1),
}  # fmt: skip


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    try:
        program = installed()
    except ServerUnavailableError as error:
        pytest.skip(f"the YAML language server cannot be used: {error}")
    folder = tmp_path_factory.mktemp("schemas")
    globs = {"declaration": "**/user-verification.yaml", "environment": "**/environments/*.yaml"}
    schemas = {}
    for kind, glob in globs.items():
        path = folder / f"{kind}.json"
        path.write_text(json.dumps(FILE_SCHEMAS[kind]()))
        schemas[path.as_uri()] = glob
    with LanguageServer(program, schemas) as server:
        yield server


def labels(editor: LanguageServer, path: str, text: str) -> list[str]:
    """What is offered at the end of a text."""
    lines = text.split("\n")
    return [each["label"] for each in editor.completions(path, text, len(lines) - 1, len(lines[-1]))]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_shown_at_its_line(editor: LanguageServer, mistake: str) -> None:
    path, text, line = MISTAKES[mistake]
    marked = editor.diagnostics(path, text)
    assert line in {each["range"]["start"]["line"] for each in marked}, marked


def test_a_good_config_is_not_marked(editor: LanguageServer) -> None:
    example = Path(__file__).parents[2] / "config/user-verification.yaml"
    modeline, _, text = example.read_text("utf-8").partition("\n")
    assert "$schema" in modeline
    assert editor.diagnostics(DECLARATION, text) == []
    assert editor.diagnostics(ENVIRONMENT, LOGIN) == []
    variables = "version: 1\nchannels: {W: {token_expiration_minutes: {verified: '${var:minutes}'}}}\n"
    assert editor.diagnostics(DECLARATION, variables) == []


def test_an_empty_environment_is_offered_its_fields(editor: LanguageServer) -> None:
    offered = labels(editor, ENVIRONMENT, "")
    assert {"login_url", "username", "embedded_org", "login by JWT"} <= set(offered)
    assert "keysets" not in offered


def test_an_empty_declaration_is_offered_its_fields(editor: LanguageServer) -> None:
    offered = labels(editor, DECLARATION, "")
    assert {"version", "keys", "keysets", "channels"} <= set(offered)
    assert "login_url" not in offered


def test_a_half_written_environment_is_told_the_rest(editor: LanguageServer) -> None:
    marked = editor.diagnostics(ENVIRONMENT, "login_url: https://acme.my.salesforce.com\n")
    assert sorted(each["message"] for each in marked) == [
        'Missing property "consumer_key".', 'Missing property "private_key".', 'Missing property "username".',
    ]  # fmt: skip


def test_values_and_entries_are_offered(editor: LanguageServer) -> None:
    assert labels(editor, DECLARATION, "version: 1\nkeys:\n  a:\n    algorithm: ") == ["RS256", "RS512"]
    assert "a key from a certificate" in labels(editor, DECLARATION, "version: 1\nkeys:\n  ")
    assert "keyset-endpoint-on-salesforce" in labels(editor, DECLARATION, "version: 1\nignore:\n  - rule: ")


def test_a_field_is_explained(editor: LanguageServer) -> None:
    text = "version: 1\nkeys:\n  a:\n    algorithm: RS256\n"
    shown = editor.hover(DECLARATION, text, 3, 6)
    assert shown.startswith("#### Algorithm")
    assert "RS256 (default) or RS512" in shown
    assert "||" not in shown
