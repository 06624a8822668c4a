"""The chat client: where tokens may go, what is sent, what an answer is taken for, and what counts as proven."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InputError, RefusedError
from provisioner.salesforce.chat import REQUESTS_AT_MOST, ChatRuntime, ChatSettings, TokenEndpoint
from provisioner.salesforce.chat_answers import ChatAnswer, Kind, silence, understand
from provisioner.salesforce.chat_hosts import declared_chat_host, derived_chat_host, require_chat_host
from provisioner.salesforce.chat_proof import Control, Proof, Why, expected_subject, offer, prove, unsigned_token
from provisioner.salesforce.clock import Clock, skew_of
from provisioner.secrets import Secret
from tests.salesforce.certificates import Authority
from tests.salesforce.conftest import Waits
from tests.salesforce.server import CUT, HTML_503, ORG_ID, Answer, ScriptedOrg, json_answer

CONFIG = "/embeddedservice/v1/embedded-service-config"
V2 = "/iamessage/api/v2/authorization/authenticated/access-token"
V1 = "/iamessage/v1/authorization/authenticated/accessToken"
V1_REVOKE = "/iamessage/v1/authorization/revokeToken"
WANTED = expected_subject("shop", "uv-probe-1")
GUEST = "v2/iamessage/UNAUTH/NA/uid:0"
AT_ZERO = Clock(now=lambda: 0.0)
TOKEN, BROKEN = Secret("eyJhbGciOiJSUzI1NiJ9.the.token"), Secret("eyJhbGciOiJSUzI1NiJ9.the.broken")


# -- where


@pytest.mark.parametrize(
    ("org", "chat"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce-scrt.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce-scrt.com"),
        ("https://ACME--UAT.sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce-scrt.com"),
        ("https://acme-dev-ed.develop.my.salesforce.com", "https://acme-dev-ed.develop.my.salesforce-scrt.com"),
        ("https://localhost:8443", "https://localhost:8443"),
    ],
)
def test_the_chat_host_follows_from_my_domain(org: str, chat: str) -> None:
    host = derived_chat_host(org)
    assert host.origin == chat
    assert require_chat_host(host) == chat


@pytest.mark.parametrize(
    "org",
    [
        "https://login.salesforce.com",
        "https://na1.salesforce.com",
        "https://acme.lightning.force.com",
        "https://acme.my.salesforce.com.example.com",
        "https://my.salesforce.com",
        "https://user@acme.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "acme.my.salesforce.com",
        "",
    ],
)
def test_no_chat_host_is_guessed(org: str) -> None:
    with pytest.raises(InputError) as caught:
        derived_chat_host(org)
    assert "chat_url" in caught.value.next


@pytest.mark.parametrize("url", ["http://chat.acme.com", "https://chat.acme.com/x", "chat.acme.com", "https://", "x"])
def test_a_declared_chat_host_is_an_https_origin(url: str) -> None:
    with pytest.raises(InputError):
        declared_chat_host(url)


@pytest.mark.parametrize("host", ["https://salesforce-scrt.com.evil.example", "https://evil-salesforce-scrt.com"])
def test_a_token_goes_only_where_it_belongs(host: str) -> None:
    declared = declared_chat_host(host)
    with pytest.raises(RefusedError) as caught:
        require_chat_host(declared, {"another.example"})
    assert f"--allow-chat-host {declared.host}" in caught.value.next
    assert require_chat_host(declared, {declared.host}) == host


# -- what is sent


@pytest.fixture
def runtime(scripted: ScriptedOrg, authority: Authority, waits: Waits) -> ChatRuntime:
    host = derived_chat_host(scripted.url)
    return ChatRuntime(ChatSettings(host, ORG_ID, "Shop_Web", authority.ca_bundle), waits.clock)


def jwt_like(**claims: Any) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({}, claims))
    return ".".join((*parts, "sig"))


def granted(subject: str, **more: Any) -> Answer:
    return json_answer({"accessToken": jwt_like(sub=subject), "lastEventId": "0", "context": {}, **more})


def test_both_endpoints_are_sent_their_own_names_and_no_others(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    runtime.config()
    runtime.exchange(TokenEndpoint.V2, TOKEN, "exchange")
    runtime.exchange(TokenEndpoint.V1, TOKEN, "exchange")
    config, v2, v1 = scripted.received
    assert config.path == f"{CONFIG}?orgId={ORG_ID[:15]}&esConfigName=Shop_Web&language=en_US"
    assert (v2.method, v2.path, json.loads(v2.body)) == ("POST", V2, {
        "orgId": ORG_ID[:15], "esDeveloperName": "Shop_Web", "capabilitiesVersion": "1", "platform": "Web",
        "authorizationType": "JWT", "customerIdentityToken": TOKEN.reveal(),
    })  # fmt: skip
    assert (v1.method, v1.path, json.loads(v1.body)) == ("POST", V1, {
        "orgId": ORG_ID[:15], "developerName": "Shop_Web", "capabilitiesVersion": "260",
        "authorizationType": "JWT", "customerIdentityToken": TOKEN.reveal(),
    })  # fmt: skip
    assert not any("Authorization" in each.headers for each in scripted.received)


def test_redirects_are_not_followed(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    scripted.always(V1, Answer("", 302, {"Location": f"{scripted.url}/elsewhere"}))
    answer = runtime.exchange(TokenEndpoint.V1, TOKEN, "exchange")
    assert (answer.kind, answer.status) == (Kind.STRANGE, 302)
    assert scripted.names() == [V1]


def test_a_command_sends_six_requests_and_no_more(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    for _ in range(REQUESTS_AT_MOST):
        runtime.config()
    with pytest.raises(RefusedError):
        runtime.config()
    assert scripted.count(CONFIG) == len(runtime.sent) == 6


@pytest.mark.parametrize("answer", [CUT, Answer("x" * 100, cut=10)])
def test_a_cut_connection_is_no_answer(scripted: ScriptedOrg, runtime: ChatRuntime, answer: Answer) -> None:
    scripted.always(CONFIG, answer)
    found = runtime.config()
    assert (found.kind, found.status) == (Kind.SILENT, None)
    assert found.words


# -- what an answer is taken for


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (200, '{"accessToken": "x"}', Kind.GOOD, ""),
        (204, "", Kind.GOOD, ""),
        (200, "<html><title>Login</title></html>", Kind.STRANGE, "a web page (Login)"),
        (200, "[]", Kind.STRANGE, "[]"),
        (400, '{"error": "BAD_REQUEST", "message": "Set the auth mode to false"}', Kind.REFUSED,
         "Set the auth mode to false"),
        (412, '{"text": "Embedded Messaging Config is not Published"}', Kind.REFUSED,
         "Embedded Messaging Config is not Published"),
        (401, '[{"errorCode": "INVALID_TOKEN", "message": "no"}]', Kind.REFUSED, "no"),
        (401, '[{"errorCode": "INVALID_TOKEN"}]', Kind.REFUSED, "INVALID_TOKEN"),
        (401, "", Kind.REFUSED, ""),
        (403, "plain  words", Kind.REFUSED, "plain words"),
        (403, "<html><title>Blocked</title></html>", Kind.STRANGE, "a web page (Blocked)"),
        (404, '{"message": 5}', Kind.REFUSED, '{"message": 5}'),
        (429, "", Kind.BUSY, ""),
        (500, '{"message": "Internal Server Error"}', Kind.STRANGE, "Internal Server Error"),
        (503, "<h1>Down</h1>", Kind.STRANGE, "<h1>Down</h1>"),
    ],
)  # fmt: skip
def test_kinds_and_words(status: int, body: str, kind: Kind, words: str) -> None:
    answer = understand(response(status, body), AT_ZERO)
    assert (answer.kind, answer.words) == (kind, words)


def response(status: int, body: str | bytes, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = body.encode() if isinstance(body, str) else body
    made.encoding = "utf-8"
    made.headers.update(headers)
    return made


@given(
    st.integers(100, 599),
    st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["accessToken", "context", "endUser", "subject", "embeddedServiceConfig", "message"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
    st.text(max_size=12),
)
def test_no_answer_is_too_strange(status: int, body: bytes, date: str) -> None:
    answer = understand(response(status, body, Date=date), AT_ZERO)
    assert isinstance(answer.subjects, tuple)
    assert (answer.auth_mode, answer.deployment_type, answer.channel_address) is not None


def test_the_subject_is_read_beside_the_token_and_in_it() -> None:
    beside = {"endUser": {"subject": WANTED}}
    assert understand(response(200, granted(WANTED).body), AT_ZERO).subjects == (WANTED,)
    both = granted(WANTED, context=beside)
    assert understand(response(200, both.body), AT_ZERO).subjects == (WANTED,)
    torn = granted(GUEST, context=beside)
    assert understand(response(200, torn.body), AT_ZERO).subjects == (WANTED, GUEST)


@given(st.floats(0, 4e9), st.integers(0, 4_000_000_000))
def test_the_clock_offset_is_that_of_a_login(now: float, told: int) -> None:
    clock, date = Clock(now=lambda: now), formatdate(told, usegmt=True)
    offset = understand(response(200, "{}", Date=date), clock).clock_offset
    assert offset == skew_of({"Date": date}, clock)
    assert offset is not None
    assert told <= now + offset <= told + 1, "the Date header has whole seconds"


@pytest.mark.parametrize("date", ["soon", "", "Thu, 99 Jan 1970 00:01:40 GMT"])
def test_a_strange_date_tells_no_clock_offset(date: str) -> None:
    assert understand(response(200, "{}", Date=date), AT_ZERO).clock_offset is None


# -- what is proven


def proof(runtime: ChatRuntime, endpoint: TokenEndpoint | None = None) -> Proof:
    return prove(runtime, TOKEN, BROKEN, expected=WANTED, endpoint=endpoint)


def by_token(good: Answer, broken: Answer) -> Callable[[Any], Answer]:
    return lambda received: good if TOKEN.reveal() in received.body else broken


REFUSED_401 = json_answer({"message": "no"}, 401)
WEB_CONFIG = json_answer({"embeddedServiceConfig": {"deploymentType": "Web"}})


def test_the_whole_way(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    scripted.always(CONFIG, WEB_CONFIG)
    scripted.judge(V1, by_token(granted(WANTED), REFUSED_401))
    scripted.always(V1_REVOKE, Answer("", 204))
    found = proof(runtime)
    assert (found.why, found.endpoint, found.control, found.revoked) == (
        Why.VERIFIED, TokenEndpoint.V1, Control.REFUSED, True,
    )  # fmt: skip
    assert scripted.names() == [CONFIG, V1, V1, V1_REVOKE]
    assert scripted.received[-1].headers["Authorization"] == f"Bearer {jwt_like(sub=WANTED)}"


def test_an_unchecked_signature_is_found_and_both_revoked(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    scripted.always(V2, granted(WANTED))
    found = proof(runtime)
    assert (found.why, found.control, found.revoked) == (Why.ANY_SIGNATURE, Control.ACCEPTED, True)
    assert [received.method for received in scripted.received] == ["GET", "POST", "POST", "DELETE", "DELETE"]


def test_two_accounts_of_the_subject_that_differ_prove_nothing(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    scripted.always(V2, granted(GUEST, context={"endUser": {"subject": WANTED}}))
    assert proof(runtime).why is Why.OTHER_SUBJECT


def test_an_outage_in_the_middle_is_tried_once_more(scripted: ScriptedOrg, runtime: ChatRuntime, waits: Waits) -> None:
    scripted.always(CONFIG, WEB_CONFIG)
    scripted.script(V1, HTML_503, granted(WANTED), HTML_503, HTML_503)
    found = proof(runtime)
    assert (found.why, found.control, found.revoked) == (Why.UNCONTROLLED, Control.NOT_RUN, False)
    assert len(scripted.received) <= REQUESTS_AT_MOST
    assert waits.slept


def test_a_host_out_of_reach_is_given_up_early(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    scripted.always(CONFIG, HTML_503)
    assert proof(runtime).why is Why.OUT_OF_REACH
    assert scripted.names() == [CONFIG, CONFIG]


ANSWERS = st.sampled_from(
    [
        understand(response(200, granted(WANTED).body), AT_ZERO),
        understand(response(200, granted(GUEST).body), AT_ZERO),
        understand(response(200, granted(WANTED.replace("shop", "other")).body), AT_ZERO),
        understand(response(200, WEB_CONFIG.body), AT_ZERO),
        understand(response(200, json.dumps({"embeddedServiceConfig": {"deploymentType": "api"}})), AT_ZERO),
        understand(response(200, "{}"), AT_ZERO),
        understand(response(204, ""), AT_ZERO),
        understand(response(400, '{"message": "a deploymentType that\'s set to api"}'), AT_ZERO),
        understand(response(401, '{"message": "no"}'), AT_ZERO),
        understand(response(429, ""), AT_ZERO),
        understand(response(503, "<html>"), AT_ZERO),
        silence("No connection.", "unreachable"),
    ]
)


class Playing(ChatRuntime):
    """Answers as a script says; sends nothing."""

    def __init__(self, answers: list[ChatAnswer]) -> None:
        clock = Clock(sleep=lambda _: None)
        super().__init__(ChatSettings(derived_chat_host("https://localhost"), ORG_ID, "Shop_Web"), clock)
        self.answers = answers

    def _answered(self, send: Callable[[], requests.Response]) -> ChatAnswer:
        return self.answers.pop(0) if self.answers else silence("No connection.", "unreachable")


@given(st.lists(ANSWERS, max_size=8), st.sampled_from([None, *TokenEndpoint]))
def test_whatever_a_host_answers_nothing_false_is_proven(
    answers: list[ChatAnswer], endpoint: TokenEndpoint | None
) -> None:
    playing = Playing(list(answers))
    found = proof(playing, endpoint)
    assert len(found.sent) <= REQUESTS_AT_MOST
    exchanges = [each for each in found.sent if each.purpose.startswith("exchange")]
    controls = [each for each in found.sent if each.purpose.startswith("negative control")]
    if found.verified:
        assert exchanges[-1].answer.subjects == (WANTED,)
        assert not any(each.answer.is_verified for each in controls)
        assert controls[-1].answer.kind in (Kind.REFUSED, Kind.GOOD)
    if any(each.answer.is_verified for each in controls):
        assert found.control is Control.ACCEPTED
    given = [each for each in (*exchanges, *controls) if each.answer.is_verified]
    assert (found.revoked is None) is (not given)


# -- without a key


def test_an_unsigned_token_that_is_let_in_is_revoked(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    token = unsigned_token(issuer="https://id.example.com", kid="k", algorithm="RS256", now=0.0)
    scripted.script(V2, json_answer({"message": "a deploymentType that's set to api"}, 400))
    scripted.always(V1, granted(WANTED))
    scripted.always(V1_REVOKE, Answer("", 204))
    assert offer(runtime, token, None).is_verified
    assert scripted.names() == [V2, V1, V1_REVOKE]


def test_settings_cut_the_org_id(scripted: ScriptedOrg, runtime: ChatRuntime) -> None:
    longer = ChatRuntime(replace(runtime.settings, org_id=ORG_ID), runtime.clock)
    longer.config()
    assert f"orgId={ORG_ID[:15]}&" in scripted.received[0].path
