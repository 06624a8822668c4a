"""The token endpoint decides from what was deployed; REST shows and changes who may use an app."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509

from provisioner.localorg import break_, mend
from tests.localorg import logins
from tests.localorg.client import Client, package, successes
from tests.localorg.logins import APP, GATE, KEY, NAMES, PERMISSIONS, SETS, Administrator, app, one
from tests.localorg.test_apps import connected

HEADER, OAUTH, GLOBAL, OAUTH_POLICY, POLICY = NAMES
GRANTED = (200, "", "")
NOT_APPROVED = ("invalid_grant", "user hasn't approved this consumer")
NOT_ADMITTED = ("invalid_app_access", "user is not admin approved to access this app")
NOT_IN_ORG = ("app_not_found", "External client app is not installed in this org")
UNKNOWN = ("invalid_client_id", "client identifier invalid")
SCOPES = (
    "invalid_request", "refresh_token scope is required and the connected app should be installed and preauthorized",
)  # fmt: skip


@pytest.fixture
def made(admin: Administrator) -> Administrator:
    """The whole login is there, and works."""
    return admin.made()


def session(admin: Administrator, key: str = KEY) -> Client:
    """The login's own client, logged in through the app."""
    client = Client(admin.connection, admin.directory)
    answer = client.ask_token(client.assertion(key=logins.private_pem("first"), iss=key))
    assert answer.status_code == 200, answer.text
    client.token = answer.json()["access_token"]
    client.http.headers["Authorization"] = f"Bearer {client.token}"
    return client


LIMITS = "/services/data/v67.0/limits"


@pytest.mark.parametrize(
    ("kind", "text", "refusal"),
    [
        (OAUTH_POLICY, logins.oauth_policy(permittedUsersPolicyType="AllSelfAuthorized"), NOT_APPROVED),
        (OAUTH_POLICY, logins.oauth_policy(commaSeparatedPermissionSet=""), NOT_ADMITTED),
        (OAUTH, logins.oauth(commaSeparatedOauthScopes="Api"), SCOPES),
        (POLICY, logins.policy("false"), NOT_IN_ORG),
        (POLICY, logins.policy(isOauthPluginEnabled="false"), UNKNOWN),
        (GLOBAL, logins.secrets("second"), ("invalid_client", "invalid client credentials")),
        (GLOBAL, logins.secrets().replace(logins.pem(), ""), ("invalid_grant", "invalid assertion")),
    ],
)  # fmt: skip
def test_what_was_deployed_decides(made: Administrator, kind: str, text: str, refusal: tuple[str, str]) -> None:
    assert made.log_in() == GRANTED
    made.succeed(one(kind, text))
    assert made.log_in() == (400, *refusal)
    whole = app()
    made.succeed({f"{kind}/{NAMES[kind]}": whole[f"{kind}/{NAMES[kind]}"]})
    assert made.log_in() == GRANTED


def test_errors_of_a_fresh_app_come_in_their_order(admin: Administrator) -> None:
    admin.succeed(SETS)
    admin.succeed(app(**{
        GLOBAL: logins.secrets("second", consumerKey=KEY), OAUTH_POLICY: "",
        OAUTH: logins.oauth(commaSeparatedOauthScopes="Api"),
    }))  # fmt: skip
    seen = [admin.log_in()[1:]]
    admin.succeed(one(GLOBAL, logins.secrets()))
    seen.append(admin.log_in()[1:])
    admin.succeed(one(OAUTH_POLICY, logins.oauth_policy()))
    seen.append(admin.log_in()[1:])
    admin.assign(GATE)
    seen.append(admin.log_in()[1:])
    admin.succeed(one(OAUTH, logins.oauth()))
    seen.append(admin.log_in()[1:])
    invalid = ("invalid_client", "invalid client credentials")
    assert seen == [invalid, NOT_APPROVED, NOT_ADMITTED, SCOPES, ("", "")]


