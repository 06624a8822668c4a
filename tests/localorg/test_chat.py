"""The chat runtime beside the org: what it takes, what it refuses, and in which words where they are known."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
import requests

from provisioner.localorg import mend
from provisioner.localorg.layout import Layout
from tests.localorg import material
from tests.localorg.client import Client
from tests.localorg.material import authorization, channel_file, key_file, keyset_file

KEY, KEYSET, CHANNEL = "PublicKeyCertificate", "PublicKeyCertificateSet", "MessagingChannel"
ISSUER = "https://id.example.com/"
V1, V2 = "/iamessage/v1", "/iamessage/api/v2"
Break = Callable[..., None]


def provision(org: Client, *, embedded: str | None = None, **files: str) -> None:
    """One key in one keyset on both chat channels, verification on."""
    auth = f"<authMode>Auth</authMode>{authorization()}" if embedded is None else embedded
    whole = {
        f"{KEY}/k1": key_file(),
        f"{KEYSET}/web": keyset_file(["k1"]),
        f"{CHANNEL}/Web_Chat": channel_file(auth),
        **{name.replace("__", "/"): text for name, text in files.items()},
    }
    result = org.deploy({name: text for name, text in whole.items() if text})
    assert result["status"] == "Succeeded", result


def token(*, signer: str = "first", header: dict[str, Any] | None = None, alg: str = "RS256", **claims: Any) -> str:
    """An identity token; a claim or header of None is left out."""
    now = int(time.time())
    body = {"iss": ISSUER, "sub": "uv-probe-1", "exp": now + 300, "iat": now - 30, **claims}
    head = {"kid": "kid-1", **(header or {})}
    if head["kid"] is None:
        del head["kid"]
    present = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(present, material.private_key(signer, 2048), algorithm=alg, headers=head)


class Chat:
    """A plain client of the runtime."""

    def __init__(self, org: Client) -> None:
        self.org = org
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = org.connection.ca_bundle

    def ask(self, method: str, path: str, access: str | None = None, **more: Any) -> requests.Response:
        headers = {**more.pop("headers", {}), **({"Authorization": f"Bearer {access}"} if access else {})}
        return self.http.request(method, self.org.connection.chat_url + path, headers=headers, timeout=20, **more)

    def config(self, name: str = "Shop_Web", **changes: str) -> requests.Response:
        params = {"orgId": self.org.connection.org_id[:15], "esConfigName": name, "language": "en_US", **changes}
        return self.ask("GET", "/embeddedservice/v1/embedded-service-config", params=params)

    def v2(self, kind: str = "authenticated", identity: str | None = None, **changes: Any) -> requests.Response:
        body = {
            "orgId": self.org.connection.org_id[:15], "esDeveloperName": "Shop_Api", "capabilitiesVersion": "1",
            "platform": "Web", **self._identity(kind, identity), **changes,
        }  # fmt: skip
        return self.ask("POST", f"{V2}/authorization/{kind}/access-token", json=_present(body))

    def v1(self, kind: str = "authenticated", identity: str | None = None, **changes: Any) -> requests.Response:
        body = {
            "orgId": self.org.connection.org_id, "developerName": "Shop_Web", "capabilitiesVersion": "260",
            **self._identity(kind, identity), **changes,
        }  # fmt: skip
        return self.ask("POST", f"{V1}/authorization/{kind}/accessToken", json=_present(body))

    @staticmethod
    def _identity(kind: str, identity: str | None) -> dict[str, str]:
        if kind == "unauthenticated":
            return {}
        return {"authorizationType": "JWT", "customerIdentityToken": identity or token()}


def _present(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def subject(answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(jwt.decode(answer.json()["accessToken"], options={"verify_signature": False})["sub"])


@pytest.fixture
def chat(org: Client) -> Iterator[Chat]:
    made = Chat(org)
    yield made
    made.http.close()


def test_anybody_may_read_a_deployments_configuration(chat: Chat) -> None:
    config = chat.config().json()["embeddedServiceConfig"]
    assert (config["name"], config["deploymentType"]) == ("Shop_Web", "web")
    [channel] = chat.org.query("SELECT ChannelAddressIdentifier FROM MessagingChannel WHERE DeveloperName = 'Web_Chat'")
    assert config["embeddedServiceMessagingChannel"] == {
        "channelAddressIdentifier": channel["ChannelAddressIdentifier"], "authMode": "UnAuth",
        "esClientVersion": "WebV2",
    }  # fmt: skip
    provision(chat.org)
    assert chat.config().json()["embeddedServiceConfig"]["embeddedServiceMessagingChannel"]["authMode"] == "Auth"


def test_a_name_that_is_no_deployment(chat: Chat, broken: Break) -> None:
    for unknown in (chat.config("Nobody"), chat.config("Web_Chat"), chat.config(orgId="00D000000000000")):
        assert (unknown.status_code, unknown.content) == (400, b"")
    broken("chat-unknown-404")
    assert chat.config("Nobody").status_code == 404


def test_both_endpoints_give_the_documented_subject(chat: Chat) -> None:
    provision(chat.org)
    wanted = "v2/iamessage/AUTH/shop/uid:uv-probe-1"
    answer = chat.v2()
    assert subject(answer) == wanted
    assert answer.json()["context"]["endUser"]["subject"] == wanted
    assert answer.json()["context"]["configuration"]["embeddedServiceConfig"]["deploymentType"] == "api"
    older = chat.v1()
    assert (subject(older), older.json()["context"]) == (wanted, {})


@pytest.mark.parametrize("alg", ["RS256", "RS512"])
@pytest.mark.parametrize("served", [False, True])
def test_both_algorithms(chat: Chat, alg: str, served: bool) -> None:
    key = key_file(material.jwk(alg=alg))
    if not served:
        provision(chat.org, PublicKeyCertificate__k1=key)
        assert subject(chat.v2(identity=token(alg=alg))).endswith("uid:uv-probe-1")
        other = "RS512" if alg == "RS256" else "RS256"
        assert chat.v2(identity=token(alg=other)).status_code == 401
        return
    with Endpoint(chat, {"keys": [material.members(alg=alg, x5c=None)]}) as url:
        provision(chat.org, PublicKeyCertificateSet__web=keyset_file(endpoint=url))
        assert subject(chat.v2(identity=token(alg=alg))).endswith("uid:uv-probe-1")


def hs256(**claims: Any) -> str:
    body = {"iss": ISSUER, "sub": "uv-probe-1", "exp": int(time.time()) + 300, **claims}
    return jwt.encode(body, "a secret of 32 characters or more", algorithm="HS256", headers={"kid": "kid-1"})


def unsigned() -> str:
    parts = [{"alg": "none", "kid": "kid-1"}, {"iss": ISSUER, "sub": "x", "exp": int(time.time()) + 300}]
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join((*encoded, "eA"))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (lambda: token(signer="other"), "signature"),
        (lambda: token(header={"kid": "kid-2"}), "key is not found"),
        (lambda: token(header={"kid": None}), "key is not found"),
        (lambda: token(iss="https://id.example.com"), "issuer"),
        (lambda: token(iss="https://ID.example.com/"), "issuer"),
        (lambda: token(iss=None), "issuer"),
        (lambda: token(exp=int(time.time()) - 1), "expired"),
        (lambda: token(exp=None), "exp"),
        (lambda: token(sub=None), "sub"),
        (hs256, "algorithm"),
        (unsigned, "algorithm"),
        (lambda: "no token at all", "malformed"),
        (lambda: token() + "x", "signature"),
    ],
)
def test_tokens_that_are_refused(chat: Chat, bad: Callable[[], str], said: str) -> None:
    provision(chat.org)
    for answer in (chat.v2(identity=bad()), chat.v1(identity=bad())):
        assert answer.status_code == 401, answer.text
        assert said in answer.json()["message"]


def test_aud_and_typ_do_not_matter(chat: Chat, broken: Break) -> None:
    provision(chat.org)
    without = token(aud="anybody", header={"typ": None})
    assert subject(chat.v2(identity=without))
    broken("chat-typ-required")
    assert chat.v2(identity=without).status_code == 401
    assert subject(chat.v2())


def test_what_the_org_holds_decides(chat: Chat) -> None:
    provision(chat.org, PublicKeyCertificate__k1=key_file(active="false"))
    assert "key is not found" in chat.v2().json()["message"]
    provision(chat.org, embedded=f"<authMode>Auth</authMode>{authorization(enabled='false')}")
    answer = chat.v1(identity="not even looked at")
    assert (answer.status_code, answer.json()) == (
        400, {"message": "User verification configuration has no active AuthSchemes."},
    )  # fmt: skip
    provision(chat.org, embedded="<authMode>UnAuth</authMode>")
    assert chat.v2().status_code == 400
    assert subject(chat.v2("unauthenticated")).startswith("v2/iamessage/UNAUTH/NA/uid:")
    assert subject(chat.v1("unauthenticated")).startswith("v2/iamessage/UNAUTH/NA/uid:")


def test_guests_are_told_the_wrong_remedy(chat: Chat) -> None:
    provision(chat.org)
    for answer in (chat.v1("unauthenticated"), chat.v2("unauthenticated")):
        assert (answer.status_code, answer.json()) == (
            400, {"error": "BAD_REQUEST", "message": "Set the auth mode to false"},
        )  # fmt: skip


def test_each_endpoint_takes_its_own_deployments(chat: Chat, broken: Break) -> None:
    provision(chat.org)
    answer = chat.v2(esDeveloperName="Shop_Web")
    assert (answer.status_code, answer.json()["message"]) == (
        400, "Set the esDeveloperName to a deploymentType that's set to api",
    )  # fmt: skip
    assert chat.v1(developerName="Shop_Api").status_code == 400
    broken("chat-v1-takes-api")
    assert subject(chat.v1(developerName="Shop_Api"))


@pytest.mark.parametrize(
    "changes",
    [
        {"developerName": "Shop_Api"},
        {"platform": None},
        {"capabilitiesVersion": "260"},
        {"orgId": "00D000000000000"},
        {"esDeveloperName": "Nobody"},
        {"esDeveloperName": "Kiosk_Web"},
        {"authorizationType": "Saml"},
        {"customerIdentityToken": None},
    ],
)
def test_v2_is_strict(chat: Chat, changes: dict[str, Any]) -> None:
    provision(chat.org)
    assert chat.v2(**changes).status_code == 400


@pytest.mark.parametrize(
    "changes", [{"esDeveloperName": "Shop_Web"}, {"platform": "Web"}, {"context": {}}, {"capabilitiesVersion": "1"}]
)
def test_v1_is_strict(chat: Chat, changes: dict[str, Any]) -> None:
    provision(chat.org)
    assert chat.v1(**changes).status_code == 400


def test_a_channel_that_is_not_active_gives_no_tokens(chat: Chat) -> None:
    provision(chat.org)
    assert chat.v1("unauthenticated", developerName="Kiosk_Web").status_code == 400


def test_a_revoked_token_is_worth_nothing(chat: Chat) -> None:
    provision(chat.org)
    for endpoint, path, method in (
        (chat.v2, f"{V2}/authorization/authenticated/access-token", "DELETE"),
        (chat.v1, f"{V1}/authorization/revokeToken", "POST"),
    ):
        access = endpoint().json()["accessToken"]
        body = {"json": {"deregisterDevice": False}} if method == "POST" else {}
        assert chat.ask(method, path).status_code == 401
        assert chat.ask(method, path, access, **body).status_code == 204
        assert chat.ask(method, path, access, **body).status_code == 401
        assert chat.ask("GET", f"{V2}/conversation/list", access).status_code == 401


def test_another_tab_continues_as_the_same_customer(chat: Chat) -> None:
    provision(chat.org)
    access = chat.v2().json()["accessToken"]
    for path in (f"{V2}/authorization/continuation-access-token", f"{V1}/authorization/continuityAccessToken"):
        before, after = (
            jwt.decode(each, options={"verify_signature": False})
            for each in (access, chat.ask("GET", path, access).json()["accessToken"])
        )
        assert (before["sub"], before["exp"]) == (after["sub"], after["exp"])
        assert before["clientId"] != after["clientId"]


def test_conversations(chat: Chat) -> None:
    provision(chat.org)
    access, name = chat.v2().json()["accessToken"], str(uuid.uuid4())
    body = {"conversationId": name, "esDeveloperName": "Shop_Api"}
    refused = chat.ask("POST", f"{V2}/conversation", access, json={**body, "conversationId": "1"})
    assert (refused.status_code, refused.json()["message"]) == (400, "Specify the conversationId in UUID format.")
    assert chat.ask("POST", f"{V1}/conversation", access, json=body).status_code == 400
    assert chat.ask("POST", f"{V2}/conversation", access, json=body).status_code == 201
    assert chat.ask("POST", f"{V2}/conversation", access, json=body).status_code == 409
    listed = chat.ask("GET", f"{V2}/conversation/list", access).json()
    assert (listed["openConversationsFound"], listed["conversations"][0]["conversationId"]) == (1, name)
    assert chat.ask("DELETE", f"{V2}/conversation/{name}?esDeveloperName=Shop_Api", access).status_code == 204
    v1 = chat.ask("POST", f"{V1}/queries/conversation/list", access, json={"includeClosedConversations": True})
    assert (v1.json()["openConversationsFound"], len(v1.json()["conversations"])) == (0, 1)


def test_the_event_stream_wants_the_short_org_id(chat: Chat) -> None:
    provision(chat.org)
    access, org_id = chat.v2().json()["accessToken"], chat.org.connection.org_id
    path = "/eventrouter/v1/sse"
    assert chat.ask("GET", path, headers={"X-Org-Id": org_id[:15]}).status_code == 401
    refused = chat.ask("GET", path, access, headers={"X-Org-Id": org_id})
    assert (refused.status_code, refused.json()["message"]) == (400, "OrgId in the header and token must match")
    with chat.ask("GET", path, access, headers={"X-Org-Id": org_id[:15]}, stream=True) as taken:
        assert (taken.status_code, taken.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")


class Endpoint:
    """A JWKS endpoint on this machine; its certificate is the org's own."""

    def __init__(self, chat: Chat, document: Any, status: int = 200) -> None:
        body = json.dumps(document).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        layout = Layout.of(chat.org.directory)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(layout.server_certificate, layout.server_key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"https://localhost:{self._server.server_address[1]}/jwks.json"

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize(("document", "status"), [({"keys": []}, 200), ([], 200), ({"keys": [{}]}, 200), ({}, 404)])
def test_an_endpoint_that_serves_nothing_of_use(chat: Chat, document: Any, status: int) -> None:
    with Endpoint(chat, document, status) as url:
        provision(chat.org, PublicKeyCertificateSet__web=keyset_file(endpoint=url))
        assert "key is not found" in chat.v2().json()["message"]
    assert "key is not found" in chat.v2().json()["message"]


def test_a_served_key_needs_no_certificate_unless_it_does(chat: Chat, broken: Break) -> None:
    with Endpoint(chat, {"keys": [material.members(x5c=None)]}) as url:
        provision(chat.org, PublicKeyCertificateSet__web=keyset_file(endpoint=url))
        assert subject(chat.v2())
        broken("chat-x5c-required")
        assert chat.v2().status_code == 401


def test_an_expired_certificate_verifies_nothing(chat: Chat, broken: Break) -> None:
    provision(chat.org, PublicKeyCertificate__k1=key_file(material.jwk(days=20)))
    broken("clock-skew=600h")
    late = token(exp=int(time.time()) + 700 * 3600)
    assert chat.v2(identity=late).status_code == 401
    broken("chat-certificate-unchecked")
    assert subject(chat.v2(identity=late))


@pytest.mark.parametrize(
    ("word", "status", "body"),
    [
        ("unauthorized", 401, '{"message":"Unauthorized"}'),
        ("bad-request", 400, '{"error":"BAD_REQUEST","message":"JWT signature is invalid"}'),
        ("forbidden", 403, '{"message":"Forbidden"}'),
        ("error-array", 401, '[{"errorCode":"INVALID_TOKEN","message":"JWT signature is invalid"}]'),
        ("empty", 401, ""),
        ("text", 401, "JWT signature is invalid"),
        ("server-error", 500, '{"message":"Internal Server Error"}'),
    ],
)
def test_the_ways_of_refusing_a_token(chat: Chat, broken: Break, word: str, status: int, body: str) -> None:
    provision(chat.org)
    broken(f"chat-error-texts={word}")
    answer = chat.v2(identity=token(signer="other"))
    assert (answer.status_code, answer.text) == (status, body)


@pytest.mark.parametrize(("fault", "kind"), [("chat-answers-anon", "UNAUTH"), ("chat-answers-anon=anon", "ANON")])
def test_bad_tokens_that_become_guests(chat: Chat, broken: Break, fault: str, kind: str) -> None:
    provision(chat.org)
    broken(fault)
    assert subject(chat.v2(identity=token(signer="other"))).startswith(f"v2/iamessage/{kind}/NA/uid:")
    assert "/AUTH/" in subject(chat.v2())


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("other-configuration", "v2/iamessage/AUTH/other/uid:uv-probe-1"),
        ("other-user", "v2/iamessage/AUTH/shop/uid:somebody-else"),
        ("no-version", "iamessage/AUTH/shop/uid:uv-probe-1"),
    ],
)
def test_subjects_of_another_form(chat: Chat, broken: Break, word: str, wanted: str) -> None:
    provision(chat.org)
    broken(f"chat-wrong-subject={word}")
    assert subject(chat.v2()) == wanted


