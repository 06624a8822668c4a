"""Facts about the fields of each kind of file, for editors and for the reference.

The schema (:mod:`provisioner.declaration.schema`) has the fields, their types and their descriptions. This table adds
an example, the default, the checks of an editor, and the names that Salesforce has for a field. A path names a field;
``*`` replaces the name of an entry or the index in a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.components.new_channel import LONGEST_LABEL as LONGEST_CHANNEL_LABEL
from provisioner.jose.jwk_members import ALGORITHMS
from provisioner.model.estate import DEFAULT_ALGORITHM
from provisioner.model.types import TYPES
from provisioner.rules.channel.expiration_invalid import MOST
from provisioner.rules.names.label_length import LONGEST

Schema = Mapping[str, Any]
#: A reference, resolved later, matches every pattern.
_OPEN = r"\$\{var:"
_REFERENCE = r"^\$\{(env|file|command):[\s\S]*\S[\s\S]*\}$"
_SECRET = {"pattern": _REFERENCE, "patternErrorMessage": "Write a reference: ${env:NAME}, ${file:PATH} or ${command:…}"}
_NAMES = {
    "pattern": rf"^[A-Za-z](_?[A-Za-z0-9])*$|{_OPEN}",
    "maxLength": 80,
    "patternErrorMessage": "An API name has letters, digits and single underscores, and begins with a letter.",
}
_CONFIGURATION_NAMES = {
    "pattern": r"^[A-Za-z][A-Za-z0-9_]*$",
    "patternErrorMessage": "A Configuration Name has letters, digits and underscores, and begins with a letter.",
}
_HTTPS = {
    "pattern": rf"^[Hh][Tt][Tt][Pp][Ss]://|{_OPEN}",
    "patternErrorMessage": "Write a URL that begins with https://",
}
_HOST = rf"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$|{_OPEN}"
_LABEL = {"minLength": 1, "maxLength": LONGEST}
_VERIFICATION = "Enhanced Chat User Verification"
_KEY_PAGE, _KEYSET_PAGE = f"{_VERIFICATION} > Keys", f"{_VERIFICATION} > Keysets"
_CHANNEL_PAGE = "Messaging Settings > the channel"
_KEY, _KEYSET, _CHANNEL = (kind.xml_name for kind in TYPES)


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about a field. ``example`` is a value in YAML.

    ``default`` is the value if the field is omitted, ``omitted`` the same in words.

    ``salesforce`` is the metadata field, ``setup`` its place in Setup. ``editor`` are assertions of JSON Schema that
    only editors check: the rules check the same, with an explanation.
    """

    example: Any = None
    default: Any = None
    omitted: str = ""
    salesforce: str = ""
    setup: str = ""
    editor: Schema = field(default_factory=dict)


def _either(one: str, *others: str) -> Schema:
    """Return a schema that excludes one field and the others from each other."""
    return {"if": {"required": [one]}, "then": {"properties": dict.fromkeys(others, False)}}


