"""The API for servers: what is in a token, what is refused, and what never gets out."""

from __future__ import annotations

import copy
import logging
import pickle
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from provisioner.tokens import IdentityTokenMinter, MintingError, intercom_settings, intercom_user_jwt
from provisioner.tokens.claims import RESERVED
from tests.jose.making import (
    DER,
    PEM,
    ec_key,
    ed25519_key,
    jwk_members,
    private_pem,
    public_pem,
    request_pem,
    rsa_key,
    shop,
)

ISSUER = "https://id.example.com/"
MINTER = IdentityTokenMinter(private_pem(), kid="shop-1", issuer=ISSUER)
SECRET = "0123456789abcdef0123456789abcdef"


def claims(token: str, algorithm: str = "RS256", **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, rsa_key().public_key(), [algorithm], **options)
    return found


class TestTokens:
    def test_what_stands_in_one(self) -> None:
        before = int(time.time())
        token = MINTER.mint("customer-1")
        found = claims(token)
        assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": "shop-1"}
        assert set(found) == {"iss", "sub", "iat", "exp"}
        assert (found["iss"], found["sub"], found["exp"] - found["iat"]) == (ISSUER, "customer-1", 330)
        assert 300 <= found["exp"] - before <= 310

    def test_what_can_be_asked_for(self) -> None:
        token = MINTER.mint(
            "1", 86400, audience="https://a.example.com", claims={"tier": "gold", "nbf": 5, "x": [None]}
        )
        found = claims(token, audience="https://a.example.com")
        assert (found["tier"], found["nbf"], found["x"], found["exp"] - found["iat"]) == ("gold", 5, [None], 86430)

    def test_rs512(self) -> None:
        token = IdentityTokenMinter(private_pem(), kid="k", issuer="i", algorithm="RS512").mint("1")
        assert claims(token, "RS512")["sub"] == "1"

    @pytest.mark.parametrize("traditional", [False, True])
    def test_keys_as_text_as_bytes_and_with_a_passphrase(self, traditional: bool) -> None:
        plain = private_pem(traditional=traditional)
        locked = private_pem(passphrase=b"open sesame", traditional=traditional)
        for pem, passphrase in (
            (plain, None),
            (plain.decode(), ""),
            (locked, "open sesame"),
            (b"\xef\xbb\xbf" + plain, None),
        ):
            minter = IdentityTokenMinter(pem, kid="k", issuer="i", passphrase=passphrase)
            assert claims(minter.mint("1"))["iss"] == "i"

    def test_the_clock_can_be_brought_along(self) -> None:
        token = IdentityTokenMinter(private_pem(), kid="k", issuer="i", clock=lambda: 1000.9).mint("1", 10)
        found = claims(token, options={"verify_exp": False})
        assert (found["iat"], found["exp"]) == (970, 1010)


#: Text that UTF-8 can hold, and that is not blank.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(str.strip)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = TEXT.filter(lambda name: name not in {*RESERVED, "nbf", "jti"})


@given(TEXT, st.dictionaries(NAMES, JSON, max_size=4))
def test_what_is_minted_is_what_is_read(subject: str, more: dict[str, Any]) -> None:
    found = claims(MINTER.mint(subject, claims=more))
    assert {name: found[name] for name in found if name not in RESERVED} == more
    assert found["sub"] == subject


class TestRefusals:
    @pytest.mark.parametrize("subject", [None, 4711, b"1", "", " \n", "\ud800", True, ["a"]])
    def test_subjects(self, subject: Any) -> None:
        with pytest.raises(MintingError) as caught:
            MINTER.mint(subject)
        assert caught.value.code == "subject-invalid"
        assert "str(user.id)" in str(caught.value)

    @pytest.mark.parametrize("ttl", [0, -1, 86401, 5.0, "300", True, None, 10**30])
    def test_lives(self, ttl: Any) -> None:
        for mint in (MINTER.mint, lambda user, life: intercom_user_jwt(SECRET, user, life)):
            with pytest.raises(MintingError) as caught:
                mint("1", ttl)
            assert caught.value.code == "ttl-invalid"

    @pytest.mark.parametrize("audience", ["", 5, ["a"]])
    def test_audiences(self, audience: Any) -> None:
        with pytest.raises(MintingError) as caught:
            MINTER.mint("1", audience=audience)
        assert caught.value.code == "audience-invalid"

    @pytest.mark.parametrize("name", sorted(RESERVED))
    def test_claims_that_are_not_to_be_overridden(self, name: str) -> None:
        with pytest.raises(MintingError) as caught:
            MINTER.mint("1", claims={"x": 1, name: "hidden-value"})
        assert (caught.value.code, f"claim {name} " in caught.value.message) == ("claim-reserved", True)
        assert "hidden-value" not in str(caught.value)

    @pytest.mark.parametrize(
        "value",
        [float("nan"), float("inf"), {1, 2}, b"bytes", object(), "\ud800", {"inner": ["\udfff"]}, {("a",): 1}],
        ids=range(8),
    )
    def test_claims_that_have_no_json(self, value: Any) -> None:
        with pytest.raises(MintingError) as caught:
            MINTER.mint("1", claims={"good": 1, "bad": value})
        assert (caught.value.code, "'bad'" in caught.value.message) == ("claims-invalid", True)

    def test_claims_without_end(self) -> None:
        ring: list[Any] = []
        ring.append(ring)
        deep: Any = 1
        for _ in range(100_000):
            deep = [deep]
        for value in (ring, deep):
            with pytest.raises(MintingError):
                MINTER.mint("1", claims={"bad": value})

    @pytest.mark.parametrize("given", [[("a", 1)], {5: 1}, {"": 1}, "a=1"])
    def test_claims_that_are_none(self, given: Any) -> None:
        with pytest.raises(MintingError) as caught:
            MINTER.mint("1", claims=given)
        assert caught.value.code == "claims-invalid"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"kid": ""}, "kid-invalid"),
            ({"kid": None}, "kid-invalid"),
            ({"issuer": " "}, "issuer-invalid"),
            ({"issuer": 5}, "issuer-invalid"),
            ({"algorithm": "HS256"}, "algorithm-unknown"),
            ({"algorithm": "none"}, "algorithm-unknown"),
            ({"algorithm": "rs256"}, "algorithm-unknown"),
        ],
    )
    def test_what_a_minter_needs(self, changes: dict[str, Any], code: str) -> None:
        with pytest.raises(MintingError) as caught:
            IdentityTokenMinter(private_pem(), **{"kid": "k", "issuer": "i", **changes})
        assert caught.value.code == code