def test_signatures_that_nobody_checks(chat: Chat, broken: Break) -> None:
    provision(chat.org)
    broken("chat-accepts-any-signature")
    assert "/AUTH/" in subject(chat.v2(identity=token(signer="other")))


def test_an_unpublished_deployment(chat: Chat, broken: Break) -> None:
    broken("chat-unpublished")
    answer = chat.config()
    assert (answer.status_code, answer.json()) == (412, {"text": "Embedded Messaging Config is not Published"})
    assert chat.v1("unauthenticated").status_code == 412


def test_a_configuration_of_before_the_last_change(chat: Chat, broken: Break) -> None:
    provision(chat.org)
    broken("chat-config-cached")
    assert chat.config().json()["embeddedServiceConfig"]["embeddedServiceMessagingChannel"]["authMode"] == "UnAuth"
    assert subject(chat.v1())


def test_a_configuration_that_is_not_for_api_clients(chat: Chat, broken: Break) -> None:
    assert chat.config("Shop_Api").status_code == 200
    broken("chat-config-not-for-api")
    assert (chat.config("Shop_Api").status_code, chat.config().status_code) == (400, 200)


@pytest.mark.parametrize(("fault", "v1", "v2"), [("chat-revoke-fails", 500, 500), ("chat-revoke-fails=body", 400, 204)])
def test_tokens_that_cannot_be_revoked(chat: Chat, broken: Break, fault: str, v1: int, v2: int) -> None:
    provision(chat.org)
    broken(fault)
    old = chat.ask("POST", f"{V1}/authorization/revokeToken", chat.v1().json()["accessToken"],
                   json={"deregisterDevice": False})  # fmt: skip
    new = chat.ask("DELETE", f"{V2}/authorization/authenticated/access-token", chat.v2().json()["accessToken"])
    assert (old.status_code, new.status_code) == (v1, v2)


def test_too_many_token_requests(chat: Chat, broken: Break) -> None:
    broken("chat-rate-limited=1")
    assert [chat.v1("unauthenticated").status_code for _ in range(2)] == [429, 200]
    mend(chat.org.directory)
    statuses = {chat.v1("unauthenticated", platform="no").status_code for _ in range(2 * 200 + 2)}
    assert statuses == {400, 429}


def test_a_host_in_trouble(chat: Chat, broken: Break) -> None:
    broken("chat-html=502")
    assert (chat.config().status_code, chat.config().headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert chat.org.query("SELECT Id FROM Organization")
    mend(chat.org.directory)
    broken("chat-cut=1", "chat-slow=150ms")
    with pytest.raises(requests.ConnectionError):
        chat.config()
    begun = time.monotonic()
    assert chat.config().status_code == 200
    assert time.monotonic() - begun > 0.14


def test_deployments_can_be_listed(chat: Chat) -> None:
    rows = chat.org.query("SELECT DeveloperName FROM EmbeddedServiceConfig ORDER BY DeveloperName", tooling=True)
    assert [row["DeveloperName"] for row in rows] == ["App_Api", "Kiosk_Web", "Shop_Api", "Shop_App", "Shop_Web"]
