"""The private key that signs: read from every form that holds it clearly, else refused with a reason and a command.

Libraries report every mistake with one sentence. Here each has its own, by the recogniser of ``file_kinds`` and the
table of ``cures``. No message holds a part of the key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from provisioner.errors import InputError
from provisioner.jose.certificates import LARGEST_KEY_BITS, SMALLEST_KEY_BITS, quiet
from provisioner.jose.cures import NEW_PAIR, UNNAMED, Input, for_signing, is_readable_by_tools, unlocked
from provisioner.jose.der import is_costly
from provisioner.jose.file_kinds import take
from provisioner.jose.jwk_members import number_of, private_members
from provisioner.jose.keystores import KeystoreError, read_keystore, unlock
from provisioner.jose.known_keys import MULTI_PRIME, RSA, algorithm_of, bits_of, numbers
from provisioner.jose.pem import pem_blocks
from provisioner.jose.recognition import Form, Recognition
from provisioner.secrets import Secret
from provisioner.words import counted, enumerated

#: A JWK without its factors is read up to this size.
_LARGEST_FACTORED = 4096
#: Forms that a key is taken from.
READ = frozenset({Form.PRIVATE_KEY, Form.OPENSSH_KEY, Form.PRIVATE_JWK, Form.PKCS12, Form.JAVA_KEYSTORE})
CALLED = "The private key of the login"
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, InternalError)
_WRONG = "the passphrase is wrong, or the file is damaged"


class _RefusedError(Exception):
    """The reason why a key is refused: the rest of a sentence, the next step, and the code."""

    def __init__(self, what: str, remedy: str, code: str = "key-unreadable") -> None:
        super().__init__(what)
        self.what, self.remedy, self.code = what, remedy, code


def load_private_key(
    secret: Secret, passphrase: Secret | None = None, *, called: str = CALLED, given: Input | None = None
) -> RSAPrivateKey:
    """Return the RSA key in ``secret``: PEM, DER, PKCS #12, a Java keystore, OpenSSH's form or a private JWK.

    It may have any wrapping. ``called`` begins sentences; ``given`` is the shell's way to the same material.

    Raises :class:`InputError` with the code key-unreadable, key-encrypted, key-too-small or key-not-rsa.
    """
    taken = take(secret.octets())
    phrase = passphrase.reveal().rstrip("\r\n") if passphrase else ""
    given = given or UNNAMED
    try:
        _refuse_others(taken, given)
        key = _open(taken, phrase, given)
        _judge(key, taken, given)
    except _RefusedError as refused:
        raise InputError(f"{called} {refused.what}.", next=refused.remedy, code=refused.code) from None
    return key


def repairs_of(secret: Secret) -> str | None:
    """Return the repairs for reading a key, as clauses; None for a correct file, and for one that is refused."""
    taken = take(secret.octets())
    clauses = [each.repair for each in dict.fromkeys(taken.wrappings)] if taken.form in READ else []
    return enumerated(clauses) if clauses else None


def _refuse_others(taken: Recognition, given: Input) -> None:
    if taken.algorithm == MULTI_PRIME and taken.private_keys <= 1:
        what = f"is {taken.what}; this program and most JWT libraries read RSA keys of two primes only"
        raise _RefusedError(what, for_signing(taken, given))
    if taken.is_private and taken.algorithm not in (None, RSA) and taken.private_keys <= 1:
        what = f"is {taken.what}, not an RSA key; Salesforce takes RSA keys only"
        raise _RefusedError(what, for_signing(taken, given), "key-not-rsa")
    if taken.private_keys > 1:
        named = taken.form in (Form.JAVA_KEYSTORE, Form.PRIVATE_JSON)
        aliases = f" ({', '.join(taken.owners[:20])})" if taken.owners and named else ""
        remedy = "Keep the one key that the login uses." if not named else None
        what = f"is one of {taken.private_keys} private keys in its place{aliases}, and nothing says which is meant"
        raise _RefusedError(what, remedy or for_signing(taken, given))
    if taken.form is Form.EMPTY:
        raise _RefusedError("is empty", for_signing(taken, given))
    if taken.form not in READ or (taken.form is Form.JAVA_KEYSTORE and not taken.private_keys):
        around = f" ({taken.around})" if taken.around is not None else ""
        what = f"is missing: in its place is {taken.what}{around}"
        if taken.is_private:
            broken = taken.form in (Form.CUT_KEY, Form.DAMAGED_KEY)
            what = f"is {taken.what}{around}{'' if broken else ', a form that is not read'}"
        raise _RefusedError(what, for_signing(taken, given))


def opened(taken: Recognition, passphrase: Secret, *, called: str, given: Input) -> Recognition:
    """Return an encrypted key or keystore with its algorithm, public key and certificates, read by the passphrase.

    Raises :class:`InputError` as :func:`load_private_key` does. Other material is returned unchanged.
    """
    if not taken.has_passphrase or taken.form not in READ or taken.form is Form.JAVA_KEYSTORE:
        return taken
    phrase = passphrase.reveal().rstrip("\r\n")
    try:
        key = _loaded(taken, phrase, given)
    except _RefusedError as refused:
        raise InputError(f"{called} {refused.what}.", next=refused.remedy, code=refused.code) from None
    if taken.form is Form.PKCS12:
        return _opened_keystore(taken, key, phrase)
    return replace(taken, public=numbers(_public_of(key)), algorithm=algorithm_of(key), bits=bits_of(key))


def opened_without(taken: Recognition) -> Recognition:
    """Return a PKCS #12 keystore that needs no passphrase as :func:`opened` does. Other material is unchanged."""
    if taken.form is not Form.PKCS12:
        return taken
    try:
        return opened(taken, Secret(""), called="", given=UNNAMED)
    except InputError:
        return taken


