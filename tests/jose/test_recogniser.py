"""The one recogniser: what each form of file is, and that every user of it says the same."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
import tracemalloc

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InputError
from provisioner.jose.cures import Input, for_signing, for_upload
from provisioner.jose.diagnosis import diagnose
from provisioner.jose.file_kinds import take
from provisioner.jose.inspection import inspect
from provisioner.jose.material import derive
from provisioner.jose.private_key import READ, load_private_key, opened, opened_without, repairs_of
from provisioner.jose.recognition import Form, Wrapping
from provisioner.jose.repair import Given, repair
from provisioner.secrets import Secret
from tests.jose import making
from tests.jose.key_files import (
    PASSPHRASE,
    PLAIN,
    certificates_p12,
    der,
    every_file,
    jks,
    p12,
    private_jwk,
    tlv,
    wrapped_files,
)
from tests.jose.making import NOW, rsa_key, shop

NAMES = sorted(every_file())
LOCKED = Secret(PASSPHRASE.decode())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_what_it_is(name: str) -> None:
    file = every_file()[name]
    taken = take(file.content)
    assert file.words in taken.what
    found = (taken.form, taken.is_private, taken.algorithm, taken.bits, taken.owners, taken.has_passphrase)
    assert found == (file.form, file.private, file.algorithm, file.bits, file.owners, file.locked)
    assert taken.wrappings == file.wrappings


def test_no_form_is_without_a_file() -> None:
    assert set(Form) == {file.form for file in every_file().values()}


@pytest.mark.parametrize("name", NAMES)
def test_every_user_says_the_same(name: str) -> None:
    """``validate`` refuses as private what ``keys inspect`` calls private, and the login takes nothing else."""
    file = every_file()[name]
    assert inspect(file.content, "k", NOW, ()).is_private == file.private
    for source in (making.certificate_source(file.content), making.jwk_source(file.content)):
        rules = {defect.rule for defect in derive(source, NOW).defects}
        assert bool(rules & {"certificate-is-private-key", "jwk-private-member"}) == file.private
    rules = {defect.rule for defect in diagnose(file.content, "k", NOW).defects}
    assert bool(rules & {"certificate-is-private-key", "jwk-private-member"}) == file.private


TAKEN = [
    name for name in NAMES
    if every_file()[name].form in READ and every_file()[name].private
    and every_file()[name].algorithm in ("RSA", None) and not name.endswith(("two", "of two", "alone", "a secret key"))
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_can_be_read_without_doubt_is_taken(name: str) -> None:
    secret = Secret.of_octets(every_file()[name].content)
    if name in TAKEN:
        key = load_private_key(secret, LOCKED)
        assert key.private_numbers() == rsa_key().private_numbers()
        return
    with pytest.raises(InputError) as refused:
        load_private_key(secret, LOCKED, called="The private key of the test", given=Input.of_variable("SF_KEY"))
    assert refused.value.message.startswith("The private key of the test ")
    assert "FILE" not in re.sub(r"openssl pkey (-inform DER )?-in FILE -check", "", refused.value.next)
    assert refused.value.next


@pytest.mark.parametrize("name", NAMES)
def test_no_message_shows_a_part_of_the_file(name: str) -> None:
    content = every_file()[name].content
    taken = take(content)
    said = taken.what + for_signing(taken, Input()) + for_upload(taken, Input()) + repr(taken)
    if taken.is_private:
        modulus = str(rsa_key().public_key().public_numbers().n)  # public
        words = content.decode("latin-1").split()
        long = [part for part in words if len(part) > 24 and "PRIVATE" not in part and part != modulus]
        assert not any(part in said for part in long)


def test_the_one_warning_names_every_repair() -> None:
    for name, file in wrapped_files().items():
        repairs = repairs_of(Secret.of_octets(file.content))
        assert repairs, name
        assert all(each.repair in repairs for each in file.wrappings)
    assert repairs_of(Secret(making.private_pem().decode())) is None
    assert repairs_of(Secret("***")) is None


class TestPassphrases:
    @pytest.mark.parametrize(
        "content", [jks(("shop", rsa_key(), shop())), p12(), making.private_pem(passphrase=PASSPHRASE)]
    )
    def test_a_wrong_one_is_told_from_none(self, content: bytes) -> None:
        for given_one, words in ((None, "no passphrase was given"), (Secret("wrong"), "the passphrase is wrong")):
            with pytest.raises(InputError, match=words) as refused:
                load_private_key(Secret.of_octets(content), given_one)
            assert refused.value.code == "key-encrypted"

    def test_a_keystore_without_one_needs_none(self) -> None:
        assert load_private_key(Secret.of_octets(p12(None))).key_size == 2048

    def test_a_keystore_without_one_is_opened_without_one(self) -> None:
        found = opened_without(take(p12(None)))
        assert (found.public, found.has_passphrase, found.is_private) == (take(der()).public, False, True)
        assert opened_without(take(p12())) == take(p12())

    def test_an_opened_keystore_of_certificates_is_not_private(self) -> None:
        taken = take(certificates_p12())
        assert taken.is_private
        found = opened(taken, LOCKED, called="It", given=Input())
        assert (found.is_private, found.certificates) == (False, (shop().public_bytes(making.DER),))
        assert found.what.endswith("of 1 certificate, without a private key")
        with pytest.raises(InputError, match="missing in the keystore"):
            load_private_key(Secret.of_octets(certificates_p12()), LOCKED)

    @pytest.mark.parametrize("iterations", [b"\x00\xff\xff\xff\xff", b"\x7f\xff\xff\xff"])
    def test_work_without_end_is_refused_before_it_begins(self, iterations: bytes) -> None:
        """PBES2 with PBKDF2 (RFC 8018 appendix A) and more iterations than a day has time for."""
        derivation = tlv(0x30, tlv(4, b"saltsalt") + tlv(2, iterations))
        pbkdf2 = tlv(0x30, bytes.fromhex("06092a864886f70d01050c") + derivation)
        cipher = tlv(0x30, bytes.fromhex("060960864801650304012a") + tlv(4, b"i" * 16))
        algorithm = tlv(0x30, bytes.fromhex("06092a864886f70d01050d") + tlv(0x30, pbkdf2 + cipher))
        hostile = tlv(0x30, algorithm + tlv(4, b"e" * 160))
        assert take(hostile).has_passphrase
        with pytest.raises(InputError, match="more work") as refused:
            load_private_key(Secret.of_octets(hostile), LOCKED)
        assert refused.value.code == "key-encrypted"


class TestJwks:
    @pytest.mark.parametrize("omitted", [(), ("dp", "dq", "qi"), ("p", "q", "dp", "dq", "qi")])
    def test_what_follows_from_the_rest_may_be_missing(self, omitted: tuple[str, ...]) -> None:
        assert load_private_key(Secret(private_jwk(*omitted).decode())).key_size == 2048

    @pytest.mark.parametrize("changes", [{"p": "AQAB"}, {"n": "AQAB"}, {"e": "AQ"}, {"d": 5}, {"q": ""}])
    def test_numbers_that_are_no_key_are_damaged(self, changes: dict[str, object]) -> None:
        members = {**json.loads(private_jwk()), **changes}
        with pytest.raises(InputError, match="damaged|bits"):
            load_private_key(Secret(json.dumps(members)))


@given(st.binary(max_size=400), st.sampled_from(NAMES), st.integers(0, 4000), st.integers(0, 40))
def test_no_damage_breaks_a_reader(noise: bytes, name: str, at: int, width: int) -> None:
    content = every_file()[name].content
    damaged = content[:at] + noise + content[at + width :]
    taken = take(damaged)
    for_signing(taken, Input()), for_upload(taken, Input())
    with contextlib.suppress(InputError):
        load_private_key(Secret.of_octets(damaged), LOCKED)


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x30\x82" * 200_000,
        b"\x30\x84\x7f\xff\xff\xff" + b"\x02\x01\x03" * 100_000,
        b"\x30\x83\x0f\x00\x00" + b"\x02\x01\x00" * 300_000,
        b"-----BEGIN PRIVATE KEY-----\n" * 30_000,
        b"-----BEGIN RSA PRIVATE KEY-----\n" + b"A: b\n" * 200_000,
        b"<jsonWebKey>" * 80_000,
        b'"' * 900_000,
        b"\\n" * 450_000,
        b"%0A" * 300_000,
        b'{"a":' * 150_000,
        b'{"keys": [' + b'{"d": "AAAAAAAAAAAAAAAAAAAAAAAA"},' * 20_000 + b"]}",
        b"\xfe\xed\xfe\xed\x00\x00\x00\x02\xff\xff\xff\xff" + b"\x00\x00\x00\x02\x00\x00" * 100_000,
        b"openssh-key-v1\0" + b"\xff" * 500_000,
        b"ssh-rsa " + b"A" * 900_000,
        b"PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 99999999\n" + b"AAAA\n" * 150_000,
        base64.b64encode(base64.b64encode(base64.b64encode(b"\x30\x82" * 150_000))),
        b"Certificate:" + b"\n" * 900_000,
        (b"A" * 64 + b" ") * 7_000,
        b"30 82 " * 80_000,
        b"---- BEGIN SSH2 PUBLIC KEY ----\n" * 20_000,
        (b"modulus: " + b"00:" * 70) * 3_000,
    ],
    ids=range(21),
)
def test_hostile_files_are_answered_within_a_second(hostile: bytes) -> None:
    tracemalloc.start()
    began = time.process_time()
    take(hostile)
    took = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000_000
    assert took < 3, "a second without the tracing of memory"


class TestMapsOfCertificates:
    content = every_file()["service: x509 map"].content

    def test_the_kid_chooses_the_certificate(self) -> None:
        for kid, made in (("a1", shop()), ("b2", making.other())):
            found = repair(diagnose(self.content, "map", NOW, kid=kid), Given(kid=kid), NOW)
            assert found.jwk is not None
            assert found.jwk.x5c == (made.public_bytes(making.DER),)
            assert found.jwk.kid == kid

    def test_without_one_the_kids_are_listed(self) -> None:
        found = repair(diagnose(self.content, "map", NOW), Given(), NOW)
        assert found.jwk is None
        assert any("a1" in each.fix and "b2" in each.fix for each in found.obstacles)

    def test_every_certificate_is_inspected_with_its_kid(self) -> None:
        assert [key.kid for key in inspect(self.content, "map", NOW, ()).keys] == ["a1", "b2"]


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_lines_of_another_form_leave_a_key_readable(passphrase: bytes | None) -> None:
    content = making.private_pem(passphrase=passphrase)
    right, wrong = (b" ENCRYPTED PRIVATE", b" PRIVATE") if passphrase else (b" PRIVATE", b" ENCRYPTED PRIVATE")
    taken = take(content.replace(right, wrong))
    assert (taken.form, taken.has_passphrase, taken.wrappings) == (
        Form.PRIVATE_KEY,
        bool(passphrase),
        (Wrapping.LABEL,),
    )
    key = load_private_key(Secret.of_octets(content.replace(right, wrong)), LOCKED if passphrase else None)
    assert key.private_numbers() == rsa_key().private_numbers()


def test_private_json_that_is_not_valid_is_not_called_public() -> None:
    with pytest.raises(InputError) as refused:
        load_private_key(Secret.of_octets(private_jwk().rstrip(b"}") + b",}"))
    assert "no private members" not in refused.value.next
    assert "no valid JSON" in refused.value.next


@pytest.mark.parametrize("begin", [b"{", b"["])
def test_random_bytes_that_begin_as_json_are_no_json(begin: bytes) -> None:
    value = base64.b64encode(begin + bytes(range(128, 250)))
    assert take(value).form is Form.OTHER
    assert take(b"kty: RSA\nkid: a\nn: " + value).form is Form.YAML_JWK


@pytest.mark.parametrize("last", range(256))
def test_the_last_byte_of_a_cut_file_does_not_matter(last: int) -> None:
    taken = take(der()[:900] + bytes([last]))
    assert (taken.form, taken.is_private, taken.wrappings) == (Form.CUT_KEY, True, ())


@pytest.mark.parametrize("name", ["%2B", "%0a", "%3D"])
def test_binary_is_not_decoded_as_percent_escapes(name: str) -> None:
    content = pkcs12.serialize_key_and_certificates(name.encode(), rsa_key(), shop(), None, PLAIN)
    content = content.replace(name.encode("utf-16-be"), (name + "abc").encode())
    assert name.encode() in content
    taken = take(content)
    assert (taken.form, taken.wrappings, taken.core) == (Form.PKCS12, (), content)