def test_a_wrong_signature_has_two_answers(made: Administrator) -> None:
    assert made.log_in(signer="second") == (400, "invalid_client", "invalid client credentials")
    made.breaks("eca-wrong-signature")
    assert made.log_in(signer="second") == (400, "invalid_grant", "invalid assertion")


@pytest.mark.parametrize(
    ("word", "refusal"),
    [
        ("client-identifier", UNKNOWN), ("blocked", ("OAUTH_APP_BLOCKED", "this app is blocked by admin")),
        ("not-approved", NOT_APPROVED), ("app-not-found", NOT_IN_ORG),
    ],
)  # fmt: skip
def test_an_app_that_is_switched_off(made: Administrator, word: str, refusal: tuple[str, str]) -> None:
    made.succeed(one(POLICY, logins.policy("false")))
    made.breaks(f"eca-disabled-answer={word}")
    assert made.log_in() == (400, *refusal)


@pytest.mark.parametrize("audience", ["https://login.salesforce.com", "https://test.salesforce.com"])
def test_an_app_is_found_only_by_the_orgs_own_host(made: Administrator, audience: str) -> None:
    assert made.log_in(aud=audience) == (400, *NOT_IN_ORG)


def test_a_high_assurance_session_is_of_no_use(made: Administrator) -> None:
    made.succeed(one(OAUTH_POLICY, logins.oauth_policy(requiredSessionLevel="HIGH_ASSURANCE")))
    client = session(made)
    assert client.get(LIMITS).json()[0]["errorCode"] == "INSUFFICIENT_ACCESS"
    client.close()


def test_tokens_of_the_jwt_form(made: Administrator) -> None:
    made.succeed(one(GLOBAL, logins.secrets(isNamedUserJwtEnabled="true")))
    client = session(made)
    assert client.get(LIMITS).status_code == 200
    assert client.fault("<met:describeMetadata/>")[0] == "INVALID_SESSION_ID"
    client.close()


def test_a_session_lasts_as_long_as_the_policy_says(made: Administrator) -> None:
    made.succeed(one(OAUTH_POLICY, logins.oauth_policy(sessionTimeoutInMinutes="15")))
    client = session(made)
    made.breaks("clock-skew=14m")
    assert client.get(LIMITS).status_code == 200
    made.breaks("clock-skew=16m")
    assert client.get(LIMITS).status_code == 401
    assert made.get(LIMITS).status_code == 200, "the administrator's own session does not expire"
    client.close()


def test_user_permissions_decide(admin: Administrator) -> None:
    admin.succeed(SETS)
    admin.assign(GATE)
    admin.succeed(app())
    client = session(admin)
    assert client.fault("<met:describeMetadata/>")[0] == "INSUFFICIENT_ACCESS"
    assert client.get("/services/data/v67.0/metadata/deployRequest/0AfLO00000000010AA").status_code == 403
    admin.assign(PERMISSIONS)
    assert client.soap("<met:describeMetadata/>").status_code == 200
    client.close()


def test_an_assignment_may_expire(made: Administrator) -> None:
    rows = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = '{}'"
    [held] = made.query(rows.format(GATE))
    assert made.remove("PermissionSetAssignment", held["Id"]) == 204
    assert made.log_in() == (400, *NOT_ADMITTED)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    given = {"AssigneeId": made.user_id(), "PermissionSetId": made.id_of(GATE), "ExpirationDate": soon}
    assert made.post("PermissionSetAssignment", **given).status_code == 201
    assert made.log_in() == GRANTED
    made.breaks("clock-skew=2h")
    assert made.log_in(exp=int(time.time()) + 7300) == (400, *NOT_ADMITTED)


# -- what changes in an app takes its time


def test_a_new_app_is_unknown_for_a_while(admin: Administrator) -> None:
    admin.breaks("eca-propagation=10m")
    admin.made()
    assert [admin.log_in()[1] for _ in range(3)] == ["invalid_client_id"] * 3
    admin.breaks("clock-skew=11m")
    assert admin.log_in(exp=int(time.time()) + 800) == GRANTED


