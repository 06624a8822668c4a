"""What can end the asking of a JWKS endpoint, each with what it means; and the body, unfolded within its limit."""

from __future__ import annotations

import ssl
import zlib

from urllib3.exceptions import HTTPError

from provisioner.org.refused_certificates import OLDER_PYTHON, form_flaw, why_refused
from provisioner.org.trust import Trust

#: A JWKS of ten keys with certificates has some 20 KiB.
LARGEST_BODY = 1 << 20


class Stopped(Exception):
    """Why the endpoint gives no answer; see :class:`NoAnswer`."""

    def __init__(self, rule: str, message: str, fix: str, *, certain: bool) -> None:
        super().__init__(message)
        self.rule, self.message, self.fix, self.certain = rule, message, fix, certain


def decoded(raw: bytes, encoding: str) -> bytes:
    """The body without its content encoding; what unfolds beyond the limit is cut off before it unfolds."""
    if encoding in ("", "identity"):
        return raw
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Stopped(
            "endpoint-encoding",
            f"The answer is encoded as {encoding[:20]!r}, though none was asked for.",
            "Serve the JWKS without content encoding where the client asks for none.",
            certain=False,
        )
    unfolding = zlib.decompressobj(wbits=47)
    try:
        body = unfolding.decompress(raw, LARGEST_BODY + 1)
    except zlib.error:
        raise Stopped(
            "endpoint-encoding", f"The answer says it is {encoding}, and is not.", "Correct the server.", certain=True
        ) from None
    if len(body) > LARGEST_BODY:
        raise too_large()
    return body


def too_large() -> Stopped:
    return Stopped(
        "endpoint-too-large",
        f"The answer is larger than {LARGEST_BODY >> 20} MiB; reading was stopped there.",
        "Serve the JWKS alone, with the keys that are in use.",
        certain=False,
    )


def untrusted(host: str, error: ssl.SSLCertVerificationError, trust: Trust) -> Stopped:
    flaw = form_flaw(error)
    if flaw is not None:
        fix = f"{flaw.cure}. {OLDER_PYTHON}."
    elif trust.named_by == "ca_bundle":
        fix = (
            "Use a certificate of a public authority, with its whole chain: Salesforce knows no other. To look at it "
            f"from here all the same, add its authority's certificate (PEM) to {trust.bundle}."
        )
    else:
        fix = (
            "Use a certificate of a public authority, with its whole chain. If a proxy of your company opens TLS, or "
            "the authority is your own, add --ca-bundle FILE."
        )
    return Stopped(
        "endpoint-tls", f"The TLS certificate of {host} is not trusted: {why_refused(error)}.", fix, certain=False
    )


def broken(host: str, error: Exception) -> Stopped:
    if isinstance(error, ssl.SSLError):
        words = error.reason or "no TLS"
        message = f"{host} speaks no TLS that can be understood ({words})."
    else:
        inner = error.args[-1] if error.args and isinstance(error, HTTPError) else error
        words = getattr(inner, "strerror", None) or type(error).__name__
        message = f"There is no connection to {host}, or it broke ({words})."
    return Stopped(
        "endpoint-unreachable",
        message,
        "See that it answers on the public Internet without a login or an allowlist. No proxy is used here.",
        certain=False,
    )
