"""What a proof and a diagnosis of the chat look like to a person, and to a program."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.diagnosis.chat.diagnosis import diagnose
from provisioner.diagnosis.chat.proof_words import Probed, words_of
from provisioner.report.chat_diagnosis import chat_json, chat_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.report.verify import verify_json, verify_view
from provisioner.salesforce.chat import ChatRequest, TokenEndpoint
from provisioner.salesforce.chat_answers import ChatAnswer, Kind, silence
from provisioner.salesforce.chat_proof import Control, Proof, Why, expected_subject
from tests.diagnosis.chats import authorized, channel, config, evidence, inputs, key, keyset, refused
from tests.report.golden import assert_golden, assert_golden_json

PROBED = Probed(
    "sandbox",
    "Web_Chat",
    "Shop_Web",
    "storefront_login",
    "https://acme--uat.sandbox.my.salesforce-scrt.com",
    "storefront_2026_11 (kid storefront-2026-11)",
)
EXPECTED = expected_subject("storefront_login", "uv-probe-1")
GUEST = "v2/iamessage/UNAUTH/NA/uid:6f0e"


def let_in(subject: str) -> ChatAnswer:
    return ChatAnswer(Kind.GOOD, 200, "", {"context": {"endUser": {"subject": subject}}}, 0.4)


def sent(*answers: tuple[str, ChatAnswer]) -> tuple[ChatRequest, ...]:
    path = "/iamessage/v1/authorization/authenticated/accessToken"
    return tuple(ChatRequest(purpose, "POST", path, answer, 0.25) for purpose, answer in answers)


NO = refused("JWT signature is invalid", 401)
GOOD = Proof(
    Why.VERIFIED,
    EXPECTED,
    TokenEndpoint.V1,
    let_in(EXPECTED),
    config(),
    Control.REFUSED,
    True,
    sent(
        ("public configuration", config()),
        ("exchange (v1)", let_in(EXPECTED)),
        ("negative control (v1)", NO),
        ("revoke (v1)", ChatAnswer(Kind.GOOD, 204, "", {})),
    ),
)


def bad(why: Why, answer: ChatAnswer, control: Control = Control.NOT_RUN, revoked: bool | None = None) -> Proof:
    steps = sent(("public configuration", config()), ("exchange (v1)", answer), ("negative control (v1)", NO))
    return replace(
        GOOD, why=why, answer=answer, control=control, revoked=revoked,
        sent=steps if why is Why.UNCONTROLLED else steps[:2],
    )  # fmt: skip


PROOFS = {
    "verified": GOOD,
    "verified, not revoked": replace(GOOD, revoked=False, config=config("UnAuth")),
    "the token was refused": bad(Why.REFUSED, NO),
    "no active configuration": bad(Why.REFUSED, refused("… has no active AuthSchemes.")),
    "the wrong endpoint": bad(Why.REFUSED, refused("Set the esDeveloperName to a deploymentType that's set to api")),
    "a guest": bad(Why.GUEST, let_in(GUEST)),
    "somebody else": bad(Why.OTHER_SUBJECT, let_in("v2/iamessage/AUTH/other/uid:uv-probe-1"), revoked=True),
    "any signature": bad(Why.ANY_SIGNATURE, let_in(EXPECTED), Control.ACCEPTED, True),
    "no clear control": bad(Why.UNCONTROLLED, let_in(EXPECTED), revoked=True),
    "too many requests": bad(Why.BUSY, ChatAnswer(Kind.BUSY, 429, "Too Many Requests", {})),
    "no answer": bad(Why.OUT_OF_REACH, silence("No connection to acme (refused).", "unreachable")),
}


def test_a_token_of_the_proof_expires_only_by_a_wrong_clock() -> None:
    late = replace(bad(Why.REFUSED, refused("JWT is expired", 401)), config=replace(config(), clock_offset=600.0))
    words = words_of(late, PROBED)
    assert words.next[0] == "Set the clock of this machine, and run the command again."
    assert "600 seconds ahead of this machine's" in words.meaning
    assert "token explain t.jwt" in words_of(late, replace(PROBED, token="t.jwt")).next[0]


def test_a_session_mode_of_the_runtime_is_noted() -> None:
    (note,) = words_of(replace(GOOD, config=config("SalesforceSessionAuth")), PROBED).notes
    assert note.startswith("The public configuration has the mode SalesforceSessionAuth")


def test_a_given_token_is_checked_part_by_part_next() -> None:
    explain = "provisioner token explain t.jwt --env sandbox"
    given = replace(PROBED, token="t.jwt")
    for proof in (bad(Why.REFUSED, NO), bad(Why.GUEST, let_in(GUEST))):
        assert f"{explain} --channel Web_Chat --live" in words_of(proof, given).next[0]
        assert "explain" not in " ".join(words_of(proof, PROBED).next)
    expired = bad(Why.REFUSED, refused("JWT is expired", 401))
    assert words_of(expired, given).next[0] == f"Look at the token: {explain}"


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof(name: str) -> None:
    assert_golden(f"verify/{name}.txt", terminal(verify_view(PROOFS[name], PROBED), Style(80)))
    assert_golden_json(f"verify/{name}.json", verify_json(PROOFS[name], PROBED))


@pytest.mark.parametrize("mode", ["UnAuth", "ExperienceSiteAuth", "SomethingNew"])
def test_verify_and_diagnose_name_one_cause_of_a_mode(mode: str) -> None:
    refusal = bad(Why.REFUSED, NO)
    meaning = words_of(replace(refusal, config=config(mode)), PROBED).meaning
    seen = evidence(inputs(channels={"Web_Chat": channel(mode)}), deployment="Shop_Web", config=config(mode))
    assert meaning.startswith(f"{diagnose(seen).findings[0].cause}: ")
    assert "{" not in meaning


DIAGNOSES = {
    "in order": evidence(deployment="Shop_Web", chat_url=PROBED.chat_url, config=config(), probe=NO),
    "no deployment was named": evidence(deployments=("Shop_Web", "Shop_App")),
    "verification is off": evidence(
        inputs(channels={"Web_Chat": channel("UnAuth", authorized(enabled="false"))}),
        deployment="Shop_Web", chat_url=PROBED.chat_url, config=config("UnAuth"),
    ),
    "several causes": evidence(
        inputs(keys={"shop": key(active="false")}, keysets={"web": keyset(("shop", "gone"))}, active=False),
        deployment="Shop_Web", chat_url=PROBED.chat_url, config=refused("Embedded Messaging Config is not Published"),
    ),
    "the host is out of reach": evidence(
        deployment="Shop_Web", chat_url=PROBED.chat_url, config=silence("No connection to acme.", "unreachable"),
    ),
    "an endpoint that nobody asked": evidence(
        inputs(keysets={"web": keyset(url="https://id.example.com/jwks.json")}), deployment="Shop_Web", config=config(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIAGNOSES)
def test_a_diagnosis(name: str) -> None:
    diagnosis = diagnose(DIAGNOSES[name])
    short = terminal(chat_view(diagnosis), Style(80))
    assert len(short.splitlines()) <= 10
    assert_golden(f"chat/{name}.txt", short)
    assert_golden_json(f"chat/{name}.json", chat_json(diagnosis))


def test_the_details_of_a_diagnosis() -> None:
    diagnosis = diagnose(DIAGNOSES["several causes"])
    assert_golden("chat/several causes, details.txt", terminal(chat_view(diagnosis, details=True), Style(80)))


def test_a_hosts_words_cannot_pass_for_ours() -> None:
    evil = "x\x1b[2J\nVerified: everything."
    proof = bad(Why.REFUSED, refused(evil))
    for text in (
        terminal(verify_view(proof, PROBED), Style(80, color=True)),
        terminal(chat_view(diagnose(evidence(deployment=evil, config=refused(evil, 404)))), Style(80)),
    ):
        assert "\x1b[2J" not in text
        assert "\nVerified" not in text
