"""What orgs answer, as data: the words, and the causes they may stand for, most likely first.

Points are judgement from the number of reports, not measured; from :data:`LIKELY` on a cause is called likely.
``words`` are matched in lower case with blanks collapsed; a row with an ``error`` needs that code where one is known.
The first row that fits is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnosis.causes import Grade
from provisioner.org.refused_certificates import FORM_FLAWS, OLDER_PYTHON

#: From so many points on an inferred cause is called likely.
LIKELY = 50


@dataclass(frozen=True, slots=True)
class Text:
    """A known answer. ``id`` is its number in our notes; ``propagates``: waiting may cure it; ``note`` says more.

    ``remedy`` is for these very words; the steps of the cause count if it is empty.
    """

    id: str
    words: str
    errors: tuple[str, ...]
    causes: tuple[tuple[str, int], ...]
    grade: Grade
    propagates: bool = False
    note: str = ""
    remedy: str = ""


_O, _D, _X = Grade.OBSERVED, Grade.DOCUMENTED, Grade.REPRODUCED
_I, _N = Grade.INFERRED, Grade.INVENTED


def _text(
    id: str,
    words: str,
    error: str,
    grade: Grade,
    *,
    propagates: bool = False,
    note: str = "",
    remedy: str = "",
    **causes: int,
) -> Text:
    ranked = tuple((name.replace("_", "-"), points) for name, points in causes.items())
    return Text(id, words, tuple(error.split()), ranked, grade, propagates, note, remedy)


#: The token endpoint's answers. Where a cause's own words are not known, it stands behind every text that it may have.
TOKEN_TEXTS: tuple[Text, ...] = (
    _text("F01", "hasn't approved", "invalid_grant", _O, propagates=True, user_not_approved=55,
          user_not_preauthorized=35, wrong_login_host=25, not_propagated=15, app_blocked=4),
    _text("F02", "not admin approved", "invalid_app_access invalid_app_acess", _O, user_not_preauthorized=85,
          app_blocked=5),
    _text("F02", "", "invalid_app_access invalid_app_acess", _O, user_not_preauthorized=85, app_blocked=5),
    _text("F03", "invalid assertion", "invalid_grant", _O, propagates=True, certificate_mismatch=55,
          malformed_assertion=25, not_propagated=12, digital_signatures_not_enabled=10, wrong_login_host=8,
          wrong_audience=3),
    _text("F04", "audience", "invalid_grant", _O, wrong_audience=85, wrong_login_host=15, eca_needs_my_domain=12),
    _text("F05", "expired authorization code", "invalid_grant", _O, clock_skew=45, expired_assertion=40),
    _text("F22", "security token", "invalid_grant", _O, wrong_flow=85),
    _text("F06", "authentication failure", "invalid_grant", _O, wrong_username=60, wrong_login_host=25,
          user_inactive=20, user_frozen=18, login_hours=5, org_inactive=3),
    _text("F07", "inactive", "inactive_user invalid_grant", _D, user_inactive=45, user_frozen=35),
    _text("F07", "", "inactive_user", _D, user_inactive=45, user_frozen=35),
    _text("F08", "ip restricted or invalid login hours", "invalid_grant", _D, ip_restricted=48, login_hours=44),
    _text("F08", "ip restricted", "invalid_grant", _O, ip_restricted=75, login_hours=10),
    _text("F08", "login hours", "invalid_grant", _N, login_hours=45, ip_restricted=10),
    _text("F09", "client identifier", "invalid_client_id", _O, propagates=True, wrong_consumer_key=55,
          not_propagated=30, wrong_login_host=25, oauth_not_enabled=12, app_not_installed=10),
    _text("F09", "", "invalid_client_id", _O, propagates=True, wrong_consumer_key=55, not_propagated=30,
          wrong_login_host=25, oauth_not_enabled=12, app_not_installed=10),
    _text("F10b", "must be installed into", "invalid_client", _O, app_not_installed=80),
    _text("F10a", "", "invalid_client", _D, unexpected_request=65, wrong_flow=30, oauth_not_enabled=4),
    _text("F11", "external client app is not installed", "app_not_found", _O, propagates=True, app_not_installed=45,
          eca_needs_my_domain=40, not_propagated=15, wrong_login_host=10, user_not_preauthorized=2),
    _text("F11", "", "app_not_found oauth_ec_app_not_found", _O, propagates=True, app_not_installed=45,
          eca_needs_my_domain=40, not_propagated=15, wrong_login_host=10, user_not_preauthorized=2),
    _text("F12", "refresh_token scope", "invalid_request", _O, missing_refresh_token_scope=65,
          user_not_preauthorized=30, digital_signatures_not_enabled=14, app_not_installed=12),
    _text("F13", "grant type not supported", "unsupported_grant_type", _O, unexpected_request=85),
    _text("F13", "", "unsupported_grant_type", _O, unexpected_request=85),
    _text("F14", "scope parameter not supported", "invalid_request", _O, unexpected_request=90),
    _text("F15", "", "invalid_scope", _D, unexpected_request=70),
    _text("F16", "too many scopes requested", "invalid_grant", _I,
          note="One weakly founded report says that old approvals are being merged: revoke the user's in Setup > "
          "Connected Apps OAuth Usage."),
    _text("F17", "", "rate_limit_exceeded", _D, rate_limited=85),
    _text("F17", "login rate", "", _D, rate_limited=85),
    _text("F17", "number of logins exceeded", "", _D, rate_limited=85),
    _text("F18", "", "inactive_org", _D, org_inactive=49),
    _text("F18", "organization locked", "", _D, org_inactive=49),
    _text("F19", "retry your request", "", _O, transient=75, wrong_username=8, wrong_consumer_key=8),
    _text("F20", "", "server_error temporarily_unavailable unknown_error", _I, transient=60, maintenance=30),
    _text("F21", "no valid scopes defined", "invalid_grant", _O, wrong_flow=90),
    _text("F21", "client credentials user", "invalid_grant", _O, wrong_flow=90),
    _text("F21", "not supported on this domain", "invalid_grant", _O, wrong_flow=60, wrong_login_host=40),
    _text("F22", "expired access/refresh token", "invalid_grant", _O, wrong_flow=90),
    _text("F22", "invalid authorization code", "invalid_grant", _O, wrong_flow=85),
    _text("F22", "activation secret invalid", "invalid_grant", _O, wrong_flow=85),
    _text("F23", "blocked by admin", "", _N, app_blocked=49),
    _text("F23", "", "oauth_app_blocked", _N, app_blocked=49),
    _text("F23", "access denied", "oauth_app_access_denied", _O, user_not_preauthorized=80, app_blocked=10),
    _text("F02", "", "oauth_app_access_denied", _O, user_not_preauthorized=80, app_blocked=10),
)  # fmt: skip

#: What clients say where no token endpoint did: the network, the host, the page. Only for pasted output.
CLIENT_TEXTS: tuple[Text, ...] = (
    _text("F27", "enotfound", "", _O, host_not_found=95),
    _text("F27", "getaddrinfo", "", _O, host_not_found=95),
    _text("F27", "nxdomain", "", _O, host_not_found=95),
    _text("F27", "name or service not known", "", _O, host_not_found=95),
    _text("F27", "failed to resolve", "", _O, host_not_found=95),
    _text("F28", "407 proxy", "", _O, proxy=90),
    _text("F28", "response 407", "", _O, proxy=90),
    _text("F28", "proxy authentication", "", _O, proxy=90),
    _text("F28", "tunnel connection failed", "", _O, proxy=85),
    *(
        _text("F28", flaw.words.lower(), "", _X, tls_untrusted=95, note=f"It means: {flaw.what}.",
              remedy=f"{flaw.cure}. {OLDER_PYTHON}.")
        for flaw in FORM_FLAWS.values()
    ),
    _text("F28", "self signed certificate", "", _O, tls_untrusted=95),
    _text("F28", "self-signed certificate", "", _O, tls_untrusted=95),
    _text("F28", "unable_to_get_issuer_cert_locally", "", _O, tls_untrusted=95),
    _text("F28", "unable to get local issuer certificate", "", _O, tls_untrusted=95),
    _text("F28", "unable_to_verify_leaf_signature", "", _O, tls_untrusted=95),
    _text("F28", "certificate_verify_failed", "", _O, tls_untrusted=95),
    _text("F24", "only post allowed", "", _O, not_a_login_host=90),
    _text("F24", "should not be a lightning domain", "", _O, not_a_login_host=95),
    _text("F24", "url no longer exists", "", _O, not_a_login_host=80),
    _text("F25", "data not available", "", _D, maintenance=75, not_a_login_host=20),
    _text("F25", "down for maintenance", "", _D, maintenance=90),
    _text("F25", "service unavailable", "", _O, maintenance=60, transient=40),
    _text("F26", "unexpected end of json input", "", _O, not_a_login_host=60, proxy=40),
    _text("F26", "expecting value: line 1 column 1", "", _O, not_a_login_host=60, proxy=40),
    _text("F30", "not valid for use with the", "", _O, missing_api_scope=80),
    _text("F30", "api_currently_disabled", "", _O, api_not_enabled=85),
    _text("F30", "api_disabled_for_org", "", _O, api_not_enabled=80),
    _text("F30", "url_not_reset", "", _O, wrong_login_host=70),
    _text("F30", "destination url not reset", "", _O, wrong_login_host=70),
    _text("F30", "modifymetadata permissions", "", _D, metadata_permission_missing=85),
    _text("F30", "high assurance", "", _N, session_level_policy=45),
    _text("F29", "minimum key size", "", _X, key_too_small=95),
    _text("F29", "key type must be one of", "", _X, key_not_rsa=95),
    _text("F29", "got ecprivatekey", "", _X, key_not_rsa=95),
    _text("F29", "private key is encrypted", "", _X, key_encrypted=95),
    _text("F29", "secretorprivatekey must have a value", "", _X, key_unreadable=95, note="The key is empty."),
    _text("F29", "must be an asymmetric key", "", _X, key_unreadable=60, key_encrypted=50,
          note="jsonwebtoken says this of every key that it cannot read: a certificate, an encrypted key, a key on one "
          "line, in quotes, or with \\n in place of line breaks."),
    _text("F29", "could not parse the provided public key", "", _X, key_unreadable=85,
          note="PyJWT means the private key, although it says public: it cannot be read."),
    _text("F29", "no attribute 'sign'", "", _X, key_unreadable=85, note="This is a public key, not the private one."),
    _text("F29", "no start line", "", _O, key_unreadable=85),
    _text("F29", "decoder routines", "", _O, key_unreadable=85, key_encrypted=40),
    _text("F29", "enoent", "", _O, key_unreadable=90, note="There is no file of that name: the key's path is wrong."),
)  # fmt: skip

#: LoginHistory.Status (with or without ``Failed: ``) to causes. Source: object reference, LOGIN_STATUS.
HISTORY: tuple[tuple[str, str], ...] = (
    ("restricted ip", "ip-restricted"),
    ("ip address not allowed", "ip-restricted"),
    ("restricted country", "ip-restricted"),
    ("restricted time", "login-hours"),
    ("restricted domain", "wrong-login-host"),
    ("login rate exceeded", "rate-limited"),
    ("maximum logins exceeded", "rate-limited"),
    ("get access token limit exceeded", "rate-limited"),
    ("user is inactive", "user-inactive"),
    ("user is frozen", "user-frozen"),
    ("password lockout", "user-frozen"),
    ("organization is in maintenance", "maintenance"),
    ("organization is", "org-inactive"),
    ("trial expired", "org-inactive"),
    ("invalid login", "wrong-username"),
    ("missing consumer key", "wrong-consumer-key"),
    ("consumer deleted", "wrong-consumer-key"),
    ("oauth api access disabled", "api-not-enabled"),
    ("not installed in your organization", "app-not-installed"),
    ("out of date", "app-not-installed"),
    ("signature invalid", "certificate-mismatch"),
    ("certificate mismatch", "certificate-mismatch"),
    ("audience invalid", "wrong-audience"),
    ("issuer mismatched", "wrong-consumer-key"),
    ("assertion expired", "expired-assertion"),
    ("invalid timestamp", "expired-assertion"),
    ("username or sso id invalid", "wrong-username"),
    ("invalid token", "malformed-assertion"),
    ("unexpected parameter", "unexpected-request"),
    ("two-factor required", "session-level-policy"),
    ("security token required", "wrong-flow"),
    ("invalid password", "wrong-flow"),
    ("hasn't approved", "user-not-approved"),
    ("not approved for access", "user-not-preauthorized"),
)

#: IdpEventLog.ErrorCode to causes. Source: object reference, IdpEventLog; some readings are inferred.
EVENTS: dict[str, str] = {
    "AppAccessDenied": "user-not-preauthorized",
    "ClientUnapproved": "user-not-approved",
    "AppBlocked": "app-blocked",
    "InvalidIssuer": "wrong-consumer-key",
    "InvalidSignature": "certificate-mismatch",
    "CodeExpired": "expired-assertion",
    "InvalidUserCredentials": "wrong-username",
    "InvalidScope": "missing-refresh-token-scope",
    "InvalidSessionLevel": "session-level-policy",
    "InvalidClientCredentials": "unexpected-request",
}


def normal(words: str) -> str:
    """Words as they are compared: lower case, plain apostrophes, single blanks, no final dot."""
    return " ".join(words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower().split()).rstrip(".")


def known_text(error: str, description: str) -> Text | None:
    """The row for a token endpoint's answer; None where it is not known. Either may be empty, as clients lose one."""
    code, said = error.strip().lower(), normal(description)
    for row in TOKEN_TEXTS:
        if row.words:
            if row.words in said and (not code or not row.errors or code in row.errors or _is_class(code)):
                return row
        elif code in row.errors:
            return row
    return None


def known_client_text(words: str) -> Text | None:
    """The row for what a client says of the network, the host or a later call."""
    said = normal(words)
    return next((row for row in CLIENT_TEXTS if row.words in said), None)


def _is_class(code: str) -> bool:
    """Whether the code is no OAuth error but the name of a client's exception, which says nothing."""
    return "_" not in code
