"""Evidence for every cause, as the probes would give it: what golden files and properties are made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from provisioner.diagnosis.login.evidence import (
    AdminQuery,
    AdminSeen,
    Call,
    CertificateSeen,
    Configured,
    Failure,
    KeySeen,
    LoginEvidence,
    NetworkSeen,
    Pasted,
    PastedFacts,
    PastedToken,
    SessionSeen,
    TokenAnswer,
)
from provisioner.diagnosis.pasted.output import explain

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOST = "acme--uat.sandbox.my.salesforce.com"
LOGIN = Configured(
    environment="uat",
    file="config/environments/uat.yaml",
    login_url=f"https://{HOST}",
    audience=f"https://{HOST}",
    username="ci@acme.com.uat",
    consumer_key="3MVG9" + "a1.B_" * 16,
    app_name="Provisioner CI",
)
KEY = KeySeen(bits=2048)
NETWORK = NetworkSeen(
    host=HOST, addresses=("192.0.2.1",), versions=("62.0", "67.0"), status=200, issuer=f"https://{HOST}", skew=0.2
)
SOUND = LoginEvidence(NOW, LOGIN, KEY, NETWORK)
WELL = Call(ok=True)
SESSION = SessionSeen("00D5g0000000001EAA", f"https://{HOST}", False, "api", WELL, WELL, True, "67.0")


def said(error: str, description: str = "", **changes: object) -> LoginEvidence:
    """Evidence in which the token endpoint says so."""
    return replace(SOUND, answer=TokenAnswer(400, error, description), **changes)  # type: ignore[arg-type]


def asked(**rows: tuple[dict[str, object], ...]) -> AdminSeen:
    """The org's record; a name's underscores are hyphens."""
    found = {name.replace("_", "-"): AdminQuery(name, answer) for name, answer in rows.items()}
    return AdminSeen("environment uat-admin", HOST, asked=found)


def certificate(*, matches: bool | None = True, days: int = 100) -> CertificateSeen:
    return CertificateSeen("uat.crt", NOW - timedelta(days=700), NOW + timedelta(days=days), matches)


USER: dict[str, object] = {"Id": "0055g0000000001AAA", "Username": LOGIN.username, "IsActive": True}
GENERIC = replace(LOGIN, login_url="https://test.salesforce.com", audience="https://test.salesforce.com")
KEY_BAD = "The private key of the login"


def pasted(text: str) -> LoginEvidence:
    """Evidence in a text that another program printed."""
    return explain(text, Configured(), NOW)


#: By cause: evidence for which it ranks first.
CASES: dict[str, LoginEvidence] = {
    "certificate-mismatch": said("invalid_grant", "invalid assertion"),
    "digital-signatures-not-enabled": said(
        "invalid_grant",
        "invalid assertion",
        admin=replace(
            asked(user=(USER,), app_metadata=({"fullName": "Provisioner_CI", "consumerKey": LOGIN.consumer_key},)),
            certificate_missing=True,
        ),
    ),
    "oauth-not-enabled": replace(
        SOUND,
        answer=TokenAnswer(400, "invalid_client_id", "client identifier invalid", tries=20, seconds=600.0),
        admin=asked(user=(USER,), app_metadata=({"fullName": "Provisioner_CI", "consumerKey": LOGIN.consumer_key},)),
    ),
    "wrong-consumer-key": said("invalid_client_id", "client identifier invalid"),
    "user-not-preauthorized": said("invalid_app_access", "user is not admin approved to access this app"),
    "user-not-approved": said("invalid_grant", "user hasn't approved this consumer"),
    "missing-refresh-token-scope": said(
        "invalid_request",
        "refresh_token scope is required and the connected app should be installed and preauthorized",
    ),
    "missing-api-scope": replace(
        SOUND,
        answer=TokenAnswer(200, shape="token", shown="a session"),
        session=replace(
            SESSION,
            scope="id",
            rest=Call(False, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
            soap=Call(False, "INVALID_SESSION_ID", "This session is not valid for use with the API"),
        ),
    ),
    "jwt-format-token": replace(
        SOUND,
        answer=TokenAnswer(200, shape="token", shown="a session"),
        session=replace(SESSION, jwt_format=True, soap=Call(False, "INVALID_SESSION_ID", "Invalid Session ID found")),
    ),
    "session-level-policy": replace(
        SOUND,
        answer=TokenAnswer(200, shape="token", shown="a session"),
        session=replace(SESSION, rest=Call(False, "INSUFFICIENT_ACCESS", "High assurance session required")),
    ),
    "app-not-installed": said("app_not_found", "External client app is not installed in this org"),
    "eca-needs-my-domain": said(
        "app_not_found", "External client app is not installed in this org", configured=GENERIC
    ),
    "app-blocked": said("OAUTH_APP_BLOCKED", "this app is blocked by admin"),
    "not-propagated": replace(
        SOUND,
        answer=TokenAnswer(200, shape="token", shown="a session", tries=3, seconds=60.0),
        session=SESSION,
    ),
    "certificate-expired": replace(
        SOUND,
        key=replace(KEY, beside=certificate(days=-1)),
        answer=TokenAnswer(200, shape="token", shown="a session"),
        session=SESSION,
    ),
    "wrong-username": said("invalid_grant", "authentication failure"),
    "user-inactive": said("invalid_grant", "authentication failure", admin=asked(user=({**USER, "IsActive": False},))),
    "user-frozen": said(
        "invalid_grant", "authentication failure", admin=asked(user=(USER,), user_login=({"IsFrozen": True},))
    ),
    "ip-restricted": said("invalid_grant", "ip restricted"),
    "login-hours": said(
        "invalid_grant",
        "IP restricted or invalid login hours",
        admin=asked(user=(USER,), history=({"Status": "Restricted time", "SourceIp": "192.0.2.7"},)),
    ),
    "api-not-enabled": replace(
        SOUND,
        answer=TokenAnswer(200, shape="token", shown="a session"),
        session=replace(
            SESSION,
            rest=Call(False, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"),
            soap=Call(False, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"),
        ),
    ),
    "metadata-permission-missing": replace(
        SOUND,
        answer=TokenAnswer(200, shape="token", shown="a session"),
        session=replace(
            SESSION,
            soap=Call(
                False,
                "INSUFFICIENT_ACCESS",
                "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
            ),
        ),
    ),
    "rate-limited": said("rate_limit_exceeded", "number of logins exceeded"),
    "org-inactive": said("inactive_org", "organization locked, closed or suspended"),
    "maintenance": replace(SOUND, answer=TokenAnswer(503, shape="html", shown="We are down for maintenance.")),
    "transient": said("unknown_error", "retry your request"),
    "malformed-assertion": said(
        "invalid_grant",
        "invalid assertion",
        admin=replace(
            asked(
                user=(USER,),
                app_metadata=(
                    {
                        "fullName": "Provisioner_CI",
                        "consumerKey": LOGIN.consumer_key,
                        "scopes": ("Api", "RefreshToken"),
                    },
                ),
            ),
            certificate=certificate(),
        ),
    ),
    "swapped-claims": said(
        "invalid_client_id",
        "client identifier invalid",
        configured=replace(LOGIN, username=LOGIN.consumer_key, consumer_key=LOGIN.username),
    ),
    "wrong-audience": said(
        "invalid_grant", "audience is invalid", configured=replace(LOGIN, audience="https://login.salesforce.com")
    ),
    "wrong-login-host": said(
        "invalid_grant",
        "user hasn't approved this consumer",
        network=replace(NETWORK, issuer="https://login.salesforce.com"),
    ),
    "clock-skew": said("invalid_grant", "expired authorization code", network=replace(NETWORK, skew=7200.3)),
    "expired-assertion": said("invalid_grant", "expired authorization code", network=replace(NETWORK, skew=0.2)),
    "unexpected-request": said("unsupported_grant_type", "grant type not supported"),
    "wrong-flow": said("invalid_grant", "no client credentials user enabled"),
    "chat-token": LoginEvidence(
        NOW,
        pasted=Pasted(
            "***",
            "a token, and no words",
            facts=PastedFacts(
                token=PastedToken(
                    {"alg": "RS256", "kid": "k1"}, {"iss": "https://id.example.com", "sub": "u", "exp": 1}
                )
            ),
        ),
    ),
    "client-crash": pasted("TypeError: Cannot read properties of undefined (reading 'id')"),
    "client-setup": pasted(
        "NotImplementedError: Algorithm 'RS256' could not be found. Do you have cryptography installed?"
    ),
    "access-token-refused": pasted("INVALID_SESSION_ID: Session expired or invalid"),
    "org-refused": pasted(
        "Component Failures [1]\n"
        "│ Type             │ Name     │ Problem                                                            │\n"
        "│ MessagingChannel │ Web_Chat │ In field: keyset - no PublicKeyCertificateSet named shop_keys found │\n"
    ),
    "key-leaked": pasted(f"-----BEGIN PRIVATE KEY-----\n{'QUJD' * 16}\n-----END PRIVATE KEY-----"),
    "unknown": said("invalid_grant", "unspecified condition 17"),
    "key-unreadable": replace(
        SOUND,
        key=KeySeen("key-unreadable", f"{KEY_BAD} is a certificate.", "Give the private key that it was made with."),
    ),
    "key-encrypted": replace(
        SOUND,
        key=KeySeen(
            "key-encrypted",
            f"{KEY_BAD} is encrypted, and no passphrase was given.",
            "Set private_key_passphrase in the environment file.",
        ),
    ),
    "key-too-small": replace(
        SOUND, key=KeySeen("key-too-small", f"{KEY_BAD} has 1024 bits, and 2048 are the least.", "Make a new one.")
    ),
    "key-not-rsa": replace(
        SOUND, key=KeySeen("key-not-rsa", f"{KEY_BAD} is not an RSA key; Salesforce accepts only RS256.", "Make one.")
    ),
    "host-not-found": replace(
        SOUND,
        network=NetworkSeen(
            HOST, failure=Failure("host-not-found", f"The host {HOST} was not found (Name or service not known).")
        ),
    ),
    "not-a-login-host": replace(
        SOUND, answer=TokenAnswer(302, shape="redirect", shown="https://acme.lightning.force.com/")
    ),
    "tls-untrusted": replace(
        SOUND,
        network=NetworkSeen(
            HOST,
            addresses=("192.0.2.1",),
            failure=Failure("tls-untrusted", f"The certificate of {HOST} is not trusted: self-signed certificate."),
            tls_issuer="CN=Acme Web Gateway",
        ),
    ),
    "proxy": replace(
        SOUND,
        network=NetworkSeen(
            HOST,
            proxy="http://proxy.acme.com:3128",
            failure=Failure("proxy", "The proxy did not let us through (Tunnel connection failed: 407)."),
        ),
    ),
}
