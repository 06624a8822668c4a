"""Other clients' output: what stands in it, which attempt each line of the official CLI was, and what tells nothing."""

from __future__ import annotations

import base64
import json
import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnosis.findings import Confidence, Verdict
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Configured, LoginEvidence
from provisioner.diagnosis.pasted.output import explain
from provisioner.jose.recognition import Form
from provisioner.report.login_diagnosis import diagnosis_terminal
from provisioner.report.style import Style
from tests.jose.key_files import every_file
from tests.jose.making import private_pem, rsa_key
from tests.report.golden import assert_golden

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MY_DOMAIN = "https://acme--uat.sandbox.my.salesforce.com"
LOGIN, TEST = "https://login.salesforce.com", "https://test.salesforce.com"
NOBODY = Configured()
SANDBOX = Configured(environment="uat", file="config/environments/uat.yaml", login_url=MY_DOMAIN)
NOT_APPROVED, NOT_INSTALLED = "user hasn't approved this consumer", "External client app is not installed in this org"


def bad_audience(audience: str, login: str) -> str:
    """As the CLI prints it, with the slash that --instance-url adds."""
    return f"audience is invalid  [audience={audience} login={login}]"


def sf_output(*lines: str) -> str:
    """What ``sf org login jwt`` prints (core 8.32.6, plugin-auth 4.4.9)."""
    body = "\n".join(lines)
    return (
        "Error (JwtGrantError): We encountered a JSON web token error, which is likely not an issue "
        "with Salesforce CLI. Here\N{RIGHT SINGLE QUOTATION MARK}s the error: JwtAuthError::Error authenticating "
        f"with JWT.\nErrors encountered:\n{body}\n\n"
    )


def read(text: str, configured: Configured = NOBODY) -> LoginEvidence:
    return explain(text, configured, NOW)


def first(text: str, configured: Configured = NOBODY) -> str:
    return diagnose(read(text, configured)).findings[0].cause


def pairs(evidence: LoginEvidence) -> list[tuple[str | None, str | None, bool]]:
    """Login URL, audience, and whether the attempt counts."""
    assert evidence.pasted is not None
    return [(each.login, each.audience, each.not_usable_because is None) for each in evidence.pasted.attempts]


def test_five_lines_are_decoded_by_their_position() -> None:
    evidence = read(
        sf_output(
            NOT_APPROVED,
            NOT_INSTALLED,
            NOT_APPROVED,
            bad_audience(LOGIN, f"{MY_DOMAIN}/"),
            bad_audience(TEST, f"{MY_DOMAIN}/"),
        )
    )
    assert pairs(evidence) == [
        (MY_DOMAIN, MY_DOMAIN, True),
        (TEST, TEST, False),
        (LOGIN, LOGIN, False),
        (MY_DOMAIN, LOGIN, True),
        (MY_DOMAIN, TEST, True),
    ]
    assert diagnose(evidence).findings[0].cause == "user-not-approved"
    assert_golden(
        "diagnosis/output of the Salesforce CLI.txt", diagnosis_terminal(diagnose(evidence), Style(100), details=True)
    )


def test_an_audience_variable_turns_the_last_two_round() -> None:
    evidence = read(
        sf_output("x y", "x y", "x y", bad_audience(TEST, f"{MY_DOMAIN}/"), bad_audience(LOGIN, f"{MY_DOMAIN}/"))
    )
    assert [pair[1] for pair in pairs(evidence)[3:]] == [TEST, LOGIN]


@pytest.mark.parametrize(("given_url", "other"), [(LOGIN, TEST), (TEST, LOGIN)])
def test_the_third_line_of_the_cli_is_no_evidence(given_url: str, other: str) -> None:
    evidence = read(sf_output(NOT_APPROVED, "client identifier invalid", bad_audience(other, f"{given_url}/")))
    assert pairs(evidence) == [(given_url, given_url, True), (other, other, True), (given_url, other, False)]
    assert "wrong-audience" not in [finding.cause for finding in diagnose(evidence).findings]