def _opened_keystore(taken: Recognition, key: object, phrase: str) -> Recognition:
    """Return a PKCS #12 keystore with its certificates and names; without a private key, it is not private."""
    store = load_pkcs12(taken.core, phrase.encode() if phrase else None)
    chain = [each for each in (store.cert, *store.additional_certs) if each is not None]
    names = (each.friendly_name.decode("utf-8", "replace") for each in chain if each.friendly_name)
    what, is_private, private_keys = taken.what, taken.is_private, taken.private_keys
    name = what.partition(", encrypted")[0]
    if key is not None and not private_keys:
        what, private_keys = f"{name}: a private key with its certificate", 1
    elif key is None and not private_keys and not what.endswith("with a secret key"):
        what, is_private = f"{name} of {counted(len(chain), 'certificate')}, without a private key", False
    return replace(
        taken,
        what=what,
        is_private=is_private,
        private_keys=private_keys,
        has_passphrase=bool(phrase),
        certificates=tuple(each.certificate.public_bytes(serialization.Encoding.DER) for each in chain),
        public=numbers(_public_of(key)),
        algorithm=algorithm_of(key) if key is not None else None,
        bits=bits_of(key),
        owners=tuple(names),
    )


def _public_of(key: object) -> object:
    return key.public_key() if isinstance(key, RSAPrivateKey) else None


def _open(taken: Recognition, phrase: str, given: Input) -> RSAPrivateKey:
    key = _loaded(taken, phrase, given)
    if not isinstance(key, RSAPrivateKey):
        raise _RefusedError(
            f"is {f'a key of {algorithm_of(key)}' if key is not None else 'missing in the keystore'}, not an RSA key; "
            "Salesforce takes RSA keys only",
            f"Make one with {NEW_PAIR}, and upload its certificate to the app.",
            "key-not-rsa",
        )
    return key


def _loaded(taken: Recognition, phrase: str, given: Input) -> object:
    """Return the key of any algorithm; None for a keystore without one."""
    if is_costly(_protected(taken)):
        raise _RefusedError(
            "asks for more work to decrypt it than any real key does", f"Encrypt it again:\n{unlocked(taken, given)}",
            "key-encrypted",
        )  # fmt: skip
    if taken.has_passphrase and not phrase and taken.form is not Form.PKCS12:
        raise _encrypted(taken, given)
    try:
        with quiet():  # the key itself is judged below
            return _OPENERS[taken.form](taken, phrase)
    except KeystoreError as error:
        raise _not_opened(taken, given, f"{error}") from None
    except UnsupportedAlgorithm:
        if taken.form is not Form.OPENSSH_KEY or not taken.has_passphrase:
            raise _damaged(taken, given) from None
        raise _RefusedError(
            "is encrypted in OpenSSH's own way, which this installation cannot decrypt",
            f"Write a copy as PEM:\n{unlocked(taken, given)}", "key-encrypted",
        ) from None  # fmt: skip
    except _UNREADABLE as error:
        if not taken.has_passphrase:
            raise _damaged(taken, given) from None
        if "nknown" in str(error):  # cryptography has no other sign of a cipher that it does not know
            raise _RefusedError(
                "is encrypted with a cipher that this program cannot decrypt",
                f"Write a copy with another one, or without a passphrase:\n{unlocked(taken, given)}",
                "key-encrypted",
            ) from None
        if not phrase:
            raise _encrypted(taken, given) from None
        if taken.form is Form.PRIVATE_KEY and f"{error}" == "Invalid key":  # decrypted, and of another structure
            raise _not_opened(taken, given, "cannot be read", f"it has three or more primes, {_WRONG}") from None
        raise _not_opened(taken, given, "could not be decrypted") from None


def _judge(key: RSAPrivateKey, taken: Recognition, given: Input) -> None:
    if key.key_size < SMALLEST_KEY_BITS:
        raise _RefusedError(
            f"has {key.key_size} bits, and {SMALLEST_KEY_BITS} are the least",
            f"Make a new one with {NEW_PAIR}, and upload its certificate to the app.", "key-too-small",
        )  # fmt: skip
    if not _is_sane(key) or not _signs(key):
        raise _damaged(taken, given)


def _encrypted(taken: Recognition, given: Input) -> _RefusedError:
    what = {Form.PKCS12: "in a PKCS #12 keystore", Form.JAVA_KEYSTORE: "in a Java keystore"}
    place = f" ({what[taken.form]})" if taken.form in what else ""
    step = "Set private_key_passphrase in the environment file (as a reference)"
    step += f", or decrypt a copy:\n{unlocked(taken, given)}" if is_readable_by_tools(taken) else "."
    return _RefusedError(f"is encrypted{place}, and no passphrase was given", step, "key-encrypted")


