"""The reasons for a refused certificate of a host, and the fixes.

The codes are OpenSSL's (x509_vfy.h), which Python passes on as ``verify_code``. Other verifiers (Windows, macOS) have
different codes; those count as an unknown authority, and their message is shown.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from provisioner.salesforce.trust import Trust

_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_HOST = (62, 64)
_NO_AUTHORITY = 79
#: Codes that OpenSSL gives only under VERIFY_X509_STRICT, which Python sets from 3.13 on.
_FORM_CODES = frozenset({78, *range(80, 94)})
_SAME_KEY = "with the same key and name, so that the certificates that it signed stay valid"


@dataclass(frozen=True, slots=True)
class FormFlaw:
    """A certificate that violates RFC 5280: OpenSSL's message, the violation, and the certificate to issue."""

    words: str
    what: str
    cure: str


#: Added to the fix of a flaw.
OLDER_PYTHON = "Until then, run this program with Python 3.12, which does not check this"
FORM_FLAWS = {
    85: FormFlaw(
        "Missing Authority Key Identifier",
        "a certificate in its chain has no Authority Key Identifier (RFC 5280 section 4.2.1.1)",
        "Have the host's certificate issued again with authorityKeyIdentifier = keyid",
    ),
    86: FormFlaw(
        "Missing Subject Key Identifier",
        "an authority's certificate has no Subject Key Identifier (RFC 5280 section 4.2.1.2)",
        f"Have the authority's certificate issued again with subjectKeyIdentifier = hash, {_SAME_KEY}",
    ),
    89: FormFlaw(
        "Basic Constraints of CA cert not marked critical",
        "the Basic Constraints of an authority's certificate are not marked critical (RFC 5280 section 4.2.1.9)",
        f"Have the authority's certificate issued again with basicConstraints = critical, CA:TRUE, {_SAME_KEY}",
    ),
    92: FormFlaw(
        "CA cert does not include key usage extension",
        "an authority's certificate has no Key Usage (RFC 5280 section 4.2.1.3)",
        "Have the authority's certificate issued again with keyUsage = critical, keyCertSign, cRLSign, " + _SAME_KEY,
    ),
}


def form_flaw(error: ssl.SSLCertVerificationError) -> FormFlaw | None:
    """Return the flaw if the certificate is refused only for its form, which Python 3.13 and later check."""
    if error.verify_code not in _FORM_CODES:
        return None
    words = error.verify_message.rstrip(".")
    return FORM_FLAWS.get(error.verify_code) or FormFlaw(
        words,
        f"a certificate in its chain breaks the format of RFC 5280 ({words})",
        "Have that certificate issued again in the format of RFC 5280",
    )


def why_refused(error: ssl.SSLCertVerificationError) -> str:
    """Return the reason as the middle of a sentence."""
    flaw = form_flaw(error)
    if flaw is not None:
        return f"{flaw.what}, which Python 3.13 and later refuse"
    return error.verify_message.rstrip(".") or "the handshake failed"


def cure_of(error: ssl.SSLCertVerificationError, host: str, trust: Trust) -> str:
    """Return the fix for a refused certificate of an org, under the authorities that applied."""
    flaw = form_flaw(error)
    if flaw is not None:
        return f"{flaw.cure}. {_until_then(trust)}"
    if error.verify_code in (_NOT_YET_VALID, _EXPIRED):
        return (
            f"Check the clock of this machine. If it is right, the operator of {host} (or of a proxy on the way) "
            f"must renew the certificate."
        )
    if error.verify_code in _OTHER_HOST:
        return "Check login_url for a typo. If it is right, a proxy on the way presents its own certificate."
    if error.verify_code == _NO_AUTHORITY:
        return "Have the authority's certificate issued again with basicConstraints = critical, CA:TRUE."
    return _add_authority(trust)


def _until_then(trust: Trust) -> str:
    if trust.bundle is None:
        return f"{OLDER_PYTHON}."
    return (
        f"{OLDER_PYTHON}; or add the authority to the operating system's trust store and {_without_bundle(trust)}: "
        f"that store has its own rules."
    )


def _without_bundle(trust: Trust) -> str:
    return "remove ca_bundle from the environment file" if trust.named_by == "ca_bundle" else f"unset {trust.named_by}"


def _add_authority(trust: Trust) -> str:
    if trust.bundle is not None:
        place = f"add its certificate (PEM) to {trust.bundle}, or set {trust.named_by} to a file that contains it"
    else:
        place = (
            "add its certificate to the operating system's trust store, or set ca_bundle in the "
            "environment file (or REQUESTS_CA_BUNDLE) to a PEM file that contains it"
        )
    return (
        f"If the authority belongs to your company (a proxy that inspects TLS has one): {place}. If not, stop: "
        f"another server may be answering. Never disable the check."
    )