def test_a_new_certificate_and_the_old_one_answer_in_turn(made: Administrator) -> None:
    made.breaks("clock-skew=1h", "eca-propagation")
    made.succeed(one(GLOBAL, logins.secrets("second")))

    def answers(signer: str, ahead: int) -> list[int]:
        return [made.log_in(signer=signer, exp=int(time.time()) + ahead)[0] for _ in range(4)]

    assert sorted(answers("first", 3700)) == sorted(answers("second", 3700)) == [200, 200, 400, 400]
    made.breaks("clock-skew=76m")
    assert answers("first", 4700) == [400] * 4
    assert answers("second", 4700) == [200] * 4


def test_the_old_certificate_may_answer_alone_for_a_while(made: Administrator) -> None:
    made.breaks("clock-skew=1h", "eca-propagation=1m", "eca-propagation-form")
    made.succeed(one(GLOBAL, logins.secrets("second")))
    ahead = int(time.time()) + 3700
    assert [made.log_in(signer=name, exp=ahead)[0] for name in ("first", "second", "first")] == [200, 400, 200]
    made.breaks("clock-skew=62m")
    assert [made.log_in(signer=name, exp=ahead + 120)[0] for name in ("first", "second")] == [400, 200]


def test_both_certificates_may_be_taken_for_a_while(made: Administrator) -> None:
    made.breaks("time-passes=1h", "eca-propagation", "eca-propagation-form=both")
    made.succeed(one(GLOBAL, logins.secrets("second")))
    assert [made.log_in(signer=name)[0] for name in ("first", "second", "third")] == [200, 200, 400]
    made.breaks("time-passes=15m")
    assert [made.log_in(signer=name)[0] for name in ("first", "second", "third")] == [400, 200, 400]


@pytest.mark.parametrize(("word", "refusal"), [("scope", SCOPES), ("not-approved", NOT_APPROVED)])
def test_an_app_without_refresh_tokens(made: Administrator, word: str, refusal: tuple[str, str]) -> None:
    made.succeed(one(OAUTH_POLICY, logins.oauth_policy(refreshTokenPolicyType="Zero")))
    assert made.log_in() == GRANTED
    made.breaks(f"eca-zero-refuses={word}")
    assert made.log_in() == (400, *refusal)
    hours = {"refreshTokenValidityPeriod": "4", "refreshTokenValidityUnit": "Hours"}
    made.succeed(one(OAUTH_POLICY, logins.oauth_policy(refreshTokenPolicyType="SpecificLifetime", **hours)))
    assert made.log_in() == GRANTED


def test_time_passes_without_the_orgs_clock(made: Administrator) -> None:
    made.breaks("time-passes=1h", "eca-propagation", "eca-propagation-form")
    client = session(made)
    made.succeed(one(GLOBAL, logins.secrets("second")))
    made.breaks("time-passes=14m")
    assert [made.log_in(signer=name)[0] for name in ("first", "second")] == [200, 400]
    made.breaks("time-passes=2m")
    assert [made.log_in(signer=name)[0] for name in ("first", "second")] == [400, 200]
    assert client.get(LIMITS).status_code == 200
    made.breaks("time-passes=2h")
    assert client.get(LIMITS).status_code == 401
    [*_, newest] = made.query("SELECT LoginTime FROM LoginHistory ORDER BY LoginTime")
    assert newest["LoginTime"] < time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 7000))
    client.close()


# -- sessions and policies


def test_a_stricter_policy_may_end_sessions(made: Administrator) -> None:
    loose = logins.oauth_policy(permittedUsersPolicyType="AllSelfAuthorized")
    client = session(made)
    made.succeed(one(OAUTH_POLICY, loose))
    made.succeed(one(OAUTH_POLICY, logins.oauth_policy()))
    assert client.get(LIMITS).status_code == 200
    made.breaks("eca-policy-ends-session")
    made.succeed(one(OAUTH_POLICY, loose))
    assert client.get(LIMITS).status_code == 200
    made.succeed(one(OAUTH_POLICY, logins.oauth_policy()))
    assert client.get(LIMITS).status_code == 401
    assert made.get(LIMITS).status_code == 200, "the administrator came by no app"
    client.close()