def _not_opened(taken: Recognition, given: Input, what: str, because: str = _WRONG) -> _RefusedError:
    step = f"Try the passphrase by hand:\n{unlocked(taken, given)}"
    if not is_readable_by_tools(taken):
        read, word = (f"{given.read} | ", "-") if given.read is not None else ("", given.word)
        step = f"Try the passphrase by hand:\n{read}provisioner keys inspect {word} --passphrase-env VARIABLE"
    return _RefusedError(f"{what}: {because}", step, "key-encrypted")


def _damaged(taken: Recognition, given: Input) -> _RefusedError:
    return _RefusedError(
        f"looks like {taken.what.removesuffix(' that is damaged')}, but no key that signs is inside: it is damaged or "
        "cut short",
        'Copy it again from where it came from. This command must print "Key is valid" there:\n'
        "openssl pkey -in FILE -check -noout",
    )


def _is_sane(key: RSAPrivateKey) -> bool:
    """Return whether no number is longer than the modulus: computing with a longer one would take hours."""
    numbers = key.private_numbers()
    every = (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp, numbers.public_numbers.e)
    return key.key_size <= LARGEST_KEY_BITS and all(each.bit_length() <= key.key_size for each in every)


def _signs(key: RSAPrivateKey) -> bool:
    """Return whether the public key verifies a signature of the private key: any damaged number shows here."""
    probe = b"provisioner"
    try:
        signature = key.sign(probe, PKCS1v15(), SHA256())
        key.public_key().verify(signature, probe, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, InternalError):
        return False
    return True


def _protected(taken: Recognition) -> bytes:
    """Return the DER with the numbers that set the cost of a passphrase."""
    if not taken.has_passphrase:
        return b""
    if taken.core[:1] == b"\x30":
        return taken.core
    if taken.form is Form.PRIVATE_KEY:
        block = next(iter(pem_blocks(taken.core)), None)
        return block.der or b"" if block is not None and block.cipher is None else b""
    return b""


def _structure(taken: Recognition, phrase: str) -> object:
    # The full check proves primes, which takes longer than all else in a login: see _signs.
    load = serialization.load_der_private_key if taken.core[:1] == b"\x30" else serialization.load_pem_private_key
    password = phrase.encode() if taken.has_passphrase else None
    return load(taken.core, password, unsafe_skip_rsa_key_validation=True)


def _openssh(taken: Recognition, phrase: str) -> object:
    return serialization.load_ssh_private_key(taken.core, phrase.encode() if taken.has_passphrase else None)


def _pkcs12(taken: Recognition, phrase: str) -> object:
    return load_pkcs12(taken.core, phrase.encode() if phrase else None).key


def _keystore(taken: Recognition, phrase: str) -> object:
    store = read_keystore(taken.core)
    assert store is not None
    der = unlock(taken.core, store.private[0], phrase)
    return serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)


def _jwk(taken: Recognition, phrase: str) -> object:
    del phrase
    value = json.loads(taken.core.decode("utf-8-sig", "replace"))
    keys = value.get("keys") if isinstance(value, dict) else value
    every = keys if isinstance(keys, list) else [value]
    return _of_members(next(key for key in every if isinstance(key, dict) and private_members(key)))


def _of_members(members: Mapping[str, Any]) -> RSAPrivateKey:
    """Return the key of a private JWK (RFC 7518 §6.3.2); all but n, e and d may be missing. Raises ValueError."""
    n, e, d = (_number(members, name) for name in ("n", "e", "d"))
    if n.bit_length() > LARGEST_KEY_BITS or not 3 <= e < n or not 3 <= d < n:
        raise ValueError("no real key")
    if {"p", "q"} <= members.keys():
        p, q = _number(members, "p"), _number(members, "q")
    else:
        if n.bit_length() > _LARGEST_FACTORED or pow(pow(2, e, n), d, n) != 2:
            raise ValueError("not one key")
        p, q = rsa.rsa_recover_prime_factors(n, e, d)
    if p * q != n or min(p, q) < 3:
        raise ValueError("not the factors")
    dp = _number(members, "dp") if "dp" in members else rsa.rsa_crt_dmp1(d, p)
    dq = _number(members, "dq") if "dq" in members else rsa.rsa_crt_dmq1(d, q)
    qi = _number(members, "qi") if "qi" in members else rsa.rsa_crt_iqmp(p, q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, rsa.RSAPublicNumbers(e, n))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _number(members: Mapping[str, Any], name: str) -> int:
    found = number_of(members.get(name))
    if found is None:
        raise ValueError(name)
    return found


_OPENERS = {
    Form.PRIVATE_KEY: _structure,
    Form.OPENSSH_KEY: _openssh,
    Form.PKCS12: _pkcs12,
    Form.JAVA_KEYSTORE: _keystore,
    Form.PRIVATE_JWK: _jwk,
}
