"""Messages of clients of each kind: the cause that comes first, and words of other programs, which have none."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from provisioner.diagnosis.findings import Confidence
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Configured
from provisioner.diagnosis.pasted.output import explain
from provisioner.report.login_diagnosis import diagnosis_json

ORG = "https://login.salesforce.com/services/oauth2/token"
CHAT = "https://acme.my.salesforce-scrt.com/embeddedservice/v1/embedded-service-config"
SITE = "https://acme.my.site.com/ESWShop/assets/js/"
CSP = "violates the following Content Security Policy directive:"
MASKED = """[Pipeline] sh
+ sf org login jwt --jwt-key-file **** --instance-url https://login.salesforce.com
Error (JwtGrantError): We encountered a JSON web token error. Here's the error: ENOENT: no such file or directory, \
open '****'
[Pipeline] }
"""
KNOWN = [
    ("curl: (6) Could not resolve host: acme.my.salesforce.com", "host-not-found"),
    ("Caused by: java.net.UnknownHostException: acme.my.salesforce.com", "host-not-found"),
    ("HttpRequestException: No such host is known. (acme.my.salesforce.com:443)", "host-not-found"),
    (f'Post "{ORG}": dial tcp: lookup login.salesforce.com: no such host', "host-not-found"),
    ("getaddrinfo EAI_AGAIN login.salesforce.com", "host-not-found"),
    ("curl: (5) Could not resolve proxy: proxy.acme.example", "proxy"),
    ("curl: (56) Received HTTP code 407 from proxy after CONNECT", "proxy"),
    ("curl: (28) Failed to connect to login.salesforce.com port 443 after 75003 ms: Connection timed out", "proxy"),
    ("ConnectTimeoutError: Connect Timeout Error (attempted address: login.salesforce.com:443)", "proxy"),
    ("Error: certificate has expired\n    at TLSSocket.onConnectSecure\n  code: 'CERT_HAS_EXPIRED'", "tls-untrusted"),
    ("Could not establish trust relationship for the SSL/TLS secure channel.", "tls-untrusted"),
    ("SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON", "not-a-login-host"),
    ("FileNotFoundError: [Errno 2] No such file or directory: 'server.key'", "key-unreadable"),
    ("java.io.FileNotFoundException: /opt/mule/sf/00D123.jks (No such file or directory)", "key-unreadable"),
    (r"System.IO.FileNotFoundException: Could not find file 'C:\app\server.key'.", "key-unreadable"),
    (r"Get-Content : Cannot find path 'C:\agent\server.key' because it does not exist.", "key-unreadable"),
    ("file_get_contents(/keys/private.pem): failed to open stream: No such file or directory", "key-unreadable"),
    ("FATAL_ERROR System.SecurityException: Invalid Crypto Key", "key-unreadable"),
    ("System.SecurityException: Invalid Private Key\nClass.Auth.JWS.getCompactSerialization", "key-unreadable"),
    ("java.security.InvalidKeyException: Unable to decode key", "key-unreadable"),
    ("InvalidKeyException: IOException : DerInputStream.getLength(): lengthTag=111, too big.", "key-unreadable"),
    ("ConnectionException: Could not find a key with alias 'mulesoft' in the keystore", "key-unreadable"),
    ("CryptographicException: An encrypted key was found, but no password was provided.", "key-encrypted"),
    ("CryptographicException: The specified network password is not correct.", "key-encrypted"),
    ("CryptographicException: Keyset does not exist", "key-unreadable"),
    ("InvalidOperationException: IDX10638: Cannot create the SignatureProvider", "key-unreadable"),
    ("IDX10653: The encryption algorithm 'RS256' requires a key size of at least '2048' bits.", "key-too-small"),
    ("IDX10630: The 'RsaSecurityKey' for signing cannot be smaller than '2048' bits.", "key-too-small"),
    ("Unable to cast object of type 'System.Security.Cryptography.RSACng' to type 'X'.", "client-setup"),
    ("cryptography.exceptions.UnsupportedAlgorithm: Unsupported key type", "key-not-rsa"),
    ("JOSENotSupported: Unsupported key curve for this operation", "key-not-rsa"),
    ("Key for the RS256 algorithm must be one of type KeyObject or CryptoKey.", "key-unreadable"),
    ("DataError: Failed to execute 'importKey' on 'SubtleCrypto': Invalid key data", "key-unreadable"),
    ("error:07880109:common libcrypto routines::interrupted or cancelled", "key-encrypted"),
    ("<OAuth><error>invalid_grant</error><error_description>audience is invalid</error_description></OAuth>",
     "wrong-audience"),
    ("<OAuth><error_description>audience is invalid</error_description><error>invalid_grant</error></OAuth>",
     "wrong-audience"),
    (f"Access to fetch at '{CHAT}' from origin 'https://a.example' has been blocked by CORS policy: No 'Access-…",
     "origin-not-allowed"),
    (f"The Same Origin Policy disallows reading the remote resource at {CHAT}.", "origin-not-allowed"),
    (f"Fetch API cannot load {CHAT} due to access control checks.", "origin-not-allowed"),
    ("Refused to frame 'https://acme.my.site.com/' because of \"frame-ancestors 'self'\".", "origin-not-framed"),
    ("Refused to display 'https://acme.my.site.com/' in a frame because it set 'X-Frame-Options' to 'sameorigin'.",
     "origin-not-framed"),
    (MASKED, "key-unreadable"),
    ("error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration", "wrong-flow"),
    ("error=access_denied&error_description=end-user+denied+authorization", "wrong-flow"),
    ('{"error":"invalid_request","error_description":"missing required code challenge"}', "wrong-flow"),
    ("TypeError: Cannot read properties of undefined (reading 'setIdentityToken')", "page-too-early"),
    ("Uncaught ReferenceError: embeddedservice_bootstrap is not defined", "page-too-early"),
    ("Error: Expected a valid SCRT 2.0 URL value to be a string but received: undefined.", "page-snippet"),
    ("Uncaught Error: Expected a valid ESW Config Dev Name value to be a string but received: .", "page-snippet"),
    ("Error loading: Error: Invalid OrganizationId Parameter Value: 00D5g\n    at validateInitParams", "page-snippet"),
    (f"Refused to load the script '{SITE}bootstrap.min.js' because it {CSP} \"script-src 'self'\".", "page-policy"),
    (f"Refused to frame '{SITE}' because an ancestor {CSP} \"frame-ancestors 'self'\".", "origin-not-framed"),
    (f"GET {CHAT}?esConfigName=Shop 404 (Not Found)", "deployment-not-found"),
    ("GET https://acme.my.site.com/ESWShop/assets/js/bootstrap.min.js net::ERR_ABORTED 404", "site-unavailable"),
    ("ArgumentException: RsaUsingSha alg expects key to be of RSA type", "key-unreadable"),
    ("CryptographicException: The buffer supplied to a function was too small.", "client-crash"),
    ('{"error":"invalid_grant","error_description":"invalid user credentials"}', "wrong-username"),
    ("message: 'login failed: invalid_grant, user hasn''t approved this consumer'", "user-not-approved"),
    ('[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]', "access-token-refused"),
    ("Error: INVALID_AUTH_HEADER: INVALID_HEADER_TYPE", "access-token-refused"),
    ("401 [{'message': 'INVALID_JWT_FORMAT', 'errorCode': 'INVALID_AUTH_HEADER'}]", "access-token-refused"),
    ("HTTP 403: Bad_OAuth_Token", "access-token-refused"),
    ('{"error":"invalid_request","error_description":"jti already in use"}', "expired-assertion"),
    ("Token request error: invalid_grant:cannot perform hybrid grant with jwts enabled", "wrong-flow"),
    ("MessagingPlatformKey: v2/iamessage/UNAUTH/NA/uid:0b1c", "guest-session"),
    ('{"context":{"endUser":{"subject":"v2/iamessage/ANON/0b1c"}}}', "guest-session"),
    ("null  UNAUTH/NA/uid:0a1b2c3d", "guest-session"),
    ("Exception while calling salesforce\nCaused by: SocketTimeoutException: connect timed out", "proxy"),
    ("cURL Error # 6: Couldn't resolve host 'na1.salesforce.com'", "host-not-found"),
    ("System.Exception: Unexpected PEM type", "key-unreadable"),
    ("Error: EACCES: permission denied, open '/run/secrets/sf/server.key'", "key-unreadable"),
    (r"System.UnauthorizedAccessException: Access to the path 'C:\app\server.pfx' is denied.", "key-unreadable"),
    ("class path resource [certs/sf.jks] cannot be opened because it does not exist", "key-unreadable"),
    ("Could not open file or uri for loading private key from server.key", "key-unreadable"),
    ('The "key.key" property must be of type string or an instance of KeyObject. Received undefined', "key-unreadable"),
    ("TypeError: Password was given but private key is not encrypted.", "key-unreadable"),
    ("java.io.IOException: Given final block not properly padded. Such issues can arise", "key-encrypted"),
    ("keytool error: java.lang.Exception: Alias <salesforce> does not exist", "key-unreadable"),
    ("IllegalArgumentException: Alias name [test] does not identify a key entry", "key-unreadable"),
    ('Load key "server.key": invalid format', "key-unreadable"),
    ("ssh: this private key is passphrase protected", "key-encrypted"),
    ("interface {} is *ecdsa.PrivateKey, not *rsa.PrivateKey", "key-not-rsa"),
    ("failed to parse PEM block containing the private key", "key-unreadable"),
    ("Error: could not parse private key: no PEM data found", "key-unreadable"),
    ("panic: cannot open the RSA private key", "key-unreadable"),
    ("JSchException: invalid privatekey: [B@9807454", "key-unreadable"),
    ("Imported keys must have a bit size of 2048, 3072, or 4096.", "key-too-small"),
    ("The key is not an RSA key.", "key-not-rsa"),
    ("The private key does not match the certificate chain in the keystore.", "certificate-mismatch"),
    ("tunneling socket could not be established, statusCode=407", "proxy"),
    ("tunneling socket could not be established, cause=socket hang up.", "proxy"),
    (f"request to {ORG} failed, reason: connect ECONNREFUSED 10.1.2.3:8080", "proxy"),
    ("Client network socket disconnected before secure TLS connection was established", "proxy"),
    ("SSL_connect returned=1 errno=0 state=error: certificate verify failed", "tls-untrusted"),
    ("unable to find valid certification path to requested target", "tls-untrusted"),
    ("hyper::Error(Connect, invalid peer certificate: UnknownIssuer)", "tls-untrusted"),
    ("User isn\N{RIGHT SINGLE QUOTATION MARK}t approved by an admin to access this app", "user-not-preauthorized"),
    ('{"error":"invalid_grant","error_description":"token validity expired"}', "wrong-flow"),
    ("invalid_grant: login rate exceeded", "rate-limited"),
    ("11/27/2026, 9:12:01 AM UTC\tRemote Access 2.0\tRestricted IP\tCI\t203.0.113.7", "ip-restricted"),
    ('LoginHistory: {"Status":"User is frozen","LoginType":"Remote Access 2.0"}', "user-frozen"),
    ("`app_not_found` with test.salesforce.com: External client app is not installed in this org",
     "eca-needs-my-domain"),
    ("API not available before onEmbeddedMessagingButtonCreated event is fired.", "page-too-early"),
    ("TypeError: undefined (reading 'userVerificationAPI')", "page-too-early"),
    ("ReferenceError: Can't find variable: embeddedservice_bootstrap", "page-too-early"),
    (f"{CHAT.partition('/embedded')[0]}/eventrouter/v1/sse 401 (Unauthorized)", "token-refused"),
    (f"POST {CHAT.partition('/embedded')[0]}/iamessage/v1/authorization/authenticated/accessToken 401 (Unauthorized)",
     "token-refused"),
    ("[handleGetAuthenticatedJwt] Error retrieving authenticated token: [object Response].", "token-refused"),
    (f"Failed to load resource: the server responded with a status of 404 () {SITE}bootstrap.min.js",
     "site-unavailable"),
    (f"The page's settings blocked the loading of a resource (frame-src) at {SITE}", "page-policy"),
    (f"Access to fetch at '{CHAT}?orgId=00D'\nfrom origin 'https://a.example' has been blocked by CORS policy",
     "origin-not-allowed"),
    (f"GET {CHAT}?esConfigName=Shop 404 (Not Found)\nError: Unable to load Embedded Messaging configuration.",
     "deployment-not-found"),
    ("Uncaught (in promise) Error: Unable to load Embedded Messaging configuration.", "origin-not-allowed"),
    ("console: embeddedservice_bootstrap is not loaded", "page-too-early"),
    ("$ echo $SERVER_KEY | base64 -d > server.key\nbase64: invalid input\nExited with code 1", "key-unreadable"),
    ("DecoderException: unable to decode base64 string: invalid characters\n\tat parsePrivateKey(key.pem)",
     "key-unreadable"),
    ("Fatal error: invalidPEMDocument: file Signer.swift", "key-unreadable"),
    ("Unable To Login: Invalid username, password, security token; or user locked out.", "wrong-flow"),
    ("error=OAUTH_APPROVAL_ERROR_GENERIC&error_description=An%20unexpected%20error%20has%20occurred",
     "app-not-installed"),
    ("INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData permission",
     "metadata-permission-missing"),
]  # fmt: skip
OF_OTHERS = [
    "npm ERR! enoent ENOENT: no such file or directory, open '/app/package.json'",
    'psql: error: connection to server at "localhost", port 5432 failed: Connection refused',
    "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
    "java.net.SocketTimeoutException: Read timed out at org.apache.kafka",
    "Refused to frame 'https://www.youtube.com/' because of \"frame-ancestors 'self'\".",
    "Access to fetch at 'https://api.acme.example' has been blocked by CORS policy.",
    "shop.example: Session expired or invalid, please sign in",
    '{"code":"UNAUTHORIZED_INVALID_JWT_FORMAT","message":"Invalid JWT"}',
    "zlib error: INVALID_HEADER_TYPE",
    "HttpError: A JSON web token could not be decoded - https://docs.github.com/rest",
    "AADSTS700027: Client assertion failed signature validation.",
    "ModuleNotFoundError: No module named 'simple_salesforce'",
    "Error (1): The client has timed out.",
    "fatal: could not read Username for 'https://github.com': No such device or address",
    "MQTT: connection refused - client identifier invalid",
    "Audience is invalid. Audience attribute does not match https://github.acme.example",
    "OidcError: Google ID token audience is invalid",
    "JsonWebTokenError: jwt audience invalid. expected: https://api.acme.example",
    "Mailchimp: the audience list 'Spring' has 12 members",
    "sshd[811]: pam_unix(sshd:auth): authentication failure; logname= uid=0 tty=ssh user=root",
    "AssertionError: Invalid assertion: expected 3 to equal 2",
    "SAML: invalid assertion signature",
    "S3: CreateBucket, StatusCode: 403, api error AccessDenied: Access Denied",
    "The security token included in the request is expired",
    "Sorry about that! You can retry your request, or contact us through our help center.",
    "Forecast: data not available for this station",
    "LDAP: user is inactive since 2024-01-01 in branch ou=people and was skipped",
    "Error: connect ECONNREFUSED 127.0.0.1:5432",
    "Error: connect ECONNREFUSED ::1:3000\n[vite] http proxy error: /api/me",
    "Loaded the private key of the server",
    "Successfully authorized ci@acme.com.uat with org ID 00D5g000000XXXX",
    "GET https://acme.my.site.com/shop/missing 404 (Not Found)",
    "git@github.com: Permission denied (publickey).",
    "authentication failure for user admin at the mail server",
    "invalid assertion of the type of x",
    "decoding the kubeconfig\nbase64: invalid input",
    "InvalidCharacterError: The string to be decoded is not correctly encoded.\n    at atob (avatar.js:1)",
    "console.log embeddedservice_bootstrap init\nfoo is not defined",
    "Access to fetch at 'https://api.acme.example'\nfrom origin 'https://a.example' has been blocked by CORS policy",
    "You have been logged out because of inactivity.",
]


def first(text: str) -> str:
    return diagnose(explain(text, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))).findings[0].cause


@pytest.mark.parametrize(("text", "cause"), KNOWN)
def test_a_kind_of_message_has_its_cause(text: str, cause: str) -> None:
    assert first(text) == cause


@pytest.mark.parametrize("text", OF_OTHERS)
def test_words_of_another_program_have_no_cause(text: str) -> None:
    assert first(text) == "unknown"


def test_known_words_begin_at_the_beginning_of_a_word() -> None:
    """FileNotFoundError holds the code ENOTFOUND of a host without an address."""
    assert first("FileNotFoundError: it is missing") == "unknown"
    assert first("Error: ENOTFOUND acme.my.salesforce.com") == "host-not-found"


FAILED = '{"error":"invalid_grant","error_description":"authentication failure"}'
NO_CLIENT = '{"error":"invalid_client_id","error_description":"client identifier invalid"}'
EXPIRED = '{"error":"invalid_grant","error_description":"expired authorization code"}'


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (f"POST grant_type=password&username=ada@acme.example\n{FAILED}", "wrong-flow"),
        (f'request: {{"grant_type"=>"authorization_code"}}\n{EXPIRED}', "wrong-flow"),
        (f"at async Connection.loginByOAuth2 (connection.js:1)\n{FAILED}", "wrong-flow"),
        (f"salesforce.password=x\n{FAILED}", "wrong-flow"),
        ("Error authenticating with auth code due to: invalid_grant::authentication failure", "wrong-flow"),
        ("Error authenticating with the refresh token due to: invalid client credentials", "wrong-flow"),
        (f"at OAuth2.requestToken (jsforce/lib/oauth2.js:1)\n{FAILED}", "wrong-flow"),
        (f"at com.salesforce.androidsdk.auth.OAuth2.refreshAuthToken(OAuth2.java:1)\n{FAILED}", "wrong-flow"),
        (f"restforce/middleware/authentication/password.rb:12\n{FAILED}", "wrong-flow"),
        (f"Restforce.new(username: 'a', password: ENV['PW'], security_token: ENV['T'])\n{FAILED}", "wrong-flow"),
        (f"'password' => env('PASSWORD')\n{FAILED}", "wrong-flow"),
        (f"#<Client @options={{:password=>nil, :security_token=>nil, :jwt_key=>x}}>\n{FAILED}", "wrong-username"),
        ("you have been logged out:\ninvalid_client: invalid client credentials", "wrong-flow"),
        (f"Authorization: Basic TTEyMzQ1Njc4OTA=\n{NO_CLIENT}", "unexpected-request"),
        # The flow does not change what these mean, or the client runs JWT bearer.
        (f"grant_type=authorization_code\n{NO_CLIENT}", "wrong-consumer-key"),
        ("grant_type=password\ninvalid_grant: user hasn't approved this consumer", "user-not-approved"),
        (f"salesforce.password = null\n{FAILED}", "wrong-username"),
        (f"salesforce.password=x\nsalesforce.grant.type=JWT_BEARER\n{FAILED}", "wrong-username"),
        (f"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=e\n{FAILED}", "wrong-username"),
        (f"the password is right\n{FAILED}", "wrong-username"),
        (f"Authorization: Bearer TTEyMzQ1Njc4OTA=\n{NO_CLIENT}", "wrong-consumer-key"),
    ],
)
def test_the_flow_of_the_client_is_evidence(text: str, cause: str) -> None:
    assert first(text) == cause


def test_a_refused_password_is_possible_without_a_sign_of_jwt() -> None:
    """Most public reports of the message are about the username-password flow."""
    found = diagnose(explain(FAILED, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))).findings
    assert [finding.cause for finding in found[:2]] == ["wrong-username", "wrong-flow"]
    assert found[1].confidence is Confidence.POSSIBLE
    signed = f"sf org login jwt --client-id x\n{FAILED}"
    found = diagnose(explain(signed, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))).findings
    assert "wrong-flow" not in {finding.cause for finding in found}


def test_an_address_that_the_cli_did_not_try_excludes_no_attempt() -> None:
    """`sf org display` names the instance; the stored login tried the generic hosts only."""
    said = "Unable to refresh session due to: Error authenticating with JWT.\nErrors encountered:\n"
    result = {
        "instanceUrl": "https://acme.my.salesforce.com",
        "connectedStatus": said + "\n".join(["invalid assertion"] * 3),
    }
    evidence = explain(json.dumps({"result": result}), Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))
    assert evidence.pasted is not None
    assert [attempt.answer.words for attempt in evidence.pasted.attempts] == ["invalid assertion"] * 3
    assert diagnose(evidence).findings[0].cause == "certificate-mismatch"


def test_every_answer_of_a_text_is_evidence() -> None:
    """Nothing tells which of several answers is the newest: the first one leads, and the others are named."""
    other = '{"error":"invalid_grant","error_description":"audience is invalid"}'
    text = f"{NO_CLIENT}\n{other}\n{NO_CLIENT}"
    diagnosis = diagnose(explain(text, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC)))
    assert diagnosis.findings[0].cause == "wrong-consumer-key"
    assert "wrong-audience" in {finding.cause for finding in diagnosis.findings}
    assert "Another answer in the text" in json.dumps(diagnosis_json(diagnosis))
    assert [what for check, what in diagnosis.seen if check.startswith("attempt")] == [
        "invalid_client_id: client identifier invalid", "invalid_grant: audience is invalid",
    ]  # fmt: skip


def test_a_session_that_rest_refuses_has_three_causes() -> None:
    text = '[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]'
    found = diagnose(explain(text, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))).findings
    assert [finding.cause for finding in found[:3]] == ["missing-api-scope", "ip-restricted", "app-blocked"]


def test_a_login_explains_more_than_a_refused_session() -> None:
    session = "INVALID_SESSION_ID: Session expired or invalid"
    assert first(f"{session}\nretrying the login\n{NO_CLIENT}") == "wrong-consumer-key"
    assert first(f"{session}\nError: getaddrinfo ENOTFOUND acme.my.salesforce.com") == "host-not-found"


def test_a_session_that_soap_refuses_has_two_causes() -> None:
    text = "sf:INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"
    found = diagnose(explain(text, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))).findings
    assert [finding.cause for finding in found] == ["access-token-refused", "jwt-format-token"]


@pytest.mark.parametrize(("audience", "said"), [
    ("login.salesforce.com", "does not begin with https://"),
    ("https://login.salesforce.com/services/oauth2/token", "is more than https:// and a host"),
    ("https://login.salesforce.com/", None),
])  # fmt: skip
def test_the_form_of_the_audience_is_named(audience: str, said: str | None) -> None:
    text = f'invalid_grant: audience is invalid\npayload: {{"iss":"3MVG9a","sub":"me@a.example","aud":"{audience}"}}'
    finding = diagnose(explain(text, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))).findings[0]
    forms = [line for line in finding.evidence if line.startswith(f"The audience {audience} ")]
    assert finding.cause == "wrong-audience"
    assert [line.removeprefix(f"The audience {audience} ") for line in forms] == ([f"{said}."] if said else [])


def chat_token(subject: str) -> str:
    parts = ({"alg": "RS256"}, {"sub": subject, "exp": 1})
    head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{claims}.c2lnbmF0dXJl"


def test_an_access_token_of_the_chat_shows_its_customer() -> None:
    assert first(f'{{"accessToken":"{chat_token("v2/iamessage/UNAUTH/NA/uid:1")}"}}') == "guest-session"
    assert first(f'{{"accessToken":"{chat_token("v2/iamessage/AUTH/Shop/uid:1")}"}}') == "unknown"


def test_the_origin_in_a_browsers_message_is_named() -> None:
    text = f"Access to fetch at '{CHAT}' from origin 'https://shop.example:8443' has been blocked by CORS policy."
    found = diagnose(explain(text, Configured(), datetime(2026, 11, 26, 12, tzinfo=UTC))).findings[0]
    assert found.fix[0].startswith("Declare https://shop.example:8443 under `origins`")


HIDDEN = "5Aep861TSESvWeugXvFHRBTTbfYrTWgEyjBJrfLKSqBvvRW77"
SECRETS = [
    f"Invalid url force://PlatformCLI::{HIDDEN}@acme.my.salesforce.com",
    f"login failed clientSecret={HIDDEN}",
    f"consumer_secret: {HIDDEN}",
    f'"accessToken": "{HIDDEN}"',
    f"refreshToken => '{HIDDEN}'",
    f"securityToken={HIDDEN}&username=a",
    f"Authorization: Bearer {HIDDEN}",
    f"Authorization: Basic {HIDDEN}",
    f"curl -u user:{HIDDEN} https://login.salesforce.com",
    f"proxy http://user:{HIDDEN}@proxy.acme.example:8080 refused",
    f"openssl rsa -passin pass:{HIDDEN} -in k",
    f"sf org login --client-secret {HIDDEN}",
    f"code={HIDDEN}&grant_type=authorization_code",
    f"Cookie: sid=00D5f000000abcd!{HIDDEN}",
    f"remote: https://x:ghp_{HIDDEN}@github.com ghp_{HIDDEN}",
    f"<urn:password>pass & {HIDDEN}</urn:password>",
    f"consumer_secret: >-\n  {HIDDEN}",
    f"- name: SF_CONSUMER_SECRET\n  value: {HIDDEN}",
    f"SALESFORCE_PASSWORD=a&b{HIDDEN}",
    f"SF_PWD={HIDDEN}",
    f"salesforce.password.token={HIDDEN}",
    f"Salesforce(password='two words {HIDDEN}', x=1)",
    f"Authorization: Token {HIDDEN}",
    f"X-API-Key: {HIDDEN}",
    f"X-SFDC-Session: {HIDDEN}",
    f"curl --oauth2-bearer {HIDDEN}",
    f"curl --user 'jo@acme.com:{HIDDEN}' https://login.salesforce.com",
    f"keytool -storepass {HIDDEN} -keypass {HIDDEN}",
    f"-srcstorepass {HIDDEN} -deststorepass {HIDDEN}",
    f"refresh token is 5{HIDDEN}",
    f"the consumer secret is: {HIDDEN}",
    f"| client_secret | {HIDDEN} |",
    f"<td>Consumer Secret</td><td>{HIDDEN}</td>",
    f"AWS_SECRET_ACCESS_KEY={HIDDEN}",
    f"AccountKey={HIDDEN}==;EndpointSuffix",
    f"eyJhbGciOiJSUzI1NiJ9.\n eyJpc3MiOiIzTVZHOSIsInN1YiI6ImpvQGEuY29tIn0.\n {HIDDEN}",
    f"/secur/frontdoor.jsp?sid=00D5g000000abcd%21{HIDDEN}&retURL=/",
    f"Something random without a name: {HIDDEN}",
]


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_of_a_pasted_text_is_shown(text: str) -> None:
    evidence = explain(f"Error: {text}\nuser hasn't approved this consumer", Configured(), datetime.now(UTC))
    diagnosis = diagnose(evidence)
    document = json.dumps(diagnosis_json(diagnosis)) + repr(evidence.pasted) + repr(diagnosis.seen)
    assert HIDDEN[:12] not in document
    assert diagnosis.findings[0].cause == "user-not-approved"


@pytest.mark.parametrize(
    "text",
    [
        "security token; or user locked out",
        "keystore password was incorrect",
        "OAuth authorization failed for user 1",
        "at node_modules/@salesforce/plugin-auth/lib/commands/org/login/jwt.js:105:19",
        "Component force_app_main_default_Web_Chat_2026_11_Storefront is not declared",
        "job 0AfMA0000042Lao0AE of conversation 9f2c8a4e-1111-4222-8333-444455556666",
    ],
)
def test_words_about_secrets_stay(text: str) -> None:
    evidence = explain(text, Configured(), datetime.now(UTC))
    assert evidence.pasted is not None
    assert evidence.pasted.text == text
