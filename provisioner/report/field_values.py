"""The values of a change's fields in JSON: a sentence for people, and a value for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_never

from provisioner.planning.values import CertificateValue, FieldValue, PublicKeyValue
from provisioner.report.key_json import moment

Plain = str | int | bool | list[str] | None


def sentence(value: FieldValue) -> Plain:
    """Return a value for people: a public key and a certificate are text."""
    match value:
        case tuple():
            return list(value)
        case PublicKeyValue() | CertificateValue():
            return str(value)
        case None | bool() | int() | str():
            return value
        case _:
            assert_never(value)


def structured(value: FieldValue) -> Plain | dict[str, Any]:
    """Return the complete value for programs."""
    match value:
        case PublicKeyValue():
            return {
                "kty": value.kty,
                "bits": value.bits,
                "kid": value.kid,
                "alg": value.alg,
                "thumbprint": value.thumbprint,
            }
        case CertificateValue():
            return {
                "subject": value.subject,
                "not_before": moment(value.not_before),
                "not_after": moment(value.not_after),
                "sha256": value.sha256,
            }
        case None | bool() | int() | str() | tuple():
            return sentence(value)
        case _:
            assert_never(value)


def read_value(shown: Any, value: Any) -> FieldValue:
    """Return the value that :func:`sentence` and :func:`structured` wrote.

    Raises :class:`ValueError`, :class:`TypeError` or :class:`KeyError` if the two do not form such a pair.
    """
    read = _read(value)
    if sentence(read) != shown or type(sentence(read)) is not type(shown):
        raise ValueError(shown)
    return read


def _read(value: Any) -> FieldValue:
    match value:
        case {"kty": str(kty), "bits": int(bits), "kid": str(kid), "alg": str(alg), "thumbprint": str(thumbprint)}:
            return PublicKeyValue(kty, bits, kid, alg, thumbprint)
        case {"subject": str(subject), "not_before": str(begins), "not_after": str(ends), "sha256": str(sha256)}:
            return CertificateValue(subject, datetime.fromisoformat(begins), datetime.fromisoformat(ends), sha256)
        case list() if all(isinstance(each, str) for each in value):
            return tuple(value)
        case None | bool() | int() | str():
            return value
        case _:
            raise ValueError(value)