def test_without_instance_url_there_are_two() -> None:
    assert [pair[:2] for pair in pairs(read(sf_output(NOT_APPROVED, NOT_APPROVED)))] == [(LOGIN, LOGIN), (TEST, TEST)]


def test_for_a_sandbox_the_line_of_production_is_left_aside() -> None:
    sandbox = Configured(environment="uat", login_url=TEST)
    evidence = read(sf_output(NOT_APPROVED, "invalid assertion"), sandbox)
    assert [counts for _, _, counts in pairs(evidence)] == [False, True]
    assert diagnose(evidence).findings[0].cause == "certificate-mismatch"


def test_the_environment_says_which_address_is_the_orgs_own() -> None:
    evidence = read(
        sf_output("invalid assertion", *["fetch failed"] * 2, "invalid assertion", "invalid assertion"), SANDBOX
    )
    assert pairs(evidence)[0] == (MY_DOMAIN, MY_DOMAIN, True)
    assert diagnose(evidence).findings[0].cause == "certificate-mismatch"


def test_an_external_client_app_needs_my_domain() -> None:
    """A wrong audience on the way, and the app unknown at test.salesforce.com: the first error that counts is first."""
    evidence = read(
        sf_output(NOT_INSTALLED, NOT_INSTALLED, bad_audience(LOGIN, f"{TEST}/")), Configured(login_url=TEST)
    )
    assert diagnose(evidence).findings[0].cause == "eca-needs-my-domain"


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("secretOrPrivateKey has a minimum key size of 2048 bits for RS256", "key-too-small"),
        ('"alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.', "key-not-rsa"),
        ("secretOrPrivateKey must be an asymmetric key when using RS256", "key-unreadable"),
        ("secretOrPrivateKey must have a value", "key-unreadable"),
        ("error:0906D06C:PEM routines:PEM_read_bio:no start line", "key-unreadable"),
        ("error:1E08010C:DECODER routines::unsupported", "key-unreadable"),
    ],
)
def test_a_signing_librarys_error_is_about_the_key(line: str, cause: str) -> None:
    for text in (sf_output(*[line] * 5), line):
        assert first(text) == cause


def test_json_of_the_cli_is_read_as_well() -> None:
    text = sf_output(NOT_APPROVED, "fetch failed", "fetch failed", NOT_APPROVED, NOT_APPROVED)
    message = text.partition(": ")[2].strip()
    document = {
        "name": "JwtGrantError",
        "message": message,
        "exitCode": 1,
        "stack": f"JwtGrantError: {message}\n    at x",
    }
    evidence = read(json.dumps(document, indent=2))
    assert len(pairs(evidence)) == 5
    assert diagnose(evidence).findings[0].cause == "user-not-approved"


@pytest.mark.parametrize(
    "text",
    [
        '{"error":"invalid_grant","error_description":"expired authorization code"}',
        'HTTP 400\n{\n  "error_description" : "expired authorization code",\n  "error" : "invalid_grant"\n}',
        'b\'{"error":"invalid_grant","error_description":"expired authorization code"}\'',
        "{'error': 'invalid_grant', 'error_description': 'expired authorization code'}",
        "error=invalid_grant&error_description=expired authorization code",
        "simple_salesforce.exceptions.SalesforceAuthenticationFailed: invalid_grant: expired authorization code",
        "('invalid_grant', 'expired authorization code')",
        "invalid_grant - expired authorization code",
        "expired authorization code",
        'Traceback (most recent call last):\n  File "x.py", line 3\nLoginError: Expired Authorization Code.',
    ],
)
def test_the_words_are_found_in_every_wrapping(text: str) -> None:
    evidence = read(text)
    assert {finding.cause for finding in diagnose(evidence).findings} == {"clock-skew", "expired-assertion"}


def test_our_own_json_errors_are_read() -> None:
    document = {
        "format_version": "1",
        "error": {
            "code": "login-failed",
            "message": "The org did not log ci@acme.com in: invalid_grant: ip restricted",
            "next": "…",
            "exit_status": 4,
            "server": {"status": 400, "error": "invalid_grant", "error_description": "ip restricted"},
        },
    }
    assert first(json.dumps(document)) == "ip-restricted"


