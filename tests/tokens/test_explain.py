"""Every question of Salesforce's page, answered yes, no, or "cannot be known"; and what is not refused but hurts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from provisioner.components.snapshot import Unreadable
from provisioner.model.types import MetadataType
from provisioner.model.verification import KnownConfiguration, KnownKeyset
from provisioner.tokens.check import CheckId
from provisioner.tokens.explain import Explanation, explain
from provisioner.tokens.verification_state import NO_DECLARATION, ServedKeys, VerificationState
from tests.jose import making as keys
from tests.jose.making import NOW, other, rsa_key
from tests.tokens.making import (
    ISSUER,
    STATE,
    TIME,
    encoded,
    explained,
    jwk_of,
    message,
    not_ok,
    signed,
    statuses,
    token,
    with_channel,
    with_key,
    with_keyset,
)

ALL = [
    *("structure", "alg", "typ", "kid", "kid-known", "iss", "iss-known", "sub", "exp", "expired", "signature"),
    *("key-active", "certificate-valid", "keyset-on-channel", "configuration-active", "endpoint-serves-kid"),
]
HANGING_ON_KID_KNOWN = {"signature": "unknown", "key-active": "unknown", "certificate-valid": "unknown"}
HANGING_ON_KID = {**HANGING_ON_KID_KNOWN, "kid-known": "unknown"}


def test_a_sound_token_is_accepted() -> None:
    explanation = explained(token())
    assert list(statuses(explanation)) == ALL
    assert not_ok(explanation) == {}
    assert explanation.accepted is True
    assert explanation.notes == ()
    assert explanation.recognised is None


def test_without_a_channel_any_channel_will_do() -> None:
    assert explained(token(), channel=None).accepted is True


@pytest.mark.parametrize(
    "wrapped", [b"Bearer %s", b"  bearer\t%s\n", b'"%s"', b"\xef\xbb\xbf%s\r\n", b"Authorization: Bearer %s"]
)
def test_what_stands_around_it_is_dropped(wrapped: bytes) -> None:
    assert explained(wrapped % token()).accepted is True


def test_what_salesforces_own_tool_prints_is_read() -> None:
    assert explained(b"reading Resource path\nJWT : " + token() + b"\n").accepted is True
    assert explained(token().decode().encode("utf-16")).accepted is True


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # header
        (token(header={"typ": None}), {"typ": "unknown"}),
        (token(header={"typ": "jwt"}), {"typ": "unknown"}),
        (token(header={"typ": 3}), {"typ": "unknown"}),
        (token(header={"kid": None}), {"kid": "failed", **HANGING_ON_KID}),
        (token(header={"kid": ""}), {"kid": "failed", **HANGING_ON_KID}),
        (token(header={"kid": 7}), {"kid": "failed", **HANGING_ON_KID}),
        (token(header={"kid": "shop"}), {"kid-known": "failed", **HANGING_ON_KID_KNOWN}),
        (token(header={"kid": "loose-1"}), {"kid-known": "failed", **HANGING_ON_KID_KNOWN}),
        (token(alg="RS384"), {"alg": "failed", "signature": "unknown"}),
        (token(alg="PS256"), {"alg": "failed", "signature": "unknown"}),
        (token(alg="HS256", key="0" * 40), {"alg": "failed", "signature": "unknown"}),
        (token(alg="RS512"), {"alg": "unknown"}),
        (token(header={"alg": None}), {"alg": "failed", "signature": "unknown"}),
        (token(header={"crit": ["exp"]}), {"structure": "unknown"}),
        # claims
        (token({"iss": None}), {"iss": "failed", "iss-known": "unknown"}),
        (token({"iss": 5}), {"iss": "failed", "iss-known": "unknown"}),
        (token({"iss": ""}), {"iss": "failed", "iss-known": "unknown"}),
        (token({"iss": ISSUER + "/"}), {"iss-known": "failed"}),
        (token({"sub": None}), {"sub": "failed"}),
        (token({"sub": ""}), {"sub": "failed"}),
        (token({"sub": 17}), {"sub": "failed"}),
        (token({"sub": " customer"}), {"sub": "unknown"}),
        (token({"sub": "auth0|1"}), {"sub": "unknown"}),
        (token({"sub": "a/b"}), {"sub": "unknown"}),
        (token({"sub": "a\u202eb"}), {"sub": "unknown"}),
        (token({"sub": "x" * 300}), {"sub": "unknown"}),
        (token({"exp": None}), {"exp": "failed", "expired": "unknown"}),
        (token({"exp": str(TIME + 300)}), {"exp": "failed", "expired": "unknown"}),
        (token({"exp": True}), {"exp": "failed", "expired": "unknown"}),
        (token({"exp": (TIME + 300) * 1000}), {"exp": "unknown", "expired": "unknown"}),
        (token({"exp": TIME + 90 * 86400}), {"exp": "unknown"}),
        (token({"exp": TIME - 1}), {"expired": "failed"}),
        (token({"exp": TIME}), {"expired": "failed"}),
        (token({"exp": TIME + 0.5}), {}),
        (token({"exp": -5}), {"expired": "failed"}),
        # signature
        (token(key=rsa_key("other")), {"signature": "failed"}),
        (token(key=rsa_key("stranger")), {"signature": "failed"}),
        (token()[:-4] + b"AAAA", {"signature": "failed"}),
        (token() + b"AAAA", {"signature": "failed"}),
    ],
)  # fmt: skip
def test_each_fault_is_found_and_nothing_else(content: bytes, expected: dict[str, str]) -> None:
    explanation = explained(content)
    assert not_ok(explanation) == expected
    assert explanation.accepted is (False if "failed" in expected.values() else None if expected else True)


@pytest.mark.parametrize(
    "content",
    [
        token().replace(b".", b"=.", 1),
        token()[:400] + b"\n" + token()[400:],
        token().rpartition(b".")[0] + b".",
        token().rpartition(b".")[0] + b".!!!",
        signed(b"not json", b"{}", rsa_key()),
        signed([], {}, rsa_key()),
        signed({"alg": "RS256"}, "text", rsa_key()),
        signed({"alg": "RS256"}, b"\xff\xfe", rsa_key()),
        signed({"alg": "RS256"}, b'{"exp": 1e999}', rsa_key()),
        b"..",
        b"",
        b"a.b",
        b"a.b.c.d",
        b"\xff\xff\xff",
    ],
)
def test_a_broken_structure_is_refused(content: bytes) -> None:
    explanation = explained(content)
    assert statuses(explanation)["structure"] == "failed"
    assert list(statuses(explanation)) == ALL
    assert explanation.accepted is False


def test_members_that_stand_twice_are_left_to_chance() -> None:
    head = {"alg": "RS256", "typ": "JWT", "kid": "shop-1"}
    payload = b'{"iss":"%s","sub":"a","exp":%d,"sub":"b","iat":1}' % (ISSUER.encode(), TIME + 300)
    assert not_ok(explained(signed(head, payload, rsa_key()))) == {"structure": "unknown"}


class TestTheFixIsTheRightOne:
    def test_the_kid_of_the_key_that_really_signed(self) -> None:
        for header in ({"kid": None}, {"kid": "shop"}):
            assert 'kid": "shop-1"' in message(explained(token(header=header)), CheckId.KID) or (
                '"shop-1"' in message(explained(token(header=header)), CheckId.KID_KNOWN)
            )

    def test_an_api_name_is_no_kid(self) -> None:
        said = message(explained(token(header={"kid": "shop"}, key=rsa_key("stranger"))), CheckId.KID_KNOWN)
        assert "API name" in said

    def test_a_kid_that_differs_in_case(self) -> None:
        said = message(explained(token(header={"kid": "Shop-1"}, key=rsa_key("stranger"))), CheckId.KID_KNOWN)
        assert "differs only in case" in said

    def test_a_key_outside_of_the_keyset_is_named(self) -> None:
        said = message(explained(token(header={"kid": "loose-1"}, key=rsa_key("other"))), CheckId.KID_KNOWN)
        assert "key.loose" in said
        assert "keyset.web" in said

    def test_the_key_that_signed_instead_is_named(self) -> None:
        said = message(explained(token(key=rsa_key("other"))), CheckId.SIGNATURE)
        assert "key.spare" in said
        assert "key.shop" in said

    def test_a_signature_of_another_length_says_so(self) -> None:
        said = message(explained(token(key=rsa_key("small", 1024))), CheckId.SIGNATURE)
        assert "128 bytes" in said

    def test_a_signature_that_was_cut_is_called_so(self) -> None:
        said = message(explained(token()[:-20]), CheckId.SIGNATURE)
        assert "cut short: it has 241 bytes, and key.shop makes 256" in said
        assert "another private key" not in said

    def test_the_issuers_difference_is_named(self) -> None:
        said = message(explained(token({"iss": ISSUER + "/"})), CheckId.ISS_KNOWN)
        assert "slash" in said
        assert "keyset.web" in said

    def test_every_failure_says_what_to_do(self) -> None:
        for content in (
            token({"iss": "x"}),
            token(key=rsa_key("other")),
            token({"exp": 1}),
            b"junk",
            token({"sub": ""}),
        ):
            failures = [check for check in explained(content).checks if check.status.value == "failed"]
            assert failures
            assert all(check.fix for check in failures)


class TestKeys:
    def test_an_inactive_key(self) -> None:
        assert not_ok(explained(token(), with_key(active=False))) == {"key-active": "failed"}

    @pytest.mark.parametrize(
        "dates",
        [
            {"ends": NOW - timedelta(days=1), "begins": NOW - timedelta(days=9)},
            {"begins": NOW + timedelta(days=1), "ends": NOW + timedelta(days=9)},
        ],
    )
    def test_a_certificate_that_is_not_valid_now(self, dates: dict[str, Any]) -> None:
        state = with_key(jwk=jwk_of(keys.certificate(rsa_key(), **dates)))
        assert not_ok(explained(token(), state)) == {"certificate-valid": "failed"}

    def test_a_key_without_a_certificate_is_not_known_to_work(self) -> None:
        assert not_ok(explained(token(), with_key(jwk=jwk_of(x5c=())))) == {"certificate-valid": "unknown"}

    def test_a_key_that_cannot_be_read_is_not_known(self) -> None:
        assert not_ok(explained(token(), with_key(jwk=None))) == {"kid-known": "unknown", **HANGING_ON_KID_KNOWN}

    def test_of_two_keys_with_one_kid_the_verifying_one_counts(self) -> None:
        state = with_key(with_key(name="spare", jwk=jwk_of(other(), "shop-1")), active=False)
        assert not_ok(explained(token(), state)) == {"key-active": "failed"}
        assert not_ok(explained(token(key=rsa_key("other")), state)) == {}


class TestChannels:
    def test_a_keyset_that_is_not_on_the_channel(self) -> None:
        expected = {"keyset-on-channel": "failed", "configuration-active": "unknown"}
        assert not_ok(explained(token(), channel="App_Chat")) == expected

    def test_a_configuration_that_is_switched_off(self) -> None:
        state = with_channel(configurations=(KnownConfiguration("login", "web", False),))
        assert not_ok(explained(token(), state)) == {"configuration-active": "failed"}

    def test_verification_that_is_switched_off(self) -> None:
        assert not_ok(explained(token(), with_channel(enabled=False))) == {"configuration-active": "failed"}

    def test_what_the_declaration_does_not_manage_is_not_known(self) -> None:
        assert not_ok(explained(token(), with_channel(enabled=None))) == {"configuration-active": "unknown"}
        unmanaged = explained(token(), with_channel(configurations=None))
        assert not_ok(unmanaged) == {"keyset-on-channel": "unknown", "configuration-active": "unknown"}

    def test_no_channel_at_all_is_not_known_unless_the_org_has_none(self) -> None:
        alone = replace(STATE, channels={})
        expected = {"keyset-on-channel": "unknown", "configuration-active": "unknown"}
        assert not_ok(explained(token(), alone, channel=None)) == expected
        whole = explained(token(), replace(alone, complete=True), channel=None)
        assert not_ok(whole) == {"keyset-on-channel": "failed", "configuration-active": "unknown"}

    def test_of_two_keysets_with_one_issuer_the_channels_own_counts(self) -> None:
        twin = KnownKeyset("twin", ISSUER, ("spare",))
        state = replace(STATE, keysets={"twin": twin, **STATE.keysets})
        assert not_ok(explained(token(), state)) == {}


class TestEndpoints:
    URL = "https://id.example.com/jwks"

    def state(self, served: ServedKeys | None) -> VerificationState:
        state = with_keyset(keys=(), endpoint=self.URL)
        return replace(state, served={self.URL: served} if served is not None else {})

    def test_an_endpoint_that_was_not_asked_is_not_known(self) -> None:
        expected = {"kid-known": "unknown", "endpoint-serves-kid": "unknown", **HANGING_ON_KID_KNOWN}
        assert not_ok(explained(token(), self.state(None))) == expected

    def test_an_endpoint_that_serves_the_key(self) -> None:
        assert not_ok(explained(token(), self.state(ServedKeys((jwk_of(),))))) == {}
        bare = explained(token(), self.state(ServedKeys((jwk_of(x5c=()),))))
        assert not_ok(bare) == {"certificate-valid": "unknown"}

    def test_an_endpoint_that_serves_another_kid(self) -> None:
        explanation = explained(token(), self.state(ServedKeys((jwk_of(kid="old"),))))
        expected = {"kid-known": "failed", "endpoint-serves-kid": "failed", **HANGING_ON_KID_KNOWN}
        assert not_ok(explanation) == expected
        assert '"old"' in message(explanation, CheckId.ENDPOINT_SERVES_KID)

    def test_an_endpoint_that_fails_for_salesforce_too(self) -> None:
        explanation = explained(token(), self.state(ServedKeys((), "It answers with HTTP 401.", "Open it.")))
        assert statuses(explanation)["endpoint-serves-kid"] == "failed"

    def test_an_endpoint_that_only_we_cannot_reach_is_not_known(self) -> None:
        explanation = explained(token(), self.state(ServedKeys((), "Not found.", None, certain=False)))
        expected = {"kid-known": "unknown", "endpoint-serves-kid": "unknown", **HANGING_ON_KID_KNOWN}
        assert not_ok(explanation) == expected


class TestAKidThatCannotBeLookedUp:
    IDP = KnownKeyset("auth0", "https://t/", endpoint="https://t/.well-known/jwks.json")

    @pytest.mark.parametrize("iss", ["https://t", None, 5])
    def test_where_endpoints_were_not_asked_it_is_unknown(self, iss: object) -> None:
        """Without a keyset of the issuer, the key may be at any endpoint."""
        state = replace(STATE, keysets={"auth0": self.IDP})
        found = statuses(explained(token({"iss": iss}, {"kid": "K"}), state, channel=None))
        assert found["kid-known"] == "unknown"

    def test_a_wrong_issuer_is_the_one_failure(self) -> None:
        """Which keyset must know the kid is settled by the issuer; "upload that key" would be no cure."""
        asked = replace(STATE, keysets={"auth0": self.IDP}, served={self.IDP.endpoint: ServedKeys((jwk_of(),))})
        for state in (asked, STATE):
            found = explained(token({"iss": "https://t"}, {"kid": "K"}), state, channel=None)
            assert [name for name, status in statuses(found).items() if status == "failed"] == ["iss-known"]
            assert "upload that key" not in message(found, CheckId.KID_KNOWN)
            assert "iss-known" in message(found, CheckId.KID_KNOWN)

    def test_in_an_org_that_was_read_whole_it_is_a_second_failure(self) -> None:
        """There, no keyset whatever has such a key; one endpoint that was not asked makes that unknown."""
        whole = replace(STATE, complete=True)
        found = explained(token({"iss": "https://t"}, {"kid": "K"}), whole, channel=None)
        assert statuses(found)["kid-known"] == "failed"
        unasked = replace(whole, keysets={**whole.keysets, "auth0": self.IDP})
        found = explained(token({"iss": "https://t"}, {"kid": "K"}), unasked, channel=None)
        assert statuses(found)["kid-known"] == "unknown"

    def test_a_kid_that_leads_to_a_keyset_is_known_all_the_same(self) -> None:
        assert statuses(explained(token({"iss": "https://t"})))["kid-known"] == "ok"

    def test_with_the_right_issuer_a_kid_that_nobody_has_fails(self) -> None:
        assert statuses(explained(token(header={"kid": "K"})))["kid-known"] == "failed"


class TestAnOrgThatHidesThings:
    HIDDEN = Unreadable("INSUFFICIENT_ACCESS.", "Configure Messaging")

    def hiding(self, kind: MetadataType, **changes: Any) -> VerificationState:
        return replace(STATE, complete=True, unreadable={kind: self.HIDDEN}, **changes)

    def test_what_is_hidden_is_never_called_missing(self) -> None:
        channels = explained(token(), self.hiding(MetadataType.CHANNEL, channels={}), channel=None)
        assert statuses(channels)["keyset-on-channel"] == "unknown"
        keysets = explained(token(), self.hiding(MetadataType.KEYSET, keysets={}), channel=None)
        assert statuses(keysets)["iss-known"] == "unknown"
        keys_ = explained(token(), self.hiding(MetadataType.KEY, keys={}))
        assert statuses(keys_)["kid-known"] == "unknown"
        assert "Configure Messaging" in message(keys_, CheckId.KID_KNOWN)
        assert channels.accepted is keysets.accepted is keys_.accepted is None

    def test_what_is_seen_all_the_same_counts(self) -> None:
        assert explained(token(), self.hiding(MetadataType.CHANNEL)).accepted is True


@pytest.mark.parametrize(
    ("claims", "header", "note"),
    [
        ({"exp": TIME + 2 * 3600}, {}, "life-longer-than-session"),
        ({"aud": "https://acme.my.salesforce-scrt.com"}, {}, "aud-present"),
        ({"iat": None}, {}, "no-iat"),
        ({"iat": TIME + 600, "exp": TIME + 900}, {}, "iat-in-the-future"),
        ({"nbf": TIME + 600}, {}, "nbf-in-the-future"),
        ({"nbf": "now"}, {}, "nbf-no-number"),
        ({}, {"jku": "https://evil.example.com"}, "key-in-header"),
        ({"blob": "x" * 9000}, {}, "large"),
    ],
)
def test_what_hurts_is_noted_and_refuses_nothing(claims: dict[str, Any], header: dict[str, Any], note: str) -> None:
    explanation = explained(token(claims, header))
    assert [each.id for each in explanation.notes] == [note]
    assert explanation.accepted is True


def test_a_channel_that_is_not_active_is_noted() -> None:
    assert [each.id for each in explained(token(), with_channel(active=False)).notes] == ["channel-inactive"]


def test_expirations_that_are_no_number_are_no_reason_to_fail() -> None:
    assert explained(token(), with_channel(verified_minutes="an hour")).accepted is True


def test_sentences_show_only_iss_and_times() -> None:
    secret = "customer-4711@private.example"
    claims = {"sub": f" {secret}|", "email": secret, "aud": secret, "exp": TIME + 7200, "name": {"deep": [secret]}}
    for content in (token(claims), token({**claims, "iss": None}), token({**claims, "sub": 3}, key=rsa_key("other"))):
        explanation = explained(content)
        said = repr([explanation.checks, explanation.notes, explanation.recognised])
        assert "4711" not in said
        assert content.decode() not in said


def test_an_unsigned_token_is_not_let_through() -> None:
    content = encoded(b'{"alg":"none","typ":"JWT","kid":"shop-1"}') + b"." + token().split(b".")[1] + b"."
    explanation = explained(content)
    assert {name for name, status in statuses(explanation).items() if status == "failed"} == {"structure", "alg"}
    assert statuses(explanation)["signature"] == "unknown"


def test_a_secret_made_of_the_public_key_is_not_let_through() -> None:
    """Key confusion: HS256 with the public key's PEM as its secret."""
    pem = keys.public_pem()
    import hashlib
    import hmac

    signing_input = encoded(b'{"alg":"HS256","typ":"JWT","kid":"shop-1"}') + b"." + token().split(b".")[1]
    content = signing_input + b"." + encoded(hmac.new(pem, signing_input, hashlib.sha256).digest())
    assert not_ok(explained(content)) == {"alg": "failed", "signature": "unknown"}