def der(key: Any) -> bytes:
    octets: bytes = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return octets


#: What people hand in as a private key: the code, and words that only this mistake gets.
WRONG_KEYS = [
    (lambda: shop().public_bytes(PEM), "key-unreadable", "is a certificate (PEM)"),
    (lambda: shop().public_bytes(DER), "key-unreadable", "is a certificate (DER)"),
    (public_pem, "key-unreadable", "is a bare public key"),
    (request_pem, "key-unreadable", "is a certificate request"),
    (lambda: private_pem(ec_key()), "key-not-rsa", "is an EC private key (PEM, PKCS #8), not an RSA key"),
    (lambda: private_pem(ed25519_key()), "key-not-rsa", "is an Ed25519 private key"),
    (lambda: private_pem(ec_key(), traditional=True), "key-not-rsa", "is an EC private key (PEM, SEC 1)"),
    (lambda: private_pem(rsa_key("small", 1024)), "key-too-small", "1024 bits"),
    (lambda: private_pem(passphrase=b"open sesame"), "key-encrypted", "no passphrase was given"),
    (lambda: private_pem()[:800], "key-unreadable", "cut short"),
    (lambda: str(jwk_members()).replace("'", '"').encode(), "key-unreadable", "is a JWK"),
    (lambda: b"", "key-unreadable", "is empty"),
    (lambda: b"\0\xff" * 40, "key-unreadable", "nothing that is known"),
]  # fmt: skip


class TestKeys:
    @pytest.mark.parametrize(("make", "code", "words"), WRONG_KEYS, ids=[each[2] for each in WRONG_KEYS])
    def test_every_wrong_kind_has_its_own_words(self, make: Any, code: str, words: str) -> None:
        with pytest.raises(MintingError) as caught:
            IdentityTokenMinter(make(), kid="k", issuer="i")
        said = str(caught.value)
        assert (caught.value.code, words in said) == (code, True), said
        assert caught.value.message.startswith("The private key ")
        assert not any(word in said for word in ("login", "${", "environment file"))
        lines = [line for line in make().decode("latin-1").splitlines() if len(line) > 20]
        assert not any(line in said for line in lines)

    @pytest.mark.parametrize(
        "given",
        [
            der(rsa_key()),
            private_pem().replace(b"\n", b"\\n"),
            private_pem().decode().replace("\n", " "),
            private_pem().decode().encode("utf-16"),
        ],
    )
    def test_what_can_be_read_without_doubt_is_taken(self, given: bytes | str) -> None:
        token = IdentityTokenMinter(given, kid="k", issuer="i").mint("1")
        assert jwt.decode(token, rsa_key().public_key(), ["RS256"])["sub"] == "1"

    def test_a_wrong_passphrase_is_told_from_none(self) -> None:
        pem = private_pem(passphrase=b"open sesame")
        with pytest.raises(MintingError, match="passphrase is wrong") as wrong:
            IdentityTokenMinter(pem, kid="k", issuer="i", passphrase="closed sesame")
        assert "closed sesame" not in str(wrong.value)
        with pytest.raises(MintingError, match="passphrase=") as none:
            IdentityTokenMinter(pem, kid="k", issuer="i")
        assert wrong.value.code == none.value.code == "key-encrypted"

    @pytest.mark.parametrize("given", ["/etc/keys/shop.key", "shop.pem", 5, None])
    def test_a_path_is_not_a_key(self, given: Any) -> None:
        with pytest.raises(MintingError, match="read_text"):
            IdentityTokenMinter(given, kid="k", issuer="i")