def assertion(**changes: object) -> str:
    claims = {
        "iss": "3MVG9" + "a" * 80,
        "sub": "ci@acme.com",
        "aud": LOGIN,
        "exp": int(NOW.timestamp()) + 60,
        **changes,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, present)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, b"s" * 40))


def test_a_pasted_assertion_is_taken_apart() -> None:
    swapped = assertion(iss="ci@acme.com", sub="3MVG9" + "a" * 80)
    assert first(f"invalid_client_id for {swapped}") == "swapped-claims"
    for missing in ("sub", "exp", "iss"):
        finding = diagnose(read(f"invalid assertion {assertion(**{missing: None})}")).findings[0]
        assert finding.cause == "malformed-assertion"
        assert finding.confidence is Confidence.CERTAIN
        assert missing in " ".join(finding.evidence)
    old = diagnose(read(f"invalid_grant: expired authorization code {assertion(exp=int(NOW.timestamp()) - 500)}"))
    assert old.findings[0].cause == "expired-assertion"
    in_milliseconds = read(f"expired authorization code {assertion(exp=int(NOW.timestamp()) * 1000 + 300_000)}")
    assert not any("seconds ago" in each for finding in diagnose(in_milliseconds).findings for each in finding.evidence)


@pytest.mark.parametrize("sign", ["%2E", "%2e"])
def test_an_encoded_assertion_is_taken_apart(sign: str) -> None:
    body = "grant_type=jwt-bearer&assertion=" + assertion(sub=None).replace(".", sign)
    assert first(f"curl -d '{body}' https://test.salesforce.com/services/oauth2/token") == "malformed-assertion"


@pytest.mark.parametrize("hours", [1, 2, 8, 12])
def test_an_exp_in_another_time_zone_is_named_so(hours: int) -> None:
    date = "Fri, 20 Nov 2026 12:00:00 GMT"
    claims = {"exp": int(NOW.timestamp()) - hours * 3600 + 180}
    finding = diagnose(read(f"< Date: {date}\n{claims}\ninvalid_grant: expired authorization code")).findings[0]
    assert (finding.cause, finding.confidence) == ("expired-assertion", Confidence.CERTAIN)
    assert f"about {hours} hour" in finding.evidence[0]


def test_a_chosen_consumer_key_is_no_reason() -> None:
    """An external client app's consumer key may have any shape."""
    login = Configured(login_url=MY_DOMAIN, username="ci@acme.com.uat", consumer_key="my_own_key_of_2026-11")
    diagnosis = diagnose(read("invalid_grant: user hasn't approved this consumer", login))
    assert "wrong-consumer-key" not in [finding.cause for finding in diagnosis.findings]
    token = assertion(iss="my_own_key_of_2026-11")
    assert first(f"invalid_grant: invalid assertion {token}") == "certificate-mismatch"


def test_an_administrators_session_is_named_only_for_help() -> None:
    for text in ("invalid_grant: inactive user", "DECODER routines::unsupported", "expired authorization code"):
        diagnosis = diagnose(read(text))
        assert "--admin-env" not in json.dumps([(each.evidence, each.fix) for each in diagnosis.findings])


def test_no_token_is_shown_again() -> None:
    token = assertion()
    shown = diagnosis_terminal(diagnose(read(f"invalid assertion {token}")), Style(100), details=True)
    assert token not in shown
    assert token.split(".")[1] not in shown


@given(st.text(max_size=400))
def test_no_text_is_too_strange(text: str) -> None:
    diagnosis = diagnose(read(text))
    assert diagnosis.verdict is Verdict.FAILING
    assert diagnosis.findings
    assert diagnosis_terminal(diagnosis, Style(80))