DECLARATION_FACTS: dict[str, Facts] = {
    "version": Facts(1),
    "requires": Facts(">=0.2"),
    "issuers": Facts({"storefront": "https://id.example.com"}),
    "issuers.*": Facts("https://id.example.com", salesforce=f"{_KEYSET}.jwtIssuer", setup=_KEYSET_PAGE),
    "keys": Facts(salesforce=_KEY, setup=_KEY_PAGE, editor={"propertyNames": _NAMES}),
    "keys.*": Facts(salesforce=f"{_KEY}.fullName", setup=f"{_KEY_PAGE} > API Name",
                    editor=_either("jwk", "certificate", "kid", "algorithm")),
    "keys.*.label": Facts("Storefront November 2026", omitted="the API name with spaces", setup="Name", editor=_LABEL),
    "keys.*.description": Facts("signs the web shop's identity tokens", setup="Description"),
    "keys.*.active": Facts(True, True, setup="Active"),
    "keys.*.certificate": Facts("keys/storefront-2026-11.crt", salesforce=f"{_KEY}.jsonWebKey", setup="Upload Files"),
    "keys.*.kid": Facts("storefront-2026-11", salesforce=f"{_KEY}.jsonWebKey (kid)", setup="Upload Files",
                        editor={"minLength": 1}),
    "keys.*.algorithm": Facts(DEFAULT_ALGORITHM, DEFAULT_ALGORITHM, salesforce=f"{_KEY}.jsonWebKey (alg)",
                              setup="Upload Files",
                              editor={"enum": list(ALGORITHMS)}),
    "keys.*.jwk": Facts("keys/legacy.jwk.json", salesforce=f"{_KEY}.jsonWebKey", setup="Upload Files"),
    "keysets": Facts(salesforce=_KEYSET, setup=_KEYSET_PAGE, editor={"propertyNames": _NAMES}),
    "keysets.*": Facts(salesforce=f"{_KEYSET}.fullName", setup=f"{_KEYSET_PAGE} > API Name",
                       editor=_either("endpoint", "keys")),
    "keysets.*.label": Facts("Storefront", omitted="the API name with spaces", setup="Name", editor=_LABEL),
    "keysets.*.description": Facts("keys of the web shop", setup="Description"),
    "keysets.*.issuer": Facts("storefront", setup="JSON Web Key Issuer"),
    "keysets.*.issuer.literal": Facts("shop", salesforce=f"{_KEYSET}.jwtIssuer", setup="JSON Web Key Issuer"),
    "keysets.*.keys": Facts(["storefront_2026_11", "legacy"], setup="Type: Keys"),
    "keysets.*.endpoint": Facts("https://id.example.com/.well-known/jwks.json",
                                salesforce=f"{_KEYSET}.jwksEndPoint", setup="Type: Endpoint URL", editor=_HTTPS),
    "channels": Facts(salesforce=_CHANNEL, setup="Messaging Settings"),
    "channels.*": Facts(salesforce=f"{_CHANNEL}.fullName", setup=f"{_CHANNEL_PAGE} > Developer Name"),
    "channels.*.create": Facts({"label": "Web Chat", "routing": {"queue": "Web_Chat_Queue"}}, salesforce=_CHANNEL,
                               setup="Messaging Settings > New Channel"),
    "channels.*.create.label": Facts("Web Chat", omitted="the API name with spaces",
                                     salesforce=f"{_CHANNEL}.masterLabel", setup="Channel Name",
                                     editor={"minLength": 1, "maxLength": LONGEST_CHANNEL_LABEL}),
    "channels.*.create.routing": Facts({"flow": "Route_Web_Chat", "fallback_queue": "Web_Chat_Fallback"},
                                       setup="Omni-Channel Routing"),
    "channels.*.create.routing.queue": Facts("Web_Chat_Queue", salesforce=f"{_CHANNEL}.sessionHandlerQueue",
                                             setup="Queue"),
    "channels.*.create.routing.flow": Facts("Route_Web_Chat", salesforce=f"{_CHANNEL}.sessionHandlerFlow",
                                            setup="Flow Definition"),
    "channels.*.create.routing.fallback_queue": Facts("Web_Chat_Fallback", setup="Fallback Queue",
                                                      salesforce=f"{_CHANNEL}.sessionHandlerQueue"),
    "channels.*.create.attachments": Facts(False, False,
                                           salesforce=f"{_CHANNEL}.embeddedConfig.isAttachmentUploadEnabled"),
    "channels.*.create.description": Facts("the chat of the web shop", salesforce=f"{_CHANNEL}.description",
                                           setup="Description"),
    "channels.*.active": Facts(True, salesforce=f"{_CHANNEL}.IsActive (of the record)",
                               setup=f"{_CHANNEL_PAGE} > Activate"),
    "channels.*.user_verification": Facts(salesforce=f"{_CHANNEL}.embeddedConfig", setup=_CHANNEL_PAGE),
    "channels.*.user_verification.enabled": Facts(True, setup="Edit > Add User Verification"),
    "channels.*.user_verification.configurations": Facts(
        {"storefront_login": {"keyset": "storefront"}}, setup="User Verification Configuration",
        editor={"propertyNames": _CONFIGURATION_NAMES}),
    "channels.*.user_verification.configurations.*": Facts(
        salesforce=f"{_CHANNEL}.embeddedConfig.messagingAuthorizations.authIdentifier", setup="Configuration Name"),
    "channels.*.user_verification.configurations.*.keyset": Facts("storefront", setup="Keyset"),
    "channels.*.user_verification.configurations.*.active": Facts(True, True, setup="Active"),
    "channels.*.token_expiration_minutes": Facts({"verified": 60}, setup=_CHANNEL_PAGE),
    "channels.*.token_expiration_minutes.verified": Facts(
        60, setup="Authorization Token Expiration Time for Verified Users", editor={"minimum": 1, "maximum": MOST}),
    "channels.*.token_expiration_minutes.unverified": Facts(
        360, setup="Authorization Token Expiration Time for Unverified Users",
        editor={"minimum": 1, "maximum": MOST}),
    "deployments": Facts({"Shop_Web": {"channel": "Web_Chat"}}, salesforce="EmbeddedServiceConfig",
                         setup="Embedded Service Deployments"),
    "deployments.*": Facts(salesforce="EmbeddedServiceConfig.DeveloperName", setup="API Name"),
    "deployments.*.type": Facts("web", salesforce="EmbeddedServiceConfig.deploymentType", setup="Conversation Type"),
    "deployments.*.channel": Facts("Web_Chat", setup="Messaging Channel",
                                   salesforce="EmbeddedServiceConfig.embeddedServiceMessagingChannel.messagingChannel"),
    "deployments.*.create": Facts({"label": "Shop Web", "domain": "shop.example.com"},
                                  setup="Embedded Service Deployments > New Deployment"),
    "deployments.*.create.label": Facts("Shop Web", omitted="the API name with spaces", editor=_LABEL,
                                        salesforce="EmbeddedServiceConfig.masterLabel",
                                        setup="Embedded Service Deployment Name"),
    "deployments.*.create.domain": Facts("shop.example.com", setup="Domain", editor={"pattern": _HOST}),
    "deployments.*.origins": Facts(["https://shop.example.com"], setup="CORS, and Trusted Domains for Inline Frames",
                                   salesforce="CorsWhitelistOrigin.urlPattern, SiteIframeWhiteListUrl.Url"),
    "deployments.*.publish": Facts("on_change", "on_change", setup="Publish"),
    "org": Facts({"messaging": True}, salesforce="LiveMessageSettings", setup="Messaging Settings"),
    "org.messaging": Facts(True, salesforce="LiveMessageSettings.enableLiveMessage", setup="Messaging Settings"),
    "external": Facts({"keysets": ["partner"]}),
    "external.keys": Facts(["partner_2026"], salesforce=_KEY),
    "external.keysets": Facts(["partner"], salesforce=_KEYSET),
    "external.channels": Facts(["Partner_Chat"], salesforce=_CHANNEL),
    "removed": Facts({"keys": ["storefront_2025"]}),
    "removed.keys": Facts(["storefront_2025"], salesforce=_KEY),
    "removed.keysets": Facts(["old_shop"], salesforce=_KEYSET),
    "ignore": Facts([{"rule": "keyset-endpoint-on-salesforce", "address": "keyset.mobile", "reason": "Teams recipe"}]),
    "ignore.*.rule": Facts("keyset-endpoint-on-salesforce"),
    "ignore.*.address": Facts("keyset.mobile"),
    "ignore.*.reason": Facts("the endpoint is a recipe of Salesforce"),
}  # fmt: skip