def test_a_login_may_cut_its_own_branch(admin: Administrator) -> None:
    """Its session ends before it sees what became of the deployment; by id, the next session does."""
    own = logins.permission_set("ApiEnabled", "ExternalClientAppAdmin", "ModifyMetadata")
    admin.succeed({**SETS, f"PermissionSet/{PERMISSIONS}": own})
    admin.assign(GATE, PERMISSIONS)
    admin.succeed({**app(), **one(OAUTH_POLICY, logins.oauth_policy(permittedUsersPolicyType="AllSelfAuthorized"))})
    admin.breaks("user-approved", "eca-policy-ends-session")
    client = session(admin)
    deployment = client.submit(package(one(OAUTH_POLICY, logins.oauth_policy())))
    admin.wait(deployment)
    assert client.get(LIMITS).status_code == 401
    client.close()
    client = session(admin)
    assert client.look(deployment)["success"]
    client.close()


def test_other_users_of_an_app(made: Administrator) -> None:
    assert made.query("SELECT Id FROM OauthToken") == []
    made.breaks("app-has-other-users")
    rows = made.query("SELECT AppName, UserId FROM OauthToken")
    assert {row["AppName"] for row in rows} == {"Provisioner CI"}
    assert made.user_id("agent@localorg.example") in [row["UserId"] for row in rows]
    assert made.user_id() not in [row["UserId"] for row in rows]


# -- faults of the records


@pytest.mark.parametrize(
    ("fault", "kind", "refusal"),
    [
        ("user-not-approved", OAUTH_POLICY, NOT_APPROVED), ("user-not-preauthorized", OAUTH_POLICY, NOT_ADMITTED),
        ("wrong-certificate", GLOBAL, ("invalid_client", "invalid client credentials")),
        ("digital-signatures-not-enabled", GLOBAL, ("invalid_grant", "invalid assertion")),
        ("no-refresh-token-scope", OAUTH, SCOPES), ("oauth-not-enabled", POLICY, UNKNOWN),
    ],
)  # fmt: skip
def test_a_deployment_mends_the_record(made: Administrator, fault: str, kind: str, refusal: tuple[str, str]) -> None:
    whole = app()[f"{kind}/{NAMES[kind]}"]
    broken = made.read(kind)
    made.breaks(fault)
    assert made.log_in() == (400, *refusal)
    assert made.read(kind) != broken
    made.succeed({f"{kind}/{NAMES[kind]}": whole.replace("isEnabled>true<", "isEnabled>true<")})
    assert made.log_in() == GRANTED
    mend(made.directory)
    assert made.log_in() == GRANTED


def test_an_expired_certificate_still_logs_in(made: Administrator) -> None:
    made.breaks("certificate-expired")
    expired = x509.load_pem_x509_certificate(made.read(GLOBAL)["certificate"].encode())
    assert expired.not_valid_after_utc < datetime.now(UTC)
    assert made.log_in() == GRANTED


def test_an_unrelated_deployment_mends_nothing(made: Administrator) -> None:
    made.breaks("wrong-certificate")
    made.succeed({"PermissionSet/Other": logins.permission_set()})
    assert made.log_in()[1] == "invalid_client"
    made.succeed(one(HEADER, logins.header(description="Another.")))
    mend(made.directory)
    assert made.log_in()[1] == "invalid_client", "now the org holds the wrong certificate"


def test_a_new_org_takes_the_repair_of_its_app(org: Client, broken: Callable[..., None]) -> None:
    admin = Administrator(org.connection, org.directory)
    broken("external-client-app", "user-not-preauthorized")
    [row] = admin.query("SELECT DeveloperName FROM ExternalClientApplication")
    assert org.ask_token().json()["error"] == "invalid_app_access"
    policy = logins.oauth_policy(
        externalClientApplication=row["DeveloperName"], commaSeparatedProfile="System Administrator",
        commaSeparatedPermissionSet="",
    )  # fmt: skip
    admin.succeed(one(OAUTH_POLICY, policy, "Provisioner_oauthPlcy"))
    assert org.ask_token().status_code == 200
    mend(org.directory)
    assert org.ask_token().status_code == 200
    assert admin.query("SELECT Id FROM ConnectedApplication") == []
    admin.close()


