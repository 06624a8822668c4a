"""Apps and permission sets as components: what a bare org keeps, adds, shows and refuses."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner.errors import InputError
from provisioner.localorg import Connection, bootstrap, start
from provisioner.localorg.layout import Layout
from tests.localorg import logins, material
from tests.localorg.client import Client, package, successes, zipped
from tests.localorg.logins import APP, GATE, KEY, NAMES, PERMISSIONS, SETS, Administrator, app, one, pem

HEADER, OAUTH, GLOBAL, OAUTH_POLICY, POLICY = NAMES
NO_CREATION = "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support."


@pytest.fixture
def gated(admin: Administrator) -> Administrator:
    """The permission sets are there, and assigned."""
    admin.succeed(SETS)
    admin.assign(GATE, PERMISSIONS)
    return admin


def test_from_nothing_to_a_login(admin: Administrator) -> None:
    assert admin.log_in() == (400, "invalid_client_id", "client identifier invalid")
    admin.made()
    assert admin.log_in() == (200, "", "")


def test_a_bare_org_has_an_administrator_and_no_app(admin: Administrator) -> None:
    said = admin.connection.as_dict()
    assert "consumer_key" not in said
    assert said["username"] == "integration@localorg.example"
    assert stat.S_IMODE(Path(said["admin_token_file"]).stat().st_mode) == 0o600
    assert admin.query("SELECT Id FROM ExternalClientApplication") == []
    assert admin.query("SELECT Id FROM ConnectedApplication") == []
    [held] = admin.query(
        "SELECT PermissionsModifyMetadata, PermissionsExternalClientAppAdmin FROM UserPermissionAccess"
    )
    assert held == {"PermissionsModifyMetadata": True, "PermissionsExternalClientAppAdmin": True}


def test_a_bare_org_hands_out_the_app_of_its_key(gated: Administrator) -> None:
    layout = Layout.of(gated.directory)
    text = logins.secrets(consumerKey=KEY).replace(pem(), layout.login_certificate.read_text())
    gated.succeed(app(**{GLOBAL: text}))
    identity = bootstrap.read_identity(layout)
    assert identity is not None
    found = bootstrap.connection(layout, identity)
    assert found.consumer_key == KEY
    client = Client(found, gated.directory).login()
    assert client.get("/services/data/v67.0/limits").status_code == 200
    client.close()
    gated.succeed(one(GLOBAL, logins.secrets()))
    assert bootstrap.connection(layout, identity).consumer_key == ""


def test_an_org_with_an_app_does_not_become_bare(org: Client) -> None:
    with pytest.raises(InputError, match="has a connected app") as refusal:
        bootstrap.create_org(Layout.of(org.directory), bare=True)
    assert refusal.value.next == "Name another folder with --dir, or omit --bare."


def test_the_administrators_token_outlives_session_ends(admin: Administrator) -> None:
    admin.breaks("session-ends=1")
    assert admin.get("/services/data/v67.0/limits").status_code == 200
    assert admin.get("/services/data/v67.0/limits").status_code == 401
    bootstrap.create_org(Layout.of(admin.directory))
    assert admin.get("/services/data/v67.0/limits").status_code == 200


def test_what_comes_back_of_an_app(gated: Administrator) -> None:
    gated.succeed(app())
    org_id = gated.connection.org_id[:15]
    assert gated.read(HEADER)["orgScopedExternalApp"] == f"{org_id}:{APP}"
    assert re.fullmatch(f"{org_id}:888\\w{{12}}", gated.read(OAUTH)["oauthLink"])
    settings = gated.read(GLOBAL)
    assert (settings["consumerKey"], settings["isPkceRequired"]) == (KEY, "true")
    assert "consumerSecret" not in settings
    assert gated.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == GATE
    assert [gated.read(kind)["externalClientApplication"] for kind in NAMES if kind != HEADER] == [APP] * 4


@pytest.mark.parametrize("kind", NAMES)
def test_elements_come_back_in_alphabetical_order(gated: Administrator, kind: str) -> None:
    gated.succeed(app())
    elements = re.findall(r"^    <(\w+)>", gated.file(kind, NAMES[kind]), re.MULTILINE)
    assert len(elements) >= 3
    assert elements == sorted(elements)


def test_a_consumer_secret_is_read_only_by_the_fault(gated: Administrator) -> None:
    gated.succeed(app())
    gated.breaks("secrets-in-metadata")
    assert re.fullmatch("[0-9A-F]{64}", gated.read(GLOBAL)["consumerSecret"])
    assert "consumerSecret" in gated.file(GLOBAL, NAMES[GLOBAL])


def test_policies_that_are_not_sent_are_made(gated: Administrator) -> None:
    sent = app(**{OAUTH_POLICY: "", POLICY: ""})
    result = gated.deploy(sent)
    assert sorted(successes(result)) == sorted(sent)
    made = gated.read(OAUTH_POLICY, f"{APP}_oauth_defaultPolicy")
    expected = {
        "permittedUsersPolicyType": "AllSelfAuthorized", "ipRelaxationPolicyType": "Enforce",
        "refreshTokenPolicyType": "SpecificLifetime", "refreshTokenValidityPeriod": "365",
        "refreshTokenValidityUnit": "Days", "requiredSessionLevel": "STANDARD",
    }  # fmt: skip
    assert expected.items() <= made.items()
    made = gated.read(POLICY, f"{APP}_defaultPolicy")
    assert {"isEnabled": "true", "isOauthPluginEnabled": "true", "startPage": "None"}.items() <= made.items()


@pytest.mark.parametrize(("kind", "make"), [(OAUTH_POLICY, logins.oauth_policy), (POLICY, logins.policy)])
def test_an_app_has_one_policy_of_each_kind(gated: Administrator, kind: str, make: Callable[[], str]) -> None:
    gated.succeed(app())
    assert gated.refusals(one(kind, make(), "Another")) == [
        f"duplicate value found: ExternalClientApplicationId duplicates value on {NAMES[kind]}"
    ]


@pytest.mark.parametrize(
    ("kind", "text", "refusal"),
    [
        (OAUTH, logins.oauth(commaSeparatedOauthScopes="Api, McpApi"), "There's a problem with your scope(s): McpApi"),
        (OAUTH_POLICY, logins.oauth_policy(permittedUsersPolicyType="AdminApproved"),
         "'AdminApproved' is not a valid value for the enum 'PermittedUsersPolicyType'"),
        (OAUTH_POLICY, logins.oauth_policy(commaSeparatedPermissionSet="Nope"),
         "In field: commaSeparatedPermissionSet - no PermissionSet named Nope found"),
        (OAUTH_POLICY, logins.oauth_policy(externalClientApplication=""),
         "Enter the name of the parent external client app"),
        (POLICY, logins.policy(externalClientApplication="Other"),
         "In field: externalClientApplication - no ExternalClientApplication named Other found"),
        (OAUTH, logins.oauth(oauthLink="00D000000000001:888000000000001"),
         "The OAuth link 00D000000000001:888000000000001 isn't valid."),
        (HEADER, logins.header(orgScopedExternalApp=f"00D000000000001:{APP}"),
         f"The orgScopedExternalApp 00D000000000001:{APP} isn't an app of this organization."),
        (GLOBAL, logins.secrets().replace(pem(), "no certificate"), "The certificate isn't valid."),
        (GLOBAL, logins.secrets(label=""), "Required field is missing: label"),
    ],
)  # fmt: skip
def test_parts_that_are_refused(gated: Administrator, kind: str, text: str, refusal: str) -> None:
    assert refusal in gated.refusals(app(**{kind: text}))
    assert gated.query("SELECT Id FROM ExternalClientApplication") == [], "all or nothing"


def test_global_settings_need_oauth_settings(gated: Administrator) -> None:
    text = (
        "The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings "
        "configuration"
    )
    assert gated.refusals(app(**{OAUTH: "", OAUTH_POLICY: ""})) == [text]


def test_old_elements_belong_to_old_versions(gated: Administrator) -> None:
    parts = app(**{OAUTH_POLICY: logins.oauth_policy(isNamedUserJwtEnabled="false")})
    assert "isNamedUserJwtEnabled invalid at this location" in gated.refusals(parts)[0]
    gated.succeed(parts, version="63.0")


def test_files_may_be_named_as_in_a_project(gated: Administrator) -> None:
    listed = {kind: [name] for kind, name in NAMES.items()}
    files = {f"{material.path(kind, name)}-meta.xml": app()[f"{kind}/{name}"] for kind, name in NAMES.items()}
    content = zipped({"package.xml": material.manifest(listed), **files})
    assert gated.wait(gated.submit(content))["success"]


# -- the consumer key


def test_a_consumer_key_may_be_refused(gated: Administrator) -> None:
    gated.breaks("eca-consumer-key=refused")
    assert gated.refusals(app()) == ["You can't set the consumer key."]
    gated.succeed(app(key=None))
    assert gated.read(GLOBAL)["consumerKey"].startswith("3MVG9")


def test_a_consumer_key_may_be_replaced(gated: Administrator) -> None:
    gated.breaks("eca-consumer-key=replaced")
    gated.succeed(app())
    theirs = gated.read(GLOBAL)["consumerKey"]
    assert theirs != KEY
    assert gated.log_in()[1] == "invalid_client_id"
    assert gated.log_in(theirs)[0] == 200


def test_another_consumer_key_is_ignored_on_update(gated: Administrator) -> None:
    gated.succeed(app())
    update = one(GLOBAL, logins.secrets(consumerKey="B" * 80))
    gated.succeed(update)
    assert gated.read(GLOBAL)["consumerKey"] == KEY
    gated.breaks("consumer-key-update-refused")
    assert gated.refusals(update) == ["You can't change the consumer key of an existing app."]
    gated.succeed(one(GLOBAL, logins.secrets()))
    assert gated.read(GLOBAL)["consumerKey"] == KEY


def test_a_consumer_key_belongs_to_one_app(gated: Administrator) -> None:
    gated.succeed(app())
    second = {address: text.replace(APP, "Second") for address, text in app().items()}
    renamed = {address.replace(APP, "Second"): text for address, text in second.items()}
    assert "The consumer key is already taken" in gated.refusals(
        {address: text.replace("Second_Access", GATE) for address, text in renamed.items()}
    )


def test_a_command_in_the_settings_makes_another_key(gated: Administrator) -> None:
    gated.succeed(app())
    gated.succeed(one(GLOBAL, logins.secrets(shouldRotateConsumerKey="true")))
    settings = gated.read(GLOBAL)
    assert settings["consumerKey"] != KEY
    assert settings["shouldRotateConsumerKey"] == "false"


# -- the certificate


def test_the_certificate_comes_back_as_it_was_sent_or_bare(gated: Administrator) -> None:
    gated.succeed(app())
    assert gated.read(GLOBAL)["certificate"] == pem()
    gated.breaks("eca-certificate-text")
    assert gated.read(GLOBAL)["certificate"] == "".join(pem().splitlines()[1:-1])


def test_a_certificate_without_armour_is_taken(gated: Administrator) -> None:
    bare = "".join(pem().splitlines()[1:-1])
    text = logins.secrets(consumerKey=KEY).replace(pem(), bare)
    gated.succeed(app(**{GLOBAL: text}))
    assert gated.log_in()[0] == 200


def test_an_elliptic_certificate_is_dropped_in_silence(gated: Administrator) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    first = material.certificate("first")
    made = (
        x509.CertificateBuilder().subject_name(first.subject).issuer_name(first.subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(first.not_valid_before_utc).not_valid_after(first.not_valid_after_utc)
        .sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    )  # fmt: skip
    gated.succeed(app(**{GLOBAL: logins.secrets(consumerKey=KEY).replace(pem(), made)}))
    assert "certificate" not in gated.read(GLOBAL)
    assert gated.log_in() == (400, "invalid_grant", "invalid assertion")


def test_a_large_certificate_is_refused(gated: Administrator) -> None:
    text = logins.secrets().replace(pem(), pem() * 5)
    assert gated.refusals(app(**{GLOBAL: text})) == ["certificate: data value too large: (max length=4096)"]


# -- order, omissions, and what an org changes by itself


def unordered() -> dict[str, str]:
    """The parent comes before the permission sets."""
    parent = f"<externalClientApplication>{APP}</externalClientApplication>"
    text = logins.oauth_policy().replace(parent, "")
    return app(
        **{OAUTH_POLICY: text.replace("<commaSeparatedPermissionSet>", f"{parent}<commaSeparatedPermissionSet>")}
    )


def test_the_order_of_elements_is_free(gated: Administrator) -> None:
    gated.succeed(unordered())
    assert gated.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == GATE


def test_elements_out_of_order_may_vanish(gated: Administrator) -> None:
    gated.breaks("eca-order=drops")
    gated.succeed(unordered())
    assert "commaSeparatedPermissionSet" not in gated.read(OAUTH_POLICY)
    first, last = "<externalClientApplication>", "<isEnabled>true</isEnabled>"
    parentless = logins.policy().replace(last, "").replace(first, last + first)
    assert gated.refusals(one(POLICY, parentless)) == ["Enter the name of the parent external client app"]


def test_elements_out_of_order_may_be_refused(gated: Administrator) -> None:
    gated.breaks("eca-order=rejects")
    [text] = gated.refusals(unordered())
    assert "commaSeparatedPermissionSet invalid at this location" in text
    gated.succeed(app())


def test_permission_sets_that_are_omitted_stay_or_go(gated: Administrator) -> None:
    gated.succeed(app())
    without = re.sub(r"<commaSeparatedPermissionSet>.*?</commaSeparatedPermissionSet>", "", logins.oauth_policy())
    gated.succeed(one(OAUTH_POLICY, without))
    assert gated.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == GATE
    gated.breaks("eca-permission-set-omitted-gone")
    gated.succeed(one(OAUTH_POLICY, without))
    assert "commaSeparatedPermissionSet" not in gated.read(OAUTH_POLICY)
    gated.succeed(one(OAUTH_POLICY, logins.oauth_policy()))
    assert gated.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == GATE


def test_an_empty_list_removes_the_permission_sets(gated: Administrator) -> None:
    gated.succeed(app())
    gated.succeed(one(OAUTH_POLICY, logins.oauth_policy(commaSeparatedPermissionSet="")))
    assert "commaSeparatedPermissionSet" not in gated.read(OAUTH_POLICY)


def test_pkce_may_be_required_whatever_is_sent(gated: Administrator) -> None:
    sent = app(**{GLOBAL: logins.secrets(consumerKey=KEY, isPkceRequired="false")})
    gated.succeed(sent)
    assert gated.read(GLOBAL)["isPkceRequired"] == "false"
    gated.breaks("eca-pkce-reverts")
    gated.succeed(sent)
    assert gated.read(GLOBAL)["isPkceRequired"] == "true"


# -- permission sets


def test_a_permission_set_of_the_same_package_may_not_be_found(admin: Administrator) -> None:
    admin.breaks("eca-permission-set-same-package")
    both = SETS | app()
    assert admin.refusals(both) == [f"In field: commaSeparatedPermissionSet - no PermissionSet named {GATE} found"]
    admin.succeed(SETS)
    admin.succeed(app())


def test_a_permission_set_of_the_same_package_is_found(admin: Administrator) -> None:
    admin.succeed(SETS | app())


def test_a_policy_may_want_an_assigned_permission_set(admin: Administrator) -> None:
    admin.breaks("eca-policy-needs-assignment")
    admin.succeed(SETS)
    assert admin.refusals(app()) == [f"The permission set {GATE} isn't assigned to any user."]
    admin.assign(GATE)
    admin.succeed(app())


def test_permission_sets_are_taken_and_read_by_name_or_id(gated: Administrator) -> None:
    by_id = gated.id_of(GATE)
    gated.succeed(app(**{OAUTH_POLICY: logins.oauth_policy(commaSeparatedPermissionSet=by_id)}))
    assert gated.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == GATE
    gated.breaks("eca-permission-set-form")
    assert gated.read(OAUTH_POLICY)["commaSeparatedPermissionSet"] == by_id
    assert f">{by_id}<" in gated.file(OAUTH_POLICY, NAMES[OAUTH_POLICY])


@pytest.mark.parametrize(
    ("names", "refusal"),
    [
        (("ApiEnabled", "FlyToTheMoon"), "Unknown user permission: FlyToTheMoon"),
        (("ViewSetup",), "Permission ViewSetup depends on permission(s): ViewRoles"),
    ],
)
def test_permission_sets_that_are_refused(admin: Administrator, names: tuple[str, ...], refusal: str) -> None:
    assert admin.refusals({"PermissionSet/P": logins.permission_set(*names)}) == [refusal]


def test_a_permission_may_depend_on_more(admin: Administrator) -> None:
    sent = {"PermissionSet/P": logins.permission_set("ConfigureLiveMessage")}
    admin.succeed(sent)
    admin.breaks("permission-depends-on-more")
    text = "Permission ConfigureLiveMessage depends on permission(s): CustomizeApplication"
    assert admin.refusals(sent) == [text]
    admin.succeed({"PermissionSet/P": logins.permission_set("ConfigureLiveMessage", "CustomizeApplication")})


def test_a_permission_may_bring_along_what_it_needs(admin: Administrator) -> None:
    admin.breaks("permission-dependencies-added")
    admin.succeed({"PermissionSet/P": logins.permission_set("ViewSetup")})
    given = admin.read("PermissionSet", "P")["userPermissions"]
    assert [each["name"] for each in given] == ["ViewRoles", "ViewSetup"]
    [row] = admin.query("SELECT PermissionsViewRoles, IsCustom FROM PermissionSet WHERE Name = 'P'")
    assert row == {"PermissionsViewRoles": True, "IsCustom": True}


def test_a_deleted_permission_set_leaves_no_trace(gated: Administrator) -> None:
    gated.succeed(app())
    gated.succeed({}, removed={"PermissionSet": [GATE]})
    assert "commaSeparatedPermissionSet" not in gated.read(OAUTH_POLICY)
    assert gated.query("SELECT Id FROM SetupEntityAccess") == []
    held = gated.query("SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE PermissionSet.IsCustom = TRUE")
    assert [row["PermissionSet"]["Name"] for row in held] == [PERMISSIONS]


def test_a_license_of_integration_users_may_allow_less(admin: Administrator) -> None:
    admin.breaks("integration-license")
    licensed = (
        logins.permission_set()
        .replace("<label>", "<label>")
        .replace("</label>", "</label><license>Salesforce API Integration</license>")
    )
    admin.succeed({**SETS, f"PermissionSet/{GATE}": licensed})
    answer = admin.post("PermissionSetAssignment", AssigneeId=admin.user_id(), PermissionSetId=admin.id_of(PERMISSIONS))
    assert answer.status_code == 400
    assert "The user license doesn't allow the permission: Configure Messaging" in answer.json()[0]["message"]
    assert admin.refusals(app()) == [f"The permission set license of {GATE} doesn't allow access to apps."]


# -- connected apps


def connected(**more: str) -> str:
    approved = more.pop("approved", "true")
    elements = {
        "contactEmail": "platform@acme.com", "label": "Old",
        "oauthConfig": "<callbackUrl>http://localhost:1717/OauthRedirect</callbackUrl>"
        f"<certificate>{pem()}</certificate><isAdminApproved>{approved}</isAdminApproved><scopes>Api</scopes>"
        "<scopes>RefreshToken</scopes>",
        **more,
    }  # fmt: skip
    return material.xml(
        "ConnectedApp", "".join(f"<{name}>{value}</{name}>" for name, value in sorted(elements.items()))
    )


def test_connected_apps_cannot_be_created(gated: Administrator) -> None:
    made = {"ConnectedApp/Old": connected(permissionSetName=GATE)}
    assert gated.refusals(made) == [NO_CREATION]
    gated.breaks("connected-app-creation")
    gated.succeed(made)
    record = gated.read("ConnectedApp", "Old")
    assert record["permissionSetName"] == GATE
    assert gated.log_in(record["oauthConfig"]["consumerKey"])[0] == 200


def test_an_app_is_of_one_kind(gated: Administrator) -> None:
    gated.breaks("connected-app-creation")
    gated.succeed(app())
    assert gated.refusals({f"ConnectedApp/{APP}": connected()}) == [f"duplicate value found: DeveloperName {APP}"]


def test_permission_sets_need_an_approved_connected_app(gated: Administrator) -> None:
    gated.breaks("connected-app-creation")
    text = connected(permissionSetName=GATE, approved="false")
    assert gated.refusals({"ConnectedApp/Old": text}) == [
        "permissionSetName can be set only if isAdminApproved is true"
    ]


def test_the_connected_app_of_a_new_org_is_adopted(org: Client) -> None:
    admin = Administrator(org.connection, org.directory)
    file = admin.file("ConnectedApp", "Provisioner")
    old = re.search(r"<certificate>(.*?)</certificate>", file, re.DOTALL)
    assert old is not None
    assert "consumerSecret" not in file
    key = org.connection.consumer_key
    same = admin.deploy({"ConnectedApp/Provisioner": file})
    assert successes(same)["ConnectedApp/Provisioner"]["changed"] is False
    admin.succeed({"ConnectedApp/Provisioner": file.replace(old[1], pem()).replace(key, "C" * 80)})
    assert admin.read("ConnectedApp", "Provisioner")["oauthConfig"]["consumerKey"] == key
    assert admin.log_in(key)[0] == 200
    assert org.ask_token().json()["error_description"] == "invalid assertion"
    gone = re.sub(r"<profileName>.*?</profileName>", "<profileName></profileName>", file)
    admin.succeed({"ConnectedApp/Provisioner": gone})
    assert "profileName" not in admin.read("ConnectedApp", "Provisioner")
    admin.close()


# -- renaming, deleting, and who may do what


def test_an_app_cannot_be_renamed(gated: Administrator) -> None:
    gated.succeed(app())
    names = f"<met:oldFullName>{APP}</met:oldFullName><met:newFullName>Other</met:newFullName>"
    [result] = gated.call(f"<met:renameMetadata><met:type>{HEADER}</met:type>{names}</met:renameMetadata>")
    assert result["errors"]["message"] == "A component of type ExternalClientApplication can't be renamed."
    assert gated.read(HEADER)["label"] == "Provisioner CI"


def test_a_deleted_app_takes_everything_with_it(gated: Administrator) -> None:
    gated.succeed(app())
    user = Client(gated.connection, gated.directory)
    answer = user.ask_token(user.assertion(key=logins.private_pem("first"), iss=KEY))
    user.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    assert user.get("/services/data/v67.0/limits").status_code == 200
    gated.succeed({}, removed={HEADER: [APP]})
    assert user.get("/services/data/v67.0/limits").status_code == 401
    user.close()
    assert [gated.read(kind) for kind in NAMES] == [{}] * 5
    assert gated.log_in()[1] == "invalid_client_id"
    gated.succeed(app())
    assert gated.log_in()[0] == 200


def test_a_deletion_may_want_ignored_warnings(gated: Administrator) -> None:
    gated.succeed(app())
    gated.breaks("eca-delete")
    assert gated.refusals({}, removed={HEADER: [APP]}) == ["The app's settings and policies are deleted, too"]
    assert gated.log_in()[0] == 200
    gated.succeed({}, removed={HEADER: [APP]}, ignoreWarnings="true")
    assert gated.read(HEADER) == {}


def test_a_deletion_may_want_the_parts_first(gated: Administrator) -> None:
    gated.succeed(app())
    gated.breaks("eca-delete=in-use")
    assert "is referenced elsewhere in salesforce.com" in gated.refusals({}, removed={HEADER: [APP]})[0]
    parts = {kind: [name] for kind, name in NAMES.items() if kind != HEADER}
    gated.succeed({}, removed={**parts, HEADER: [APP]})
    assert [gated.read(kind) for kind in NAMES] == [{}] * 5


@pytest.mark.parametrize(("word", "shown"), [("absent", None), ("placeholder", "Placeholder")])
def test_a_consumer_key_may_not_be_shown(gated: Administrator, word: str, shown: str | None) -> None:
    gated.succeed(app())
    gated.breaks(f"eca-key-unreadable={word}")
    assert gated.read(GLOBAL).get("consumerKey") == shown
    assert gated.log_in()[0] == 200


@pytest.mark.parametrize(
    ("lacking", "files"),
    [
        ("ManageProfilesPermissionsets", SETS),
        ("ExternalClientAppDeveloper", {f"{HEADER}/{APP}": logins.header()}),
        ("ExternalClientAppAdmin", {f"{POLICY}/{NAMES[POLICY]}": logins.policy()}),
        ("ManageRemoteAccess", {"ConnectedApp/Old": connected()}),
    ],
)
def test_who_lacks_a_permission_deploys_nothing(admin: Administrator, lacking: str, files: dict[str, str]) -> None:
    admin.breaks(f"administrator-lacks={lacking}")
    assert set(admin.refusals(files)) == {"insufficient access rights on cross-reference id"}
    [held] = admin.query(f"SELECT Permissions{lacking} FROM UserPermissionAccess")
    assert held == {f"Permissions{lacking}": False}


def test_a_login_cannot_raise_its_own_rights(gated: Administrator) -> None:
    gated.succeed(app())
    user = Client(gated.connection, gated.directory)
    answer = user.ask_token(user.assertion(key=logins.private_pem("first"), iss=KEY))
    user.token = answer.json()["access_token"]
    user.http.headers["Authorization"] = f"Bearer {user.token}"
    result = user.deploy({f"PermissionSet/{PERMISSIONS}": logins.permission_set("ModifyAllData")})
    assert result["details"]["componentFailures"][0]["problem"] == "insufficient access rights on cross-reference id"
    call = (
        "<met:updateMetadata><met:metadata xsi:type='met:PermissionSet'>"
        f"<met:fullName>{PERMISSIONS}</met:fullName><met:label>l</met:label></met:metadata></met:updateMetadata>"
    )
    [saved] = user.call(call)
    assert saved["errors"]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    user.close()


def test_a_second_start_says_the_same(tmp_path: Path) -> None:
    from provisioner.localorg import stop

    first: Connection = start(tmp_path / "org", bare=True)
    try:
        assert start(tmp_path / "org", bare=True) == first == start(tmp_path / "org")
    finally:
        stop(tmp_path / "org")


def test_a_package_deletes_and_creates_in_its_order(gated: Administrator) -> None:
    gated.succeed(app())
    content = package(app(), removed={HEADER: [APP]}, before=True)
    assert gated.wait(gated.submit(content))["success"]
    assert gated.log_in()[0] == 200