ENVIRONMENT_FACTS: dict[str, Facts] = {
    "login_url": Facts("https://acme--uat.sandbox.my.salesforce.com", setup="My Domain", editor=_HTTPS),
    "audience": Facts("https://test.salesforce.com", omitted="the origin of login_url"),
    "username": Facts("ci@acme.com.uat", setup="Users"),
    "consumer_key": Facts("${env:SF_UAT_CONSUMER_KEY}", setup="External Client App Manager > the app > Settings > "
                          "OAuth Settings > Consumer Key and Secret"),
    "private_key": Facts("${file:~/.secrets/uat.key}", editor=_SECRET),
    "private_key_passphrase": Facts("${env:SF_UAT_KEY_PASSPHRASE}", editor=_SECRET),
    "fallback": Facts({"private_key": "${file:~/.secrets/uat_2.key}"}),
    "fallback.consumer_key": Facts("${file:~/.secrets/uat_2.consumer_key}", omitted="consumer_key"),
    "fallback.private_key": Facts("${file:~/.secrets/uat_2.key}", editor=_SECRET),
    "fallback.private_key_passphrase": Facts("${env:SF_UAT_KEY_2_PASSPHRASE}", editor=_SECRET),
    "embedded_org": Facts("../../.localorg"),
    "sf_org": Facts("acme-uat"),
    "app": Facts({"name": "Provisioner CI", "type": "external"}),
    "app.name": Facts("Provisioner CI", setup="External Client App Manager, or App Manager"),
    "app.type": Facts("external"),
    "org_id": Facts("00D5g000000AbCdEAK", salesforce="Organization.Id", setup="Company Information",
                    editor={"pattern": r"^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$",
                            "patternErrorMessage": "An org's id has 15 or 18 characters and begins with 00D."}),
    "production": Facts(True, False, salesforce="Organization.IsSandbox", setup="Company Information"),
    "ca_bundle": Facts("../company-ca.pem",
                       omitted="REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, or the trust store of the operating system"),
    "api_version": Facts("67.0", omitted="the newest that the org offers",
                         editor={"pattern": r"^(6[2-9]|[7-9][0-9]|[1-9][0-9]{2})\.0$", "minimum": 62,
                                 "patternErrorMessage": 'Write a version from "62.0" on, in quotes.'}),
    "chat_url": Facts("https://acme--uat.sandbox.my.salesforce-scrt.com", omitted="derived from the org's My Domain",
                      editor=_HTTPS),
    "verify": Facts({"Web_Chat": {"deployment": "Shop_Web", "key_file": "${file:~/.secrets/uat-signer.key}"}}),
    "verify.*.deployment": Facts("Shop_Web", salesforce="EmbeddedServiceConfig.DeveloperName",
                                 setup="Embedded Service Deployments"),
    "verify.*.key_file": Facts("${file:~/.secrets/uat-signer.key}", editor=_SECRET),
    "variables": Facts({"storefront_issuer": "https://uat.id.example.com"}),
    "overrides": Facts({"channels": {"Web_Chat": {"token_expiration_minutes": {"verified": 30}}}}),
}  # fmt: skip