@given(st.lists(st.text(string.ascii_letters + " .'[]=:/", min_size=1, max_size=40), max_size=9))
def test_no_output_of_the_cli_is_too_strange(lines: list[str]) -> None:
    diagnosis = diagnose(read(sf_output(*lines), SANDBOX))
    assert diagnosis.findings


def test_megabytes_are_read_in_no_time() -> None:
    for text in (
        *("ey-" * 70_000, "\\" * 200_000, "user" + " " * 190_000, "─" * 190_000 + "x", " " * 190_000 + "│ x"),
        *("error=" * 33_000, "error:'x' error_description:'" * 6_000, "-----BEGIN PRIVATE KEY-----\n" * 7_000),
        *("error_description=a " * 10_000, "error_description='a', " * 9_000, "error_description='a" * 10_000),
        *("&quot;" * 33_000, "\x1b[" * 60_000, "[" * 190_000, "x" + " " * 190_000 + "[audience="),
    ):
        assert diagnose(read(text)).findings
    for text in ("error" * 200_000, "ey" * 400_000, 'error="' * 100_000, "invalid_grant " * 50_000):
        assert diagnose(read(text)).findings


@pytest.mark.parametrize("description", ["expired authorization code", "no valid error", "error and no colon"])
@pytest.mark.parametrize(
    ("quote", "between"),
    [('"', ", "), ('"', "\n"), ("'", ", "), ("'", "\n"), ("", ", "), ("", "\n"), ("", "&"), ("", " ")],
)
def test_the_description_may_come_before_the_code(quote: str, between: str, description: str) -> None:
    answer = read(f"error_description={quote}{description}{quote}{between}error={quote}invalid_grant{quote}").answer
    assert answer is not None
    assert answer.error == "invalid_grant"
    assert answer.description.rstrip(", ") == description


def test_lines_whose_pair_is_not_known_are_attempts_all_the_same() -> None:
    """Of four lines nobody can tell which is of which pair; of a line without words there is nothing to tell."""
    unsaid = "[audience=https://a.example.com login=https://a.example.com]"
    evidence = read(sf_output(NOT_APPROVED, unsaid, "nobody knows these words", NOT_INSTALLED))
    assert evidence.pasted is not None
    assert [(each.number, each.login) for each in evidence.pasted.attempts] == [(1, None), (3, None), (4, None)]


def test_a_token_that_is_nested_without_end_is_none() -> None:
    part = base64.urlsafe_b64encode(b'{"a":' * 2_000).decode().rstrip("=")
    assert read(f"JwtGrantError: {part}.{part}.x").pasted is not None


@pytest.mark.parametrize("name", [name for name in every_file() if name.startswith(("private: ", "wrapped: "))])
def test_a_private_key_in_any_form_is_leaked(name: str) -> None:
    file = every_file()[name]
    if file.form in (Form.CUT_KEY, Form.DAMAGED_KEY, Form.SSH2_KEY, Form.PGP_KEY) or re.search(
        rb"\0|\\x", file.content[:64]
    ):
        return  # nothing that could be used, or nothing that a terminal prints
    text = file.content.decode("utf-8-sig", "replace")
    evidence = read(text)
    assert evidence.pasted is not None
    assert evidence.pasted.facts.holds_private_key
    public = every_file()["public: certificate"].content.decode()
    secret = [part for part in text.split() if len(part) > 40 and "BEGIN" not in part and part not in public]
    assert not any(part in evidence.pasted.text for part in secret)


@pytest.mark.parametrize(
    "pem",
    [
        private_pem(),
        private_pem(traditional=True),
        private_pem(passphrase=b"correct horse"),
        private_pem(rsa_key("small", 1024)),
        private_pem(rsa_key("small", 1024), traditional=True),
    ],
    ids=["PKCS #8", "PKCS #1", "encrypted", "1024 bits", "1024 bits, PKCS #1"],
)
def test_a_key_without_its_lines_is_masked_in_other_text(pem: bytes) -> None:
    lines = [line for line in pem.decode().splitlines() if "-----" not in line]
    evidence = read("\n".join(["Error: failed to sign with this key:", *lines, "    at sign (signer.js:1)"]))
    assert evidence.pasted is not None
    assert evidence.pasted.facts.holds_private_key
    assert not any(line in evidence.pasted.text for line in lines)


