"""The app of a login as values and as components: what is written is read, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provisioner.components import xml
from provisioner.components.login_app import (
    CERTIFICATE,
    FIELD,
    FIELDS,
    GATES,
    AppField,
    ObservedApp,
    is_consumer_key,
    read_values,
)
from provisioner.components.login_package import changed_app, new_app, new_consumer_key, permission_set
from provisioner.components.metadata import qualified
from provisioner.components.snapshot import Component
from provisioner.jose.certificates import der_of, fingerprint, pem_of
from provisioner.model.estate import KeyFile
from provisioner.model.login_types import CONNECTED_APP, GLOBAL, OAUTH, OAUTH_POLICY, PARTS
from provisioner.model.logins import (
    IP_POLICIES,
    PERMITTED_USERS,
    SCOPES,
    SESSION_LEVELS,
    AppType,
    DeclaredLogin,
    DeclaredPermissionSet,
    LoginApp,
)
from provisioner.salesforce.documents import as_document
from tests.localorg.material import certificate

PEM = certificate("first").public_bytes(Encoding.PEM)
DER = certificate("first").public_bytes(Encoding.DER)
LOGIN = DeclaredLogin(
    "ci",
    LoginApp(
        AppType.EXTERNAL,
        "CI",
        contact_email="a@example.com",
        certificate=KeyFile("ci.crt", "ci.crt", PEM),
        scopes=("api", "refresh_token"),
    ),
    gate="CI_Access",
)
_TEXT = st.text(st.characters(max_codepoint=0x2FF, categories=("L", "N", "P")), min_size=1, max_size=20)
_NAMES = st.lists(st.sampled_from(["A", "B_1", "Gate"]), min_size=1, unique=True).map(tuple)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "app.label": _TEXT,
    "app.contact_email": _TEXT,
    "app.description": _TEXT,
    "app.callback_url": _TEXT,
    "app.jwt_access_tokens": st.booleans(),
    "app.enabled": st.booleans(),
    "app.scopes": st.lists(st.sampled_from(sorted(SCOPES)), min_size=1, unique=True).map(tuple),
    "policy.permitted_users": st.sampled_from(sorted(PERMITTED_USERS)),
    "policy.ip": st.sampled_from(sorted(IP_POLICIES)),
    "policy.session_timeout_minutes": st.integers(1, 1440),
    "policy.session_level": st.sampled_from(sorted(SESSION_LEVELS)),
    "policy.refresh_token_hours": st.integers(0, 9000),
    "access.gate": _NAMES,
}


def test_every_field_has_values() -> None:
    assert set(VALUES) | {CERTIFICATE} == {field.path for field in FIELDS}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
@pytest.mark.parametrize("kind", list(AppType))
@given(data=st.data())
def test_what_is_written_is_read(field: AppField, kind: AppType, data: st.DataObject) -> None:
    lens = field.lens(kind)
    if lens is None:
        return
    root = xml.new_component(CONNECTED_APP if kind is AppType.CONNECTED else field.part)
    for _ in range(2):  # a second value takes the place of the first
        value = data.draw(VALUES[field.path]) if field.path in VALUES else DER
        lens.write(root, value)
        assert lens.read(root) == (fingerprint(DER) if field.path == CERTIFICATE else value)


def observed() -> ObservedApp:
    made = new_app(LOGIN, new_consumer_key())
    parts = {kind: Component(kind, name, root) for (kind, name), root in made.items()}
    return ObservedApp(AppType.EXTERNAL, "CI", parts)


def test_a_new_app_has_five_parts_in_the_order_of_the_schema() -> None:
    made = new_app(LOGIN, "k" * 79 + "1")
    assert [kind for kind, _ in made] == list(PARTS)
    for root in made.values():
        names = [xml.name_of(each) for each in root]
        assert names == sorted(names)
        assert len(set(names)) == len(names)
    values = read_values(observed(), {})
    assert values["policy.permitted_users"] == "admin_approved"
    assert values[CERTIFICATE] == fingerprint(DER)
    assert values[GATES] == ("CI_Access",)
    assert "consumerSecret" not in b"".join(map(etree.tostring, made.values())).decode()


def test_an_update_sends_all_that_was_read() -> None:
    app = observed()
    policy = app.parts[OAUTH_POLICY].xml
    xml.set_text(policy, "apexHandler", "Handler")
    xml.set_text(policy, "isNamedUserJwtEnabled", False)
    xml.set_text(app.parts[OAUTH].xml, "oauthLink", "00D:888")
    made = changed_app(LOGIN, app, {"policy.ip": "bypass", "app.scopes": ("api",)}, {})
    assert {kind for kind, _ in made} == {OAUTH_POLICY, OAUTH}
    sent = made[OAUTH_POLICY, app.parts[OAUTH_POLICY].full_name]
    assert xml.text_of(sent, "apexHandler") == "Handler"
    assert xml.child(sent, "isNamedUserJwtEnabled") is None, "an org of version 64.0 or later refuses it"
    assert xml.child(made[OAUTH, app.parts[OAUTH].full_name], "oauthLink") is None, "the org generates it"
    assert xml.text_of(policy, "ipRelaxationPolicyType") == "Enforce", "what was read is not edited"


def test_ids_of_permission_sets_are_sent_as_names() -> None:
    app = observed()
    FIELD[GATES].external.write(app.parts[OAUTH_POLICY].xml, ("0PS000000000001AAA",))
    names = {"0PS000000000001": "CI_Access"}
    assert read_values(app, names)[GATES] == ("CI_Access",)
    made = changed_app(LOGIN, app, {"policy.session_timeout_minutes": 30}, names)
    (sent,) = made.values()
    assert xml.text_of(sent, "commaSeparatedPermissionSet") == "CI_Access"


@pytest.mark.parametrize("shown", ["Placeholder", "[REDACTED]", "", "hidden123", "short1"])
def test_a_stand_in_is_no_consumer_key(shown: str) -> None:
    app = observed()
    xml.set_text(app.parts[GLOBAL].xml, "consumerKey", shown)
    assert app.consumer_key is None
    made = changed_app(LOGIN, app, {"app.callback_url": "https://x.example"}, {})
    (sent,) = made.values()
    assert xml.text_of(sent, "consumerKey") is None


def test_a_key_of_our_own_is_one() -> None:
    for _ in range(20):
        key = new_consumer_key()
        assert len(key) == 80
        assert is_consumer_key(key)


def test_a_consumer_secret_is_dropped_where_it_is_read() -> None:
    record = xml.new_component(CONNECTED_APP)
    holder = etree.SubElement(record, qualified("oauthConfig"))
    xml.set_text(holder, "consumerSecret", "a-secret-of-the-org-7182")
    xml.set_text(holder, "consumerKey", "a-key-1")
    document = as_document(CONNECTED_APP, record)
    assert b"a-secret-of-the-org-7182" not in etree.tostring(document)
    assert b"a-key-1" in etree.tostring(document)
    assert xml.text_of(holder, "consumerSecret") is not None, "the record itself is left as it is"


@given(st.binary(min_size=1, max_size=300))
def test_a_certificate_is_read_with_and_without_its_lines(der: bytes) -> None:
    pem = pem_of(der)
    assert der_of(pem) == der
    assert der_of("".join(pem.splitlines()[1:-1])) == der
    assert der_of(pem.replace("\n", "\r\n")) == der


def test_a_permission_set_keeps_what_is_not_a_permission() -> None:
    present = permission_set(DeclaredPermissionSet("P", None, ("ApiEnabled", "ViewSetup")), None)
    xml.set_text(present, "license", "X")
    changed = permission_set(DeclaredPermissionSet("P", None, ("ApiEnabled",)), present)
    assert xml.text_of(changed, "license") == "X"
    assert xml.text_of(changed, "label") == "P"
    assert [xml.text_of(each, "name") for each in xml.children(changed, "userPermissions")] == ["ApiEnabled"]
