"""Judged from outside: the RFCs' own tokens, Wycheproof's, and two other libraries."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import jwcrypto.jwk as jwcrypto_jwk
import jwcrypto.jws as jwcrypto_jws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.uploaded_jwk import parse_observed
from provisioner.model.jwk import Jwk
from provisioner.model.verification import KnownKey, KnownKeyset
from provisioner.tokens.compact import clean, read_compact
from provisioner.tokens.explain import explain
from provisioner.tokens.key_selection import verifies
from provisioner.tokens.verification_state import VerificationState
from tests.jose.making import NOW, jwk_members, rsa_key
from tests.tokens.making import jwk_of, statuses, token

VECTORS = Path(__file__).parents[1] / "vectors/jose"
RFC = json.loads((VECTORS / "rfc.json").read_text("utf-8"))
WYCHEPROOF = json.loads((VECTORS / "wycheproof-json-web-signature.json").read_text("utf-8"))
#: Whether a key is for signing is judged where the key is judged, not at each token.
ABOUT_THE_KEY = {"rejectWrongUse", "rejectWrongKeyOps"}


def key_of(members: dict[str, Any]) -> Jwk:
    found = parse_observed(json.dumps(members))
    assert found is not None
    return found


def takes(jws: str, jwk: Jwk) -> bool:
    """Whether we would call it a sound envelope, with a signature by this key and by the key's own algorithm."""
    text = clean(jws.encode())
    compact = read_compact(text) if text is not None else None
    if compact is None or compact.header_text("alg") != jwk.alg or any(map(_is_of_the_envelope, compact.faults)):
        return False
    return verifies(compact, jwk)


def _is_of_the_envelope(fault: str) -> bool:
    """That a payload is no JSON object is another matter: Wycheproof signs any text."""
    return any(word in fault for word in ("base64", "missing", "white space", "empty"))


def test_rfc_7515_a_2_verifies() -> None:
    example = RFC["rfc7515_a2"]
    public = {name: example["key"][name] for name in ("kty", "n", "e")}
    assert takes(example["jws"], key_of({**public, "kid": "a", "alg": "RS256"}))
    header, payload, signature = example["jws"].split(".")
    assert not takes(f"{header}.{payload}.{signature[:-4]}AAAA", key_of({**public, "kid": "a", "alg": "RS256"}))


def _wycheproof() -> list[Any]:
    return [
        pytest.param(key_of(group["public"]), test, id=f"{test['tcId']}-{test['comment']}")
        for group in WYCHEPROOF["testGroups"]
        if group.get("public", {}).get("kty") == "RSA"
        for test in group["tests"]
        if test["comment"] not in ABOUT_THE_KEY
    ]


def text_of(test: dict[str, Any]) -> str:
    """The token; a JSON serialization as text."""
    return test["jws"] if isinstance(test["jws"], str) else json.dumps(test["jws"])


@pytest.mark.parametrize(("jwk", "test"), _wycheproof())
def test_wycheproofs_rsa_signatures(jwk: Jwk, test: dict[str, Any]) -> None:
    """Of what is valid there we take what Salesforce takes: RS256 and RS512, and an empty payload is no token."""
    jws = text_of(test)
    ours = test["result"] == "valid" and jwk.alg in ("RS256", "RS512") and ".." not in jws
    assert takes(jws, jwk) is ours


def test_wycheproof_has_valid_tokens_for_us() -> None:
    """Else the test above could say no to everything."""
    valid = [test["tcId"] for jwk, test in (param.values for param in _wycheproof()) if takes(text_of(test), jwk)]
    assert len(valid) >= 8


@pytest.mark.parametrize("group", WYCHEPROOF["testGroups"], ids=lambda group: group["comment"])
def test_none_of_wycheproofs_is_ever_accepted(group: dict[str, Any]) -> None:
    """They lack iss, sub and exp: whatever their signatures are, they are no identity tokens."""
    members = group.get("public") or group["private"]
    jwk = parse_observed(json.dumps(members))
    keys = {"k": KnownKey("k", True, jwk)} if jwk is not None else {}
    state = VerificationState("a test", keys, {"s": KnownKeyset("s", "joe", tuple(keys))}, {}, complete=True)
    for test in group["tests"]:
        assert explain(text_of(test).encode(), state, None, NOW).accepted is False


def test_other_libraries_agree_with_us() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from joserfc import jws as joserfc_jws
        from joserfc.errors import BadSignatureError
        from joserfc.jwk import RSAKey

    for alg in ("RS256", "RS512"):
        key = RSAKey.import_key(jwk_members(alg=alg))
        ours = jwcrypto_jwk.JWK(**jwk_members(alg=alg))
        good = token(alg=alg).decode()
        assert takes(good, jwk_of(alg=alg))
        assert joserfc_jws.deserialize_compact(good, key, algorithms=[alg])
        other = jwcrypto_jws.JWS()
        other.deserialize(good)
        other.allowed_algs = [alg]
        other.verify(ours)
        bad = token(alg=alg, key=rsa_key("other")).decode()
        assert not takes(bad, jwk_of(alg=alg))
        with pytest.raises(BadSignatureError):
            joserfc_jws.deserialize_compact(bad, key, algorithms=[alg])


@given(st.data())
def test_no_changed_token_verifies(data: st.DataObject) -> None:
    """Whatever single octet of header, payload or signature is changed."""
    good = bytearray(token())
    at = data.draw(st.integers(0, len(good) - 1))
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    replaced = data.draw(st.sampled_from(alphabet))
    if good[at] in (replaced, ord(".")):
        return
    good[at] = replaced
    changed = good.decode()
    compact = read_compact(changed)
    if compact is not None and compact.doubts:
        return  # stray bits beyond the last octet are said to be doubtful, not verified away
    assert not takes(changed, jwk_of())


def test_statuses_are_those_of_the_contract() -> None:
    state = VerificationState("a test", {}, {}, {}, complete=True)
    assert set(statuses(explain(token(), state, None, NOW)).values()) <= {"ok", "failed", "unknown"}