def nowhere(content: bytes) -> Explanation:
    """Return the explanation without an environment."""
    return explain(content, NO_DECLARATION, None, NOW)


def test_without_an_environment_nothing_is_called_missing() -> None:
    explanation = nowhere(token())
    assert explanation.accepted is None
    assert set(not_ok(explanation)) == {
        *("iss-known", "kid-known", "signature", "key-active", "certificate-valid", "keyset-on-channel"),
        *("configuration-active", "endpoint-serves-kid"),
    }
    assert set(not_ok(explanation).values()) == {"unknown"}
    assert "--env" in str(next(each.fix for each in explanation.checks if each.id is CheckId.ISS_KNOWN))
    assert nowhere(token(alg="RS384")).accepted is False
    recognised = nowhere(token({"iss": "https://tenant.eu.auth0.com/", "azp": "x"})).recognised
    assert recognised is not None
    assert "no keyset" not in recognised.message


@pytest.mark.parametrize(
    ("octets", "status"),
    [(39, "failed"), (127, "failed"), (128, "unknown"), (255, "unknown"), (256, "unknown"), (384, "unknown")],
)
def test_a_cut_signature_is_found_without_its_key(octets: int, status: str) -> None:
    head = token().rpartition(b".")[0]
    for explanation in (nowhere(head + b"." + encoded(bytes(octets))), explained(cut_for_a_stranger(octets))):
        check = next(each for each in explanation.checks if each.id is CheckId.SIGNATURE)
        assert check.status.value == status
        assert (check.fix is not None) == (octets not in (128, 256, 384))


def cut_for_a_stranger(octets: int) -> bytes:
    """Return a token with an unknown kid and a signature of that length."""
    return token({}, {"kid": "nobody's"}).rpartition(b".")[0] + b"." + encoded(bytes(octets))
