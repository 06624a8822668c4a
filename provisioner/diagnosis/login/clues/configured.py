"""Clues from the login's fields and its private key, before anything is sent.

Those from the fields are hints: they count only if the login fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.diagnosis.cases import Against, For, Mark
from provisioner.diagnosis.login.evidence import CertificateSeen, Configured, LoginEvidence
from provisioner.model.salesforce_hosts import HostKind

#: Consumer keys of an org, and those that `login apply` chooses.
_KEY_SHAPE = re.compile(r"3MVG[A-Za-z0-9._]{20,}|[A-Za-z0-9]{80}")
_SECRET_SHAPE = re.compile(r"[0-9]{15,25}|[0-9A-Fa-f]{64}")
_RECORD_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
#: The points for a sandbox's username at login.salesforce.com: more than for a message with several causes.
_SUFFIXED = 55
_CANNOT_BEGIN = "The login was not attempted, because this field has no usable value."
#: Suffixes of mail domains that are unlikely to be the name of a sandbox.
_MAIL_ENDINGS = frozenset({"com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "example"})


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    login = evidence.configured
    for cause, sentence, remedy in login.problems:
        yield For(cause, 95, sentence, proof=True, remedy=remedy, meaning=_CANNOT_BEGIN)
    yield from _swapped(login)
    yield from _consumer_key(login)
    yield from _username(login)
    yield from _host(login)
    yield from _audience(login)


def looks_like_a_consumer_key(text: str) -> bool:
    """Return whether a text has the shape of a consumer key (observed, not documented)."""
    return _KEY_SHAPE.fullmatch(text) is not None or text == "PlatformCLI"


def swapped(login: Configured) -> bool:
    """Return whether consumer key and username were clearly exchanged."""
    return "@" in (login.consumer_key or "") and looks_like_a_consumer_key(login.username or "")


def _swapped(login: Configured) -> Iterator[Mark]:
    key, name = login.consumer_key or "", login.username or ""
    if swapped(login):
        yield For("swapped-claims", 99, "consumer_key holds a username, and username a consumer key.", proof=True)
    elif "@" in key:
        yield For("swapped-claims", 70, "consumer_key holds an @: it is a username.")
    elif looks_like_a_consumer_key(name):
        yield For("swapped-claims", 70, "username has the form of a consumer key.")


def _consumer_key(login: Configured) -> Iterator[Mark]:
    key = login.consumer_key
    if not key or "@" in key or looks_like_a_consumer_key(key):
        return
    if re.search(r"\s", key):
        said = "holds blanks or line breaks"
    elif _SECRET_SHAPE.fullmatch(key):
        said = "has the shape of a consumer secret"
    elif _RECORD_ID.fullmatch(key):
        said = "has the shape of a record's id"
    else:  # an external client app's consumer key may be chosen: any other shape is possible
        return
    yield For("wrong-consumer-key", 20, f"consumer_key {said}.")


def _username(login: Configured) -> Iterator[Mark]:
    name = login.username
    if not name or looks_like_a_consumer_key(name):
        return
    if "@" not in name:
        yield For("wrong-username", 25, "username holds no @: every username has one.")
        return
    ending = name.rpartition("@")[2].rpartition(".")[2].lower()
    if login.sandbox is not None and ending != login.sandbox:
        yield For(
            "wrong-username",
            12,
            f"{login.user} does not end in .{login.sandbox}, and {login.host} is the sandbox {login.sandbox} (users "
            "who were made in the sandbox itself have no ending).",
        )
    elif login.host_kind is HostKind.TEST and ending in _MAIL_ENDINGS:
        said = f"{login.user} does not end with a sandbox's name, and {login.host} is for sandboxes."
        yield For("wrong-username", 8, said)
    elif login.host_kind is HostKind.LOGIN and ending not in _MAIL_ENDINGS and len(ending) > 2:
        said = f"{login.user} looks like a sandbox's user, and {login.host} is not for sandboxes."
        yield For("wrong-login-host", _SUFFIXED if _has_suffix(name) else 18, said)


def _has_suffix(name: str) -> bool:
    """Return whether another suffix follows a mail domain: ``ci@acme.com.uat``."""
    labels = name.rpartition("@")[2].lower().split(".")
    return len(labels) > 2 and (labels[-2] in _MAIL_ENDINGS or len(labels[-2]) == 2)


def _host(login: Configured) -> Iterator[Mark]:
    if login.host_kind is HostKind.LIGHTNING:
        yield For("not-a-login-host", 60, f"{login.host} is a Lightning address, which accepts no logins by JWT.")
    elif login.host_kind is HostKind.INSTANCE:
        yield For("wrong-login-host", 15, f"{login.host} is an instance, not an org's own address.")


def _audience(login: Configured) -> Iterator[Mark]:
    if login.audience is None or login.login_url is None:
        return
    sandbox = login.host_kind in (HostKind.SANDBOX, HostKind.TEST)
    generic = login.audience_host
    if sandbox and generic.startswith("login."):
        yield For("wrong-audience", 15, f"The audience is {login.audience}, and {login.host} is a sandbox's.")
    elif login.host_kind in (HostKind.LOGIN, HostKind.MY_DOMAIN) and generic.startswith("test."):
        yield For("wrong-audience", 15, f"The audience is {login.audience}, and {login.host} is not a sandbox's.")
    if not login.audience.startswith("https://"):
        yield For("wrong-audience", 15, f"The audience {login.audience} does not begin with https://.")
    elif re.sub(r"^https://[^/?#]+/?", "", login.audience):
        yield For("wrong-audience", 15, f"The audience {login.audience} is more than https:// and a host.")


def key_clue(evidence: LoginEvidence) -> Iterator[Mark]:
    key = evidence.key
    if key is None:
        return
    if key.cause is not None:
        yield For(key.cause, 95, f"{key.words} Nothing was signed, nothing sent.", proof=True, remedy=key.remedy)
        return
    if key.beside is not None:
        yield from _beside(key.beside)
        yield from dates(key.beside, evidence)
    if _answered(evidence):
        yield Against("key-unreadable", f"The private key can be read: RSA, {key.bits} bits; it signed the assertion.")


def _beside(found: CertificateSeen) -> Iterator[Mark]:
    if found.matches is False:
        yield For(
            "certificate-mismatch",
            20,
            f"The certificate {found.place} beside the private key is not this key's. If it is on the app, key and "
            "certificate do not match.",
        )


def dates(found: CertificateSeen, evidence: LoginEvidence) -> Iterator[Mark]:
    """Yield the mark of an expired certificate; also used for the app's certificate."""
    if found.matches is not False and found.not_after <= evidence.now:
        yield For("certificate-expired", 10, f"{found.place} expired on {found.not_after:%Y-%m-%d}.", proof=True)


def _answered(evidence: LoginEvidence) -> bool:
    return evidence.answer is not None and evidence.answer.ours