class TestDiscretion:
    def test_nothing_is_logged_and_nothing_is_sent(
        self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket, "socket", None)
        caplog.set_level(logging.DEBUG)
        IdentityTokenMinter(private_pem(), kid="k", issuer="i").mint("1", claims={"a": 1})
        intercom_user_jwt(SECRET, "1")
        assert (caplog.records, *capfd.readouterr()) == ([], "", "")

    def test_a_minter_shows_no_key_and_cannot_be_copied_out(self) -> None:
        assert repr(MINTER) == f"IdentityTokenMinter(kid='shop-1', issuer={ISSUER!r}, algorithm='RS256')"
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(MINTER)
        assert claims(copy.copy(MINTER).mint("1"))["sub"] == "1"

    def test_threads_share_a_minter(self) -> None:
        subjects = [f"customer-{number}" for number in range(200)]
        with ThreadPoolExecutor(8) as pool:
            tokens = list(pool.map(MINTER.mint, subjects))
        assert [claims(token)["sub"] for token in tokens] == subjects

    def test_a_server_loads_only_what_it_needs(self) -> None:
        code = (
            "import sys, provisioner.tokens;"
            "assert not {'jwt', 'cryptography', 'provisioner.tokens.minting'} & set(sys.modules);"
            "from provisioner.tokens import *; IdentityTokenMinter, intercom_user_jwt;"
            "print(*sorted({name.partition('.')[0] for name in sys.modules}),"
            "*(name for name in sys.modules if name.startswith('provisioner.salesforce')))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        loaded = done.stdout.split()
        assert "jwt" in loaded
        assert not {"requests", "urllib3", "lxml", "simple_salesforce", "yaml", "provisioner.salesforce"} & set(loaded)

    def test_a_name_that_is_not_there(self) -> None:
        import provisioner.tokens

        assert set(provisioner.tokens.__all__) <= set(dir(provisioner.tokens))
        with pytest.raises(AttributeError, match="Minter"):
            _ = provisioner.tokens.Minter


class TestIntercom:
    def test_the_token_of_the_guide(self) -> None:
        before = int(time.time())
        token = intercom_user_jwt(SECRET, "4711")
        assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
        found = jwt.decode(token, SECRET, ["HS256"])
        assert (set(found), found["user_id"]) == ({"user_id", "exp"}, "4711")
        assert 3600 <= found["exp"] - before <= 3610

    @given(TEXT)
    def test_any_user_id(self, user_id: str) -> None:
        assert jwt.decode(intercom_user_jwt(SECRET, user_id), SECRET, ["HS256"])["user_id"] == user_id

    @pytest.mark.parametrize("user_id", [None, "", " ", 5])
    def test_user_ids_that_are_none(self, user_id: Any) -> None:
        with pytest.raises(MintingError) as caught:
            intercom_user_jwt(SECRET, user_id)
        assert caught.value.code == "user-id-invalid"

    @pytest.mark.parametrize(
        ("secret", "words"),
        [
            ("", "is empty"),
            (None, "is missing"),
            (SECRET.encode(), "must be text"),
            (f'"{SECRET}"', "quotation marks"),
            (f"{SECRET}\n", "white space"),
            (f"SECRET= {SECRET}", "white space"),
            (private_pem().decode(), "key or a certificate"),
            (public_pem().decode(), "key or a certificate"),
        ],
        ids=range(8),
    )
    def test_secrets_that_are_none(self, secret: Any, words: str) -> None:
        with pytest.raises(MintingError, match=words) as caught:
            intercom_user_jwt(secret, "1")
        assert caught.value.code == "secret-invalid"
        assert SECRET not in str(caught.value)

    @pytest.mark.skipif(not hasattr(jwt.warnings, "InsecureKeyLengthWarning"), reason="PyJWT warns from 2.11 on")
    def test_a_short_secret_is_warned_of(self) -> None:
        with pytest.warns(jwt.warnings.InsecureKeyLengthWarning) as caught:
            intercom_user_jwt("tell-nobody", "1")
        assert "tell-nobody" not in str(caught[0].message)

    def test_the_settings(self) -> None:
        made = intercom_settings(app_id="a", user_id="1", intercom_user_jwt="u", salesforce_identity_token="s")
        assert made == {
            "api_base": "https://api-iam.intercom.io", "app_id": "a", "user_id": "1",
            "intercom_user_jwt": "u", "salesforce_identity_token": "s",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "changes", [{"app_id": ""}, {"user_id": None}, {"api_base": "http://api-iam.intercom.io"}, {"api_base": ""}]
    )
    def test_settings_that_are_none(self, changes: dict[str, Any]) -> None:
        given: dict[str, Any] = {
            "app_id": "a",
            "user_id": "1",
            "intercom_user_jwt": "u",
            "salesforce_identity_token": "s",
        }
        with pytest.raises(MintingError):
            intercom_settings(**{**given, **changes})