#: The pages of Setup are those of an external client app; App Manager shows the same of a connected app.
_APP_PAGE = "External Client App Manager > the app"
_OAUTH_PAGE, _POLICY_PAGE = f"{_APP_PAGE} > Settings > OAuth Settings", f"{_APP_PAGE} > Policies > OAuth Policies"
_APP, _GLOBAL, _OAUTH, _POLICY = (
    "ExternalClientApplication", "ExtlClntAppGlobalOauthSettings", "ExtlClntAppOauthSettings",
    "ExtlClntAppOauthConfigurablePolicies",
)  # fmt: skip
_SET_PAGE = "Permission Sets"

LOGINS_FACTS: dict[str, Facts] = {
    "version": Facts(1),
    "requires": Facts(">=0.2"),
    "logins.*.app": Facts({"type": "external", "name": "Provisioner_CI"}, salesforce=f"{_APP} or ConnectedApp",
                          setup="External Client App Manager, or App Manager"),
    "logins.*.app.type": Facts("external", setup="External Client App Manager, or App Manager"),
    "logins.*.app.name": Facts("Provisioner_CI", salesforce=f"{_APP}.fullName or ConnectedApp.fullName",
                               setup=f"{_APP_PAGE} > API Name"),
    "logins.*.app.label": Facts("Provisioner CI", omitted="the API name with spaces", salesforce=f"{_APP}.label",
                                setup=f"{_APP_PAGE} > External Client App Name"),
    "logins.*.app.description": Facts("deploys the user verification of the chat", salesforce=f"{_APP}.description",
                                      setup=f"{_APP_PAGE} > Description"),
    "logins.*.app.contact_email": Facts("platform@example.com", salesforce=f"{_APP}.contactEmail",
                                        setup=f"{_APP_PAGE} > Contact Email"),
    "logins.*.app.certificate": Facts("keys/provisioner-ci-2026.crt", salesforce=f"{_GLOBAL}.certificate",
                                      setup=f"{_OAUTH_PAGE} > Flow Enablement > Enable JWT Bearer Flow"),
    "logins.*.app.scopes": Facts(["api", "refresh_token"], salesforce=f"{_OAUTH}.commaSeparatedOauthScopes",
                                 setup=f"{_OAUTH_PAGE} > OAuth Scopes"),
    "logins.*.app.callback_url": Facts("https://login.salesforce.com/services/oauth2/success",
                                       salesforce=f"{_GLOBAL}.callbackUrl", setup=f"{_OAUTH_PAGE} > Callback URL"),
    "logins.*.app.enabled": Facts(True, True, salesforce="ExtlClntAppConfigurablePolicies.isEnabled",
                                  setup=f"{_APP_PAGE} > Policies"),
    "logins.*.app.jwt_access_tokens": Facts(
        False, salesforce=f"{_GLOBAL}.isNamedUserJwtEnabled",
        setup=f"{_OAUTH_PAGE} > Issue JWT-based access tokens for named users"),
    "logins.*.app.replaces": Facts({"name": "Provisioner_CI", "certificate": "keys/provisioner-ci-2025.crt"},
                                   setup="External Client App Manager"),
    "logins.*.app.replaces.name": Facts("Provisioner_CI", omitted="the app itself, which gets another certificate",
                                        salesforce=f"{_APP}.fullName", setup=f"{_APP_PAGE} > API Name"),
    "logins.*.app.replaces.label": Facts("Provisioner CI", omitted="the API name with spaces",
                                         salesforce=f"{_APP}.label", setup=f"{_APP_PAGE} > External Client App Name"),
    "logins.*.app.replaces.certificate": Facts("keys/provisioner-ci-2025.crt", salesforce=f"{_GLOBAL}.certificate",
                                               setup=f"{_OAUTH_PAGE} > Flow Enablement > Enable JWT Bearer Flow"),
    "logins.*.policy": Facts({"permitted_users": "admin_approved", "session_timeout_minutes": 15}, salesforce=_POLICY,
                             setup=_POLICY_PAGE),
    "logins.*.policy.permitted_users": Facts("admin_approved", salesforce=f"{_POLICY}.permittedUsersPolicyType",
                                             setup=f"{_POLICY_PAGE} > Permitted Users"),
    "logins.*.policy.ip": Facts("enforce", salesforce=f"{_POLICY}.ipRelaxationPolicyType",
                                setup=f"{_POLICY_PAGE} > IP Relaxation"),
    "logins.*.policy.session_timeout_minutes": Facts(15, salesforce=f"{_POLICY}.sessionTimeoutInMinutes",
                                                     setup=_POLICY_PAGE),
    "logins.*.policy.refresh_token_hours": Facts(
        0, salesforce=f"{_POLICY}.refreshTokenPolicyType, refreshTokenValidityPeriod",
        setup=f"{_POLICY_PAGE} > Refresh Token Policy"),
    "logins.*.policy.session_level": Facts("standard", salesforce=f"{_POLICY}.requiredSessionLevel",
                                           setup=_POLICY_PAGE),
    "logins.*.access": Facts(salesforce="PermissionSet", setup=_SET_PAGE),
    "logins.*.access.gate": Facts("Provisioner_CI_Access",
                                  salesforce=f"PermissionSet.fullName, {_POLICY}.commaSeparatedPermissionSet",
                                  setup=_POLICY_PAGE),
    "logins.*.access.permission_set": Facts(
        {"name": "Provisioner_CI_Permissions", "user_permissions": ["api_enabled", "modify_metadata"]},
        salesforce="PermissionSet", setup=_SET_PAGE),
    "logins.*.access.permission_set.name": Facts("Provisioner_CI_Permissions", salesforce="PermissionSet.fullName",
                                                 setup=f"{_SET_PAGE} > API Name"),
    "logins.*.access.permission_set.label": Facts("Provisioner CI", omitted="the API name with spaces",
                                                  salesforce="PermissionSet.label", setup=f"{_SET_PAGE} > Label"),
    "logins.*.access.permission_set.user_permissions": Facts(["api_enabled", "modify_metadata"],
                                                             salesforce="PermissionSet.userPermissions",
                                                             setup=f"{_SET_PAGE} > System Permissions"),
    "logins.*.assigned_to": Facts("${env_field:username}", salesforce="PermissionSetAssignment.Assignee",
                                  setup=f"{_SET_PAGE} > Manage Assignments"),
    "logins.*.self_managed": Facts(False, False),
}  # fmt: skip