def test_what_the_fault_makes_of_an_app_can_be_sent_back(org: Client, broken: Callable[..., None]) -> None:
    admin = Administrator(org.connection, org.directory)
    broken("external-client-app")
    names = {kind: name.replace(APP, "Provisioner") for kind, name in NAMES.items()}
    names |= {OAUTH_POLICY: "Provisioner_oauthPlcy", POLICY: "Provisioner_plcy"}
    read = {f"{kind}/{name}": admin.file(kind, name) for kind, name in names.items()}
    result = admin.deploy(read)
    assert result["success"], result["details"]["componentFailures"]
    assert {address: row["changed"] for address, row in successes(result).items()} == dict.fromkeys(read, False)
    mend(org.directory)
    assert admin.read("ConnectedApp", "Provisioner")["label"] == "Provisioner"
    admin.close()


# -- a refresh of the sandbox


@pytest.mark.parametrize(
    ("word", "refusal", "apps"), [("gone", NOT_IN_ORG, 0), ("broken", NOT_IN_ORG, 1), ("copied", ("", ""), 1)]
)
def test_a_refreshed_sandbox(made: Administrator, word: str, refusal: tuple[str, str], apps: int) -> None:
    client = session(made)
    break_(made.directory, f"sandbox-refresh={word}")
    assert client.get(LIMITS).status_code == 401
    client.close()
    assert made.get(LIMITS).status_code == 401
    admin = Administrator(made.connection, made.directory)
    [new] = admin.query("SELECT Id FROM Organization")
    assert new["Id"] != made.connection.org_id
    assert admin.log_in()[1:] == refusal
    assert len(admin.query("SELECT Id FROM ExternalClientApplication")) == apps
    held = admin.query("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.IsCustom = TRUE")
    assert len(held) == 2, "users keep their permission sets"
    admin.succeed(app() if word != "copied" else one(GLOBAL, logins.secrets()))
    assert admin.log_in() == GRANTED
    admin.close()


# -- records over REST


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def test_assignments_are_inserted_once(admin: Administrator) -> None:
    admin.succeed(SETS)
    given = {"AssigneeId": admin.user_id(), "PermissionSetId": admin.id_of(GATE)}
    made = admin.post("PermissionSetAssignment", **given)
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "success": True, "errors": []}
    again = admin.post("PermissionSetAssignment", **given)
    assert error(again) == (400, "DUPLICATE_VALUE")
    assert again.json()[0]["message"].startswith("duplicate value found: ")
    row = admin.get(f"/services/data/v67.0/sobjects/PermissionSetAssignment/{made.json()['id']}").json()
    assert (row["AssigneeId"], row["IsActive"]) == (given["AssigneeId"], True)
    assert admin.remove("PermissionSetAssignment", made.json()["id"]) == 204
    assert admin.remove("PermissionSetAssignment", made.json()["id"]) == 404
    owned = admin.query("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = TRUE")
    assert admin.remove("PermissionSetAssignment", owned[0]["Id"]) == 403


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("PermissionSetAssignment", {}, (400, "REQUIRED_FIELD_MISSING")),
        ("PermissionSetAssignment", {"AssigneeId": "005LO0000000009AAA", "PermissionSetId": "GATE"},
         (400, "INVALID_CROSS_REFERENCE_KEY")),
        ("PermissionSetAssignment", {"AssigneeId": "USER", "PermissionSetId": "0PSLP0000000001AAA"},
         (400, "INVALID_CROSS_REFERENCE_KEY")),
        ("PermissionSetAssignment", {"AssigneeId": "USER", "PermissionSetId": "GATE", "IsActive": True},
         (400, "INVALID_FIELD_FOR_INSERT_UPDATE")),
        ("PermissionSetAssignment", {"AssigneeId": "USER", "PermissionSetId": "GATE", "ExpirationDate": "soon"},
         (400, "JSON_PARSER_ERROR")),
        ("SetupEntityAccess", {"ParentId": "GATE", "SetupEntityId": "0xILO0000000009AAA"},
         (400, "INVALID_CROSS_REFERENCE_KEY")),
        ("SetupEntityAccess", {"ParentId": "GATE", "SetupEntityId": "x", "SetupEntityType": "y"},
         (400, "INVALID_FIELD_FOR_INSERT_UPDATE")),
        ("Account", {"Name": "x"}, (404, "NOT_FOUND")),
    ],
)  # fmt: skip
def test_inserts_that_are_refused(
    admin: Administrator, name: str, values: dict[str, Any], expected: tuple[int, str]
) -> None:
    admin.succeed(SETS)
    known = {"USER": admin.user_id(), "GATE": admin.id_of(GATE)}
    answer = admin.post(name, **{field: known.get(value, value) for field, value in values.items()})
    assert error(answer) == expected


