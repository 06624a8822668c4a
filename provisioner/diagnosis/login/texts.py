"""Answers of the token endpoint, as data: their words, and their possible causes, most likely first.

Points are a judgement from the number of reports, not measured. The first row that fits counts.
"""

from __future__ import annotations

from provisioner.diagnosis.catalogue import Grade, KnownText, normal
from provisioner.diagnosis.catalogue import known_text_row as _text

#: Codes that every service uses: with unknown words, their origin is unknown.
_ANYBODYS_CODES = frozenset({"invalid_client"})
_O, _D, _I, _N = Grade.OBSERVED, Grade.DOCUMENTED, Grade.INFERRED, Grade.INVENTED

#: A change of an app takes this long at most to reach every server; later, waiting does not help.
PROPAGATION_SECONDS = 600.0

#: The token endpoint's answers. A cause without a known message follows every text that it may have.
TOKEN_TEXTS: tuple[KnownText, ...] = (
    _text("F01", "hasn't approved", "invalid_grant", _O, propagates=True, user_not_approved=55,
          user_not_preauthorized=35, wrong_login_host=25, not_propagated=15, app_blocked=4),
    _text("F02", "not admin approved", "invalid_app_access invalid_app_acess", _O, user_not_preauthorized=85,
          app_blocked=5),
    _text("F02", "approved by an admin to access this app", "invalid_app_access invalid_app_acess", _D,
          user_not_preauthorized=85, app_blocked=5),
    _text("F02", "", "invalid_app_access invalid_app_acess", _O, user_not_preauthorized=85, app_blocked=5),
    _text("F03", "invalid assertion", "invalid_grant", _O, propagates=True, brief=True, unlike="assertionerror|saml",
          certificate_mismatch=55,
          malformed_assertion=25, not_propagated=12, digital_signatures_not_enabled=10, wrong_login_host=8,
          wrong_audience=3),
    *(
        _text("F04", words, "invalid_grant", _O, distinct=words != "audience", brief=True, wrong_audience=85,
              wrong_login_host=15, eca_needs_my_domain=12)
        for words in ("audience is invalid", "audience validation failed", "audience")
    ),
    _text("F05", "expired authorization code", "invalid_grant", _O, clock_skew=45, expired_assertion=40),
    _text("F22", "api security token required", "invalid_grant", _O, wrong_flow=85),
    _text("F22", "security token", "invalid_grant", _O, distinct=False, wrong_flow=85),
    _text("F06", "invalid user credentials", "invalid_grant", _D, brief=True, wrong_username=60, wrong_login_host=25,
          user_inactive=25, user_frozen=15),
    _text("F06", "authentication failure", "invalid_grant", _O, brief=True, unlike="pam_unix|logname=",
          wrong_username=60, wrong_login_host=25,
          user_inactive=20, user_frozen=18, login_hours=5, org_inactive=3),
    *(
        _text("F07", words, "inactive_user invalid_grant", _D, distinct=words != "inactive", brief=True,
              user_inactive=45, user_frozen=35)
        for words in ("user is inactive", "inactive user", "inactive")
    ),
    _text("F07", "", "inactive_user", _D, user_inactive=45, user_frozen=35),
    _text("F08", "ip restricted or invalid login hours", "invalid_grant", _D, ip_restricted=48, login_hours=44),
    _text("F08", "ip restricted", "invalid_grant", _O, ip_restricted=75, login_hours=10),
    _text("F08", "login hours", "invalid_grant", _N, login_hours=45, ip_restricted=10),
    _text("F09", "client identifier", "invalid_client_id", _O, propagates=True, brief=True,
          unlike="connection refused|mqtt", wrong_consumer_key=55,
          not_propagated=30, wrong_login_host=25, oauth_not_enabled=12, app_not_installed=10),
    _text("F09", "", "invalid_client_id", _O, propagates=True, wrong_consumer_key=55, not_propagated=30,
          wrong_login_host=25, oauth_not_enabled=12, app_not_installed=10),
    _text("F10b", "must be installed into", "invalid_client", _O, app_not_installed=80),
    _text("F10a", "invalid client credentials", "invalid_client", _O, certificate_mismatch=50, malformed_assertion=30,
          unexpected_request=20, wrong_flow=15, note="An external client app answers a wrong signature with this "
                                                     "message; so does another flow with a wrong client_secret."),
    _text("F10a", "", "invalid_client", _D, unexpected_request=65, wrong_flow=30, oauth_not_enabled=4),
    _text("F11", "external client app is not installed", "app_not_found", _O, propagates=True, app_not_installed=45,
          eca_needs_my_domain=40, not_propagated=15, wrong_login_host=10, user_not_preauthorized=2),
    _text("F11", "", "app_not_found oauth_ec_app_not_found", _O, propagates=True, app_not_installed=45,
          eca_needs_my_domain=40, not_propagated=15, wrong_login_host=10, user_not_preauthorized=2),
    _text("F11", "oauth_approval_error_generic", "", _O, app_not_installed=55, app_blocked=20,
          note="The page for authorization says so. In public reports the app was not installed in the org: since "
               "September 2025 most users can authorize only installed apps."),
    _text("F12", "refresh_token scope", "invalid_request", _O, missing_refresh_token_scope=65,
          user_not_preauthorized=30, digital_signatures_not_enabled=14, app_not_installed=12),
    _text("F13", "grant type not supported", "unsupported_grant_type", _O, unexpected_request=85),
    _text("F13", "", "unsupported_grant_type", _O, unexpected_request=85),
    _text("F14", "scope parameter not supported", "invalid_request", _O, unexpected_request=90),
    _text("F14", "jti already in use", "invalid_request invalid_grant", _O, expired_assertion=85,
          note="The assertion was sent before: Salesforce takes each jti once.",
          remedy="Sign a new assertion for each request, retries too, with a jti of its own or with none."),
    _text("F15", "", "invalid_scope", _D, unexpected_request=70),
    _text("F16", "too many scopes requested", "invalid_grant", _I,
          note="One weakly founded report says that old approvals are being merged: revoke the user's in Setup > "
          "Connected Apps OAuth Usage."),
    _text("F17", "", "rate_limit_exceeded", _D, rate_limited=85),
    _text("F17", "login rate exceeded", "", _D, rate_limited=85),
    _text("F17", "number of logins exceeded", "", _D, rate_limited=85),
    _text("F18", "", "inactive_org", _D, org_inactive=49),
    _text("F18", "organization locked", "", _D, org_inactive=49),
    _text("F19", "retry your request", "", _O, brief=True, transient=75, wrong_username=8, wrong_consumer_key=8),
    _text("F20", "", "server_error temporarily_unavailable unknown_error", _I, transient=60, maintenance=30),
    _text("F21", "no valid scopes defined", "invalid_grant", _O, wrong_flow=90),
    _text("F21", "client credentials user", "invalid_grant", _O, wrong_flow=90),
    _text("F21", "not supported on this domain", "invalid_grant", _O, wrong_flow=60, wrong_login_host=40),
    _text("F22", "expired access/refresh token", "invalid_grant", _O, wrong_flow=90),
    _text("F22", "token validity expired", "invalid_grant", _O, wrong_flow=90,
          note="It is the refresh token of another flow that has expired."),
    _text("F22", "unable to complete the jwt token exchange", "", _O,
          note="A named credential of Salesforce hides the answer of the token endpoint. In public reports the "
               "external credential had no values for the claims iss, sub and aud, of which it needs all three, or the "
               "token endpoint of another provider refused a scope."),
    _text("F22", "", "redirect_uri_mismatch", _D, wrong_flow=90),
    _text("F22", "redirect_uri must match", "", _D, wrong_flow=90),
    _text("F22", "end-user denied authorization", "access_denied", _D, wrong_flow=85),
    _text("F22", "code challenge", "invalid_request", _D, wrong_flow=90),
    _text("F22", "code verifier", "invalid_grant invalid_request", _D, wrong_flow=90),
    _text("F22", "hybrid grant", "invalid_grant", _O, wrong_flow=85),
    _text("F22", "invalid authorization code", "invalid_grant", _O, wrong_flow=85),
    _text("F22", "activation secret invalid", "invalid_grant", _O, wrong_flow=85),
    _text("F23", "blocked by admin", "", _N, app_blocked=49),
    _text("F23", "", "oauth_app_blocked", _N, app_blocked=49),
    _text("F02", "", "oauth_app_access_denied", _O, user_not_preauthorized=80, app_blocked=10),
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


def known_text(error: str, description: str) -> KnownText | None:
    """Return the row for a token endpoint's answer; None if it is not known. Either may be empty: clients drop one.

    Without a code, words that other services use count only as a sentence of their own, or not at all.
    """
    code, said = error.strip().lower(), normal(description)
    for row in TOKEN_TEXTS:
        if row.words:
            if row.words in said and _takes(row, code, said) and not any(word in said for word in row.unlike):
                return row
        elif code in row.errors and not (said and code in _ANYBODYS_CODES):
            return row
    return None


def _takes(row: KnownText, code: str, said: str) -> bool:
    if code and not _is_class(code):
        return not row.errors or code in row.errors
    return row.distinct and (not row.brief or row.is_own_sentence(said))


def _is_class(code: str) -> bool:
    """Return whether the code is not an OAuth error but the name of a client's exception, which is no evidence."""
    return "_" not in code