@pytest.mark.parametrize("name", [name for name in every_file() if name.startswith(("public: ", "other: "))])
def test_nothing_else_is_called_leaked(name: str) -> None:
    evidence = read(every_file()[name].content.decode("utf-8-sig", "replace"))
    assert evidence.pasted is not None
    assert not evidence.pasted.facts.holds_private_key


@pytest.mark.parametrize("audience", ["https://login.salesforce.com[", "https://[::", "login.salesforce.com[0"])
def test_an_audience_that_is_no_url_is_no_host(audience: str) -> None:
    said = f'{{"error":"invalid_grant","error_description":"audience is invalid"}} "aud": "{audience}"'
    assert first(said) == "wrong-audience"


#: How languages, tools and people write the endpoint's two members.
SPELLINGS = [
    "{code}: {words}",
    "{words} ({code})",
    "[{code}] {words}",
    "{words}: {code}",
    "Error ({code}): {words}.",
    'OAuth2Error("{code}", "{words}")',
    'oauth2: "{code}" "{words}"',
    "error code: {code}, description: {words}",
    "error: {code}\ndescription: {words}",
    "Error Code | {code}\nMessage | {words}",
    "  Error:              {code}\n  Error Description:  {words}",
    "HTTP/1.1 400 Bad Request\n\nerror={code}\nerror_description={words}",
    "<tr><td>error</td><td>{code}</td></tr><tr><td>error_description</td><td>{words}</td></tr>",
    "errorCode={code}, errorDescription={words}",
    "TokenResponse {{ Error = {code}, ErrorDescription = {words}, IsError = True }}",
    "map[error:{code} error_description:{words}]",
    'Response {{ error: "{code}", error_description: Some("{words}") }}',
    'array(2) {{\n  ["error"]=>\n  string(9) "{code}"\n  ["error_description"]=>\n  string(9) "{words}"\n}}',
    '{{:error, %{{"error" => "{code}", "error_description" => "{words}"}}}}',
    "Array\n(\n    [error] => {code}\n    [error_description] => {words}\n)",
    "@{{error={code}; error_description={words}}}",
    "error             error_description\n-----             -----------------\n{code}     {words}",
    "['error': '{code}', 'error_description': \"{words}\"]",
    "(400) {code} -- {words} -- https://login.salesforce.com/services/oauth2/token",
]
ANSWERS = [
    ("invalid_grant", "audience is invalid", "wrong-audience"),
    ("invalid_grant", "user hasn't approved this consumer", "user-not-approved"),
    ("invalid_client", "invalid client credentials", "certificate-mismatch"),
    ("invalid_app_access", "user is not admin approved to access this app", "user-not-preauthorized"),
]


@pytest.mark.parametrize(("code", "words", "cause"), ANSWERS, ids=str)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_answer_is_read_in_every_spelling(spelling: str, code: str, words: str, cause: str) -> None:
    assert first(spelling.format(code=code, words=words)) == cause


def test_every_private_number_of_a_jwk_in_a_log_is_masked() -> None:
    key = json.loads(every_file()["private: JWK"].content)
    evidence = read(f"error: invalid_grant, user hasn't approved this consumer\nsigning with {key!r}\n")
    assert evidence.pasted is not None
    assert evidence.pasted.facts.holds_private_key
    assert not any(key[name] in evidence.pasted.text for name in ("d", "p", "q", "dp", "dq", "qi"))
    assert "user hasn't approved" in evidence.pasted.text


def test_a_key_in_base64_among_words_leaves_the_words() -> None:
    content = every_file()["wrapped: .env file"].content.decode()
    evidence = read(f"{content}\nerror: invalid_grant, user hasn't approved this consumer\n")
    assert evidence.pasted is not None
    assert evidence.pasted.facts.holds_private_key
    assert "user hasn't approved" in evidence.pasted.text