def test_a_body_that_is_no_object(admin: Administrator) -> None:
    url = f"{admin.connection.url}/services/data/v67.0/sobjects/SetupEntityAccess"
    for content in (b"", b"[]", b"{", b"[" * 100_000):
        assert error(admin.http.post(url, content)) == (400, "JSON_PARSER_ERROR")


def test_who_may_not_assign(made: Administrator) -> None:
    client = session(made)
    url = f"{made.connection.url}/services/data/v67.0/sobjects/PermissionSetAssignment"
    body = {"AssigneeId": made.user_id("agent@localorg.example"), "PermissionSetId": made.id_of(GATE)}
    assert error(client.http.post(url, json=body)) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    client.close()


def test_access_is_what_the_policy_says(made: Administrator) -> None:
    made.succeed({"PermissionSet/Second": logins.permission_set()})
    [header] = made.query("SELECT Id FROM ExternalClientApplication")
    answer = made.post("SetupEntityAccess", ParentId=made.id_of("Second"), SetupEntityId=header["Id"])
    assert answer.status_code == 201
    assert made.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == f"{GATE},Second"
    rows = made.query("SELECT Id, Parent.Name, SetupEntityType FROM SetupEntityAccess ORDER BY Id")
    assert [(row["Parent"]["Name"], row["SetupEntityType"]) for row in rows] == [
        (GATE, "ExternalClientApplication"), ("Second", "ExternalClientApplication"),
    ]  # fmt: skip
    again = made.post("SetupEntityAccess", ParentId=made.id_of("Second"), SetupEntityId=header["Id"])
    assert error(again) == (400, "DUPLICATE_VALUE")
    assert made.remove("SetupEntityAccess", rows[0]["Id"]) == 204
    assert made.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == "Second"
    assert made.log_in() == (400, *NOT_ADMITTED)


def test_access_to_a_connected_app(org: Client) -> None:
    admin = Administrator(org.connection, org.directory)
    admin.succeed(SETS)
    [row] = admin.query("SELECT Id FROM ConnectedApplication")
    assert admin.post("SetupEntityAccess", ParentId=admin.id_of(GATE), SetupEntityId=row["Id"]).status_code == 201
    assert admin.read("ConnectedApp", "Provisioner")["permissionSetName"] == GATE
    owned = admin.query("SELECT Id FROM SetupEntityAccess WHERE Parent.IsOwnedByProfile = TRUE")
    assert admin.remove("SetupEntityAccess", owned[0]["Id"]) == 403
    admin.close()


def test_fields_are_described(admin: Administrator) -> None:
    described = admin.get("/services/data/v67.0/sobjects/UserPermissionAccess/describe").json()
    assert "PermissionsAssignPermissionSets" in [field["name"] for field in described["fields"]]
    assert admin.get("/services/data/v67.0/sobjects/Nope/describe").status_code == 404
    assert admin.get("/services/data/v67.0/sobjects/User/005LO0000000009AAA").status_code == 404
    me = admin.get("/services/data/v67.0/sobjects/User/005LO0000000000").json()
    assert me["Username"] == admin.connection.admin_username


