"""Every cause of the chat's catalogue is found from the evidence for it, and says what to do."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.components.snapshot import Destinations, Flow, Queue
from provisioner.diagnosis.chat.causes import ORG_CAUSES
from provisioner.diagnosis.chat.diagnosis import diagnose
from provisioner.diagnosis.chat.evidence import ChatEvidence
from provisioner.diagnosis.findings import Verdict
from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis, judge_endpoint
from provisioner.jose.jwks_answer import Hop, JwksAnswer, NoAnswer
from provisioner.model.estate import Channel, Estate, Issuer, Key, Keyset, Removed, UploadedKeys
from provisioner.model.jwk import Jwk
from provisioner.planning.plan_input import PlanInput
from provisioner.salesforce.chat_answers import ChatAnswer, Kind, silence
from tests.diagnosis import chats
from tests.diagnosis.chats import UNREADABLE, authorized, channel, config, evidence, inputs, key, keyset, refused
from tests.jose.making import NOW, jwk_members, rsa_key

URL = "https://id.example.com/jwks.json"
AUTH = "v2/iamessage/AUTH/login/uid:uv-probe-1"
GUEST = "v2/iamessage/UNAUTH/NA/uid:5"


def served(answer: JwksAnswer | NoAnswer) -> dict[str, EndpointDiagnosis]:
    return {"web": judge_endpoint(URL, answer, NOW)}


def answer(body: object = None, status: int = 200, hops: tuple[Hop, ...] = (), **members: Any) -> JwksAnswer:
    """A JWKS of one key, unless there is a ``body``."""
    content = {"keys": [jwk_members(**members)]} if body is None else body
    return JwksAnswer(URL, (*hops, Hop(URL, "93.184.216.34", status)), status, {}, json.dumps(content).encode())


def no_answer(rule: str) -> NoAnswer:
    return NoAnswer(rule, "It gave no answer.", "Let it answer.", certain=False)


REDIRECT = (Hop("https://old.example.com/jwks.json", "93.184.216.34", 302),)


def by_endpoint(given: JwksAnswer | NoAnswer) -> ChatEvidence:
    return evidence(inputs(keysets={"web": keyset(url=URL)}), endpoints=served(given))


def let_in(subject: str) -> ChatAnswer:
    return ChatAnswer(Kind.GOOD, 200, "", {"context": {"endUser": {"subject": subject}}})


def declaring(name: str = "shop", *beside: str, **changes: Any) -> PlanInput:
    """The org as it is, and a declaration that lists a key in the keyset; ``changes`` are members of its JWK."""
    made = Jwk("shop-1", "RS256", *numbers(rsa_key()), ())
    names = (*beside, name)
    estate = Estate(
        keys={each: Key(each, None) for each in names},
        keysets={"web": Keyset("web", Issuer("https://id.example.com"), UploadedKeys(names))},
    )
    jwks = {**dict.fromkeys(beside, made), name: replace(made, **changes)}
    return replace(inputs(estate=estate), jwks=jwks)


def numbers(private: RSAPrivateKey) -> tuple[int, int]:
    public = private.public_key().public_numbers()
    return public.n, public.e


def declared(issuer: str) -> Estate:
    return Estate(
        keysets={"web": Keyset("web", Issuer(issuer), UploadedKeys(("shop",)))},
        channels={"Web_Chat": Channel("Web_Chat")},
    )


SHOP = "https://shop.example.com"
TOMBSTONE = Estate(removed=Removed(keys=("shop",)))
SWITCHED_OFF = Estate(keys={"shop": Key("shop", None, active=False)})
QUEUE = Queue(configured=True, takes_sessions=True, members=1)
CASES: list[tuple[str, str, ChatEvidence]] = [
    ("channel-unreadable", "certain", evidence(inputs(channels={"Web_Chat": UNREADABLE}))),
    ("channel-missing", "certain", evidence(inputs(channels={}))),
    (
        "channel-not-enhanced-chat", "certain",
        evidence(inputs(channels={"Web_Chat": chats.material.channel_file("", type_="Text")})),
    ),
    ("channel-inactive", "certain", evidence(inputs(active=False))),
    ("channel-unreadable", "possible", evidence(inputs(destinations=UNREADABLE))),
    ("queue-missing", "certain", evidence(chats.routed())),
    ("queue-without-routing", "certain", evidence(chats.routed(replace(QUEUE, configured=False)))),
    ("queue-not-for-messaging", "certain", evidence(chats.routed(replace(QUEUE, takes_sessions=False)))),
    ("queue-without-members", "certain", evidence(chats.routed(replace(QUEUE, members=0)))),
    ("queue-without-members", "possible", evidence(chats.routed(replace(QUEUE, members=0), Flow(True, True)))),
    ("flow-inactive", "certain", evidence(chats.routed(QUEUE, Flow(True, False)))),
    ("flow-not-for-routing", "certain", evidence(chats.routed(QUEUE, Flow(False, True)))),
    (
        "flow-missing", "certain",
        evidence(replace(chats.routed(QUEUE, Flow(True, True)), snapshot=replace(
            chats.routed(QUEUE, Flow(True, True)).snapshot, destinations=Destinations({"Support": QUEUE}, {})
        ))),
    ),
    ("origin-not-allowed", "likely", evidence(deployment="S", config=config(), origins={SHOP: None})),
    (
        "origin-not-allowed", "likely",
        evidence(deployment="S", config=config(), origins={SHOP: SHOP, "https://b.example": "https://a.example"}),
    ),
    (
        "origin-not-framed", "likely",
        evidence(deployment="S", config=config(), origins={SHOP: SHOP}, site=chats.site("'self'", "https://b.example")),
    ),
    ("site-unavailable", "likely", evidence(deployment="S", config=config(), site=chats.site(status=404))),
    ("site-unavailable", "possible", evidence(deployment="S", config=config(), site=chats.site(status=None))),
    (
        "verified-by-session", "certain",
        evidence(inputs(channels={"Web_Chat": channel("ExperienceSiteAuth")}), config=config("ExperienceSiteAuth")),
    ),
    ("verified-by-session", "certain", evidence(config=config("SalesforceSessionAuth"))),
    ("mode-unknown", "certain", evidence(inputs(channels={"Web_Chat": channel("Future")}), config=config("Future"))),
    ("verification-off", "certain", evidence(inputs(channels={"Web_Chat": channel("UnAuth")}))),
    (
        "verification-off", "certain",
        evidence(inputs(channels={"Web_Chat": UNREADABLE}), deployment="S", config=config("UnAuth")),
    ),
    (
        "no-active-configuration", "certain",
        evidence(inputs(channels={"Web_Chat": channel("Auth", authorized(enabled="false"))})),
    ),
    ("keyset-missing", "certain", evidence(inputs(keysets={}))),
    ("keyset-unreadable", "certain", evidence(inputs(keysets={"web": UNREADABLE}))),
    ("keyset-empty", "certain", evidence(inputs(keysets={"web": keyset(())}))),
    ("issuer-missing", "certain", evidence(inputs(keysets={"web": keyset(issuer=None)}))),
    ("issuer-differs", "likely", evidence(inputs(estate=declared("https://id.example.com/")))),
    ("key-differs", "likely", evidence(declaring(kid="shop-2"))),
    ("key-differs", "likely", evidence(declaring(n=numbers(rsa_key("another"))[0]))),
    ("key-differs", "likely", evidence(declaring(alg="RS512"))),
    ("key-not-in-keyset", "likely", evidence(declaring("new"))),
    ("key-not-in-keyset", "possible", evidence(declaring("new", "shop"))),
    ("key-missing", "certain", evidence(inputs(keys={}))),
    ("key-inactive", "certain", evidence(inputs(keys={"shop": key(active="false")}))),
    ("key-switched-off", "certain", evidence(inputs(keys={"shop": key(active="false")}, estate=SWITCHED_OFF))),
    ("key-switched-off", "certain", evidence(inputs(keys={"shop": key(active="false")}, estate=TOMBSTONE))),
    ("certificate-expired", "likely", evidence(inputs(keys={"shop": key(begins=-9, ends=-1)}))),
    ("certificate-not-yet-valid", "likely", evidence(inputs(keys={"shop": key(begins=1)}))),
    ("key-without-certificate", "likely", evidence(inputs(keys={"shop": key(x5c=None)}))),
    ("key-unreadable", "certain", evidence(inputs(keys={"shop": key(kty="EC")}))),
    ("endpoint-unreachable", "likely", by_endpoint(no_answer("endpoint-unreachable"))),
    ("endpoint-unreachable", "likely", by_endpoint(no_answer("keyset-endpoint-private-host"))),
    ("endpoint-refuses", "likely", by_endpoint(answer(status=401))),
    ("endpoint-redirects", "likely", by_endpoint(no_answer("endpoint-redirect"))),
    ("endpoint-redirects", "possible", by_endpoint(answer(hops=REDIRECT))),
    ("endpoint-not-jwks", "likely", by_endpoint(answer([]))),
    ("endpoint-no-usable-key", "likely", by_endpoint(answer(alg="ES256"))),
    ("endpoint-no-usable-key", "likely", by_endpoint(answer(kid=None))),
    (
        "issuer-shared", "possible",
        evidence(inputs(channels={"Web_Chat": channel("Auth", authorized("one"), authorized("two"))})),
    ),
    ("runtime-behind", "certain", evidence(deployment="S", config=config("UnAuth"))),
    (
        "runtime-behind", "certain",
        evidence(deployment="S", config=config(), probe=refused("… has no active AuthSchemes.")),
    ),
    ("deployment-on-another-channel", "certain", evidence(deployment="S", config=config(), address="a-2")),
    ("deployment-not-published", "certain", evidence(config=refused("… is not Published", 412))),
    ("deployment-not-found", "likely", evidence(config=refused("no", 404), deployments=("Shop_Web",))),
    ("config-refused", "likely", evidence(config=refused("who knows", 400))),
    ("rate-limited", "certain", evidence(config=ChatAnswer(Kind.BUSY, 429, "", {}))),
    ("chat-host-strange", "certain", evidence(config=ChatAnswer(Kind.STRANGE, 302, "", {}))),
    ("chat-host-unreachable", "certain", evidence(config=silence("No connection.", "unreachable"))),
    ("any-signature-accepted", "certain", evidence(config=config(), probe=let_in(AUTH))),
    ("refused-tokens-become-guests", "possible", evidence(config=config(), probe=let_in(GUEST))),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "confidence", "seen"), CASES, ids=[case[0] for case in CASES])
def test_a_cause_is_found_alone(cause: str, confidence: str, seen: ChatEvidence) -> None:
    diagnosis = diagnose(seen)
    found = [(each.cause, each.confidence.value) for each in diagnosis.findings]
    beside = [("channel-unreadable", "certain")] if seen.unreadable and cause != "channel-unreadable" else []
    assert found == [*beside, (cause, confidence)] or found == [(cause, confidence), *beside]
    finding = next(each for each in diagnosis.findings if each.cause == cause)
    assert finding.evidence
    assert finding.meaning
    assert finding.fix
    assert not any("{" in step.replace('{"keys"', "") for step in (finding.meaning, *finding.fix))


def test_a_key_with_a_successor_may_be_off() -> None:
    estate = Estate(keys={"old": Key("old", None, active=False)})
    keys = {"old": key(active="false"), "shop": key()}
    assert diagnose(evidence(inputs(keys, {"web": keyset(("old", "shop"))}, estate=estate))).findings == ()


def test_every_cause_of_the_catalogue_can_be_found() -> None:
    assert {cause.id for cause in ORG_CAUSES} == {case[0] for case in CASES}


def test_the_catalogue_names_only_what_is_filled_in() -> None:
    known = {"channel", "deployment", "environment", "chat_url", "thing"}
    for cause in ORG_CAUSES:
        for text in (cause.meaning, *cause.fix):
            assert set(re.findall(r"\{(\w+)\}", text)) <= known, cause.id


def test_in_order() -> None:
    for seen in (evidence(), by_endpoint(answer()), by_endpoint(answer(alg=None)), by_endpoint(answer(x5c=None))):
        diagnosis = diagnose(seen)
        assert (diagnosis.verdict, diagnosis.findings) == (Verdict.OK, ())


def test_certain_causes_and_the_host_come_first() -> None:
    everything = evidence(
        inputs(keys={"shop": key(active="false")}, active=False, channels={"Web_Chat": channel("UnAuth")}),
        config=ChatAnswer(Kind.STRANGE, 503, "", {}),
    )
    diagnosis = diagnose(everything)
    assert [each.cause for each in diagnosis.findings] == [
        "chat-host-strange", "channel-inactive", "verification-off", "key-inactive",
    ]  # fmt: skip
    assert [each.rank for each in diagnosis.findings] == [1, 2, 3, 4]
    assert diagnosis.verdict is Verdict.FAILING


def test_an_unreachable_host_is_the_last_verdict() -> None:
    silent = silence("No connection.", "unreachable")
    assert diagnose(evidence(config=silent)).verdict is Verdict.UNREACHABLE
    assert diagnose(evidence(inputs(active=False), config=silent)).verdict is Verdict.FAILING


def test_a_good_configuration_makes_other_defects_possible() -> None:
    two = inputs(
        keysets={"web": keyset(), "partner": keyset(("gone",), issuer="https://partner.example.com")},
        channels={"Web_Chat": channel("Auth", authorized(), authorized("partner", "partner"))},
    )
    diagnosis = diagnose(evidence(two))
    assert [(each.cause, each.confidence.value) for each in diagnosis.findings] == [("key-missing", "possible")]
    assert diagnosis.verdict is Verdict.OK


def test_an_unreadable_keyset_may_verify() -> None:
    two = inputs(
        keysets={"web": UNREADABLE, "partner": keyset(("gone",), issuer="https://partner.example.com")},
        channels={"Web_Chat": channel("Auth", authorized(), authorized("partner", "partner"))},
    )
    found = {each.cause: each.confidence.value for each in diagnose(evidence(two)).findings}
    assert found == {"keyset-unreadable": "certain", "key-missing": "possible"}


def test_what_is_declared_is_mended_by_applying() -> None:
    off = inputs(channels={"Web_Chat": channel("UnAuth")}, estate=declared("https://id.example.com"))
    assert diagnose(evidence(off)).findings[0].fix[0].endswith("provisioner apply --env sandbox")
    not_declared = inputs(channels={"Web_Chat": channel("UnAuth")})
    assert "apply" not in "".join(diagnose(evidence(not_declared)).findings[0].fix)


def test_a_redirecting_endpoint_is_fixed_by_its_target() -> None:
    seen = evidence(
        inputs(keysets={"web": keyset(url=URL)}, estate=declared("https://id.example.com")),
        endpoints=served(answer(hops=REDIRECT)),
    )
    assert diagnose(seen).findings[0].fix[0].endswith("provisioner apply --env sandbox")


@pytest.mark.parametrize(("ends", "expired"), [(-1, True), (0, False), (1, False)])
def test_a_certificate_verifies_to_its_last_second(ends: int, expired: bool) -> None:
    found = diagnose(evidence(inputs(keys={"shop": key(begins=-9, ends=ends)}))).findings
    assert ("certificate-expired" in [each.cause for each in found]) is expired