def test_consumer_keys_over_connect(made: Administrator) -> None:
    base = "/services/data/v67.0/apps/oauth"
    found = made.get(f"{base}/usage").json()
    [row] = found["apps"]
    assert (row["developerName"], row["label"], found["nextPageUrl"]) == (APP, "Provisioner CI", None)
    [consumer] = made.get(f"{base}/credentials/{row['identifier']}").json()["consumers"]
    assert (consumer["key"], consumer["id"][:3]) == (KEY, "888")
    url = f"{base}/credentials/{row['identifier'][:15]}/{consumer['id'][:15]}"
    assert made.get(url, part="key").json() == {"id": consumer["id"], "key": KEY}
    assert set(made.get(url, part="keyandsecret").json()) == {"id", "key", "secret"}
    assert made.get(url, part="everything").status_code == 404
    assert made.get(f"{base}/credentials/0xILO0000000009AAA").status_code == 404
    made.breaks("connect-credentials-closed")
    assert error(made.get(url, part="key")) == (403, "FUNCTIONALITY_NOT_ENABLED")
    mend(made.directory)
    made.breaks("administrator-lacks=ViewClientSecret")
    assert made.get(url, part="key").status_code == 200
    assert error(made.get(url, part="secret")) == (403, "FUNCTIONALITY_NOT_ENABLED")


@pytest.mark.parametrize("tooling", [False, True])
def test_the_record_can_be_queried(made: Administrator, tooling: bool) -> None:
    def only(query: str) -> dict[str, Any]:
        [row] = made.query(query, tooling=tooling)
        return row

    header = only("SELECT Id, DeveloperName, MasterLabel, ContactEmail FROM ExternalClientApplication")
    assert (header["DeveloperName"], header["ContactEmail"]) == (APP, "platform@acme.com")
    policy = only("SELECT ExternalClientApplicationId, PermittedUsersPolicyType FROM ExtlClntAppOauthPlcyCnfg")
    assert policy == {
        "ExternalClientApplicationId": header["Id"], "PermittedUsersPolicyType": "AdminApprovedPreAuthorized",
    }  # fmt: skip
    scopes = only("SELECT OauthScopesAPI, OauthScopesREFRESH_TOKEN, OauthScopesWEB FROM ExtlClntAppOauthSettings")
    assert list(scopes.values()) == [True, True, False]
    assert only("SELECT IsEnabled, OauthPluginStatus FROM ExtlClntAppPlcyCnfg") == {
        "IsEnabled": True, "OauthPluginStatus": "Enabled",
    }  # fmt: skip


@pytest.mark.parametrize("only", ["rest", "tooling"])
def test_apps_may_be_known_to_one_query_resource(made: Administrator, only: str) -> None:
    made.breaks(f"eca-objects-only={only}")
    answers = {
        name: made.get(f"/services/data/v67.0/{path}", q="SELECT Id FROM ExternalClientApplication")
        for name, path in {"rest": "query", "tooling": "tooling/query"}.items()
    }
    assert answers.pop(only).status_code == 200
    [refused] = answers.values()
    assert error(refused) == (400, "INVALID_TYPE")


def test_the_history_names_the_app_of_each_login(made: Administrator) -> None:
    made.breaks("connected-app-creation")
    made.succeed({"ConnectedApp/Old": connected(permissionSetName=GATE)})
    key = made.read("ConnectedApp", "Old")["oauthConfig"]["consumerKey"]
    assert made.log_in() == made.log_in(key) == GRANTED
    made.log_in(signer="second")
    rows = made.query("SELECT Application, Status FROM LoginHistory ORDER BY LoginTime")
    assert [(row["Application"], row["Status"]) for row in rows] == [
        ("Provisioner CI", "Success"), ("Old", "Success"), ("Provisioner CI", "Failed: Signature Invalid"),
    ]  # fmt: skip
