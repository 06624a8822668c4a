"""All faults of the org, as data: one row for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from provisioner.errors import UsageError
from provisioner.localorg.records import USER_PERMISSIONS, MetadataType


class Argument(StrEnum):
    """The kind of a fault's argument, the word after ``=``."""

    NONE = "none"
    TIMES = "times: the next N times; without it, until mended"
    POLLS = "polls: for so many status polls"
    CALLS = "calls: after so many calls"
    DEPLOYMENTS = "deployments: after so many that changed the org"
    DURATION = "duration, such as 100ms or 90s; a leading minus sign turns it round"
    WORD = "one of the words named, or an element's name"


_FORMS = {
    Argument.TIMES: ("N times",),
    Argument.POLLS: ("N polls",),
    Argument.CALLS: ("N calls",),
    Argument.DEPLOYMENTS: ("N deployments",),
    Argument.WORD: ("NAME",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    ``what`` is one line for the list; ``source`` is its evidence. ``default`` is used without an argument.
    """

    name: str
    what: str
    source: str
    argument: Argument = Argument.NONE
    default: str | None = None
    words: tuple[str, ...] = ()

    @property
    def listed(self) -> str:
        """Return the line for the list: the description, and the possible arguments as the user types them."""
        words = self.words or _FORMS.get(self.argument, ())
        if self.argument is Argument.DURATION:
            words = (str(self.default),)
        return f"{self.what} ({', '.join(f'={word}' for word in words)})" if words else self.what

    def check(self, argument: str | None) -> str | None:
        """Return the argument to store; raises :class:`UsageError` if it does not fit."""
        if argument is None:
            return self.default
        fits = {
            Argument.NONE: False,
            Argument.DURATION: milliseconds(argument) is not None,
            Argument.WORD: argument in self.words if self.words else argument.isidentifier(),
        }.get(self.argument, argument.isascii() and argument.isdecimal() and int(argument) > 0)
        if fits:
            return argument
        if self.argument is Argument.NONE:
            remedy = f"Type `localorg break {self.name}`; this fault takes no argument."
        elif self.words:
            remedy = f"Use one of: {', '.join(self.words)}."
        else:
            remedy = f"The argument is {self.argument.value}."
        raise UsageError(f"The fault {self.name} cannot be given the argument {argument!r}.", next=remedy)


_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def milliseconds(text: str) -> int | None:
    match = re.fullmatch(r"(-?)(\d{1,7})(ms|s|m|h)", text)
    return None if match is None else (-1 if match[1] else 1) * int(match[2]) * _UNITS[match[3]]


def _f(name: str, what: str, source: str, argument: Argument = Argument.NONE, default: str | None = None,
       words: tuple[str, ...] = ()) -> Fault:  # fmt: skip
    return Fault(name, what, source, argument, default, words)


_OBSERVED, _UNPROVEN, _DOCUMENTED = "observed", "unproven: either side is possible", "documented"

FAULTS: tuple[Fault, ...] = (
    # reading
    _f("elements-reordered", "components are read with their elements in another order", _UNPROVEN),
    _f("jwk-reserialised-otherwise", "JWKs are read back with other white space and member order", _UNPROVEN),
    _f("jwk-verbatim", "JWKs are read back exactly as they were sent", _UNPROVEN),
    _f("jwk-drops-unknown-members", "JWKs are read back without members that the org does not know", _UNPROVEN),
    _f("read-differs", "readMetadata does not show the label that a retrieve shows", _UNPROVEN),
    _f("list-nameless", "listMetadata names no user for the last change, and dates it 1970-01-01", _UNPROVEN),
    _f("channel-unreadable", "the user may not read or deploy MessagingChannel", _DOCUMENTED),
    _f("channel-records-unreadable", "the user may not query MessagingChannel: whether one is active is not known",
       "inferred"),
    _f("routing-fields-missing", "MessagingChannel lacks its four routing fields (or the last two)", _UNPROVEN,
       Argument.WORD, "all", ("all", "routing-type")),
    _f("type-missing", "the org does not offer keys to this user (or the type named)", "inferred", Argument.WORD,
       "PublicKeyCertificate", tuple(kind.xml_name for kind in MetadataType)),
    # deploying
    _f("deploy-queued", "deployments stay Pending for some polls", _DOCUMENTED, Argument.POLLS, "3"),
    _f("deploy-finalizing", "deployments end with some polls in Finalizing", "documented, v65 and later",
       Argument.POLLS, "2"),
    _f("finalizing-deploy", "the same, with the spelling FinalizingDeploy of the REST documentation", _DOCUMENTED,
       Argument.POLLS, "2"),
    _f("early-poll-fails", "the first polls of each deployment answer INVALID_CROSS_REFERENCE_KEY", _OBSERVED,
       Argument.POLLS, "1"),
    _f("setup-locked", "deployments fail with ALREADY_IN_PROCESS: the setup is locked", _OBSERVED, Argument.TIMES),
    _f("deploy-answer-lost", "a deployment is accepted, and the connection is cut before the answer", _OBSERVED,
       Argument.TIMES),
    _f("deploy-not-accepted-lost", "a deployment is not accepted, and the connection is cut", _OBSERVED,
       Argument.TIMES),
    _f("poll-html", "status polls answer 503 with an HTML page", _OBSERVED, Argument.TIMES),
    _f("poll-cut", "the connection is cut at status polls", _OBSERVED, Argument.TIMES),
    _f("polls-not-counted", "status polls do not count as API calls", _UNPROVEN),
    _f("deploy-list-refused", "the user may not query DeployRequest", "inferred"),
    _f("deploy-list-late", "DeployRequest lists a deployment only when it is done", _UNPROVEN),
    _f("cancel-refused", "a deployment cannot be cancelled", _UNPROVEN),
    _f("element-dropped", "a deployment silently drops one element of a channel", _OBSERVED, Argument.WORD,
       "description"),
    _f("keyset-same-package", "a channel's keyset in the same package is not found", _UNPROVEN),
    _f("key-same-package", "a keyset's key in the same package is not found", _UNPROVEN),
    _f("channel-deactivated", "a deployed channel is no longer active", _UNPROVEN),
    _f("session-handler-cleared", "a deployed channel loses SessionHandlerId and FallbackQueueId of its record",
       _UNPROVEN),
    _f("session-handler-asa-required", "an Agentforce channel is refused if its metadata does not name the agent",
       _UNPROVEN),
    _f("omitted-kept", "scalars that a channel's file omits keep their value", _UNPROVEN),
    _f("newer-omitted-gone", "deploying at an older version resets elements that only newer versions have", _UNPROVEN),
    _f("activation-refused", "a channel cannot be activated: FIELD_INTEGRITY_EXCEPTION", "observed for other types"),
    _f("activation-ignored", "a channel's activation is accepted, and does nothing", "general"),
    _f("activation-lost", "a channel is activated, and the connection is cut before the answer", "general",
       Argument.TIMES),
    _f("channel-deletable", "an inactive channel can be deleted", _UNPROVEN),
    _f("component-refused", "a channel is refused for a part that has nothing to do with the change", _OBSERVED),
    _f("deploy-error", "deployments fail with UNKNOWN_EXCEPTION and no details", _OBSERVED, Argument.TIMES),
    _f("later-deploy-fails", "deployments after one that changed the org fail with UNKNOWN_EXCEPTION", "general",
       Argument.DEPLOYMENTS, "1"),
    _f("unreadable-after-deploy", "metadata cannot be read (503) after a deployment that changed the org", "general",
       Argument.DEPLOYMENTS, "1"),
    _f("delete-in-use", "keys and keysets can be deleted although something refers to them", _UNPROVEN),
    _f("delete-together-refused", "a key cannot be deleted in one package with the keyset that holds it", _UNPROVEN),
    _f("long-names", "names may have more than 80 characters", _UNPROVEN),
    _f("one-configuration", "a channel accepts only one configuration", _UNPROVEN),
    _f("inactive-key-in-use-refused", "a key that a keyset holds cannot be made inactive", _UNPROVEN),
    _f("keyset-type-fixed", "a keyset's type cannot be changed", _UNPROVEN),
    _f("jwk-fixed", "the JWK of an existing key cannot be changed", _UNPROVEN),
    _f("x5c-not-required", "a JWK without x5c is accepted", "observed once"),
    _f("other-expiration-kept", "a channel also keeps the expiration of the mode that is off, or its default",
       _UNPROVEN),
    _f("expiration-range", "expirations outside 60-240 (verified) and 60-4320 (unverified) are refused", _UNPROVEN),
    _f("auth-mode-active-refused", "authMode cannot be changed on an active channel", _UNPROVEN),
    _f("channel-label-40", "a channel's label may have 40 characters, not 80", _UNPROVEN),
    _f("check-only-blind", "a validation accepts changes that the real deployment refuses", _UNPROVEN),
    _f("finalizing-fails", "deployments fail in their last stage, with nothing saved", _DOCUMENTED, Argument.WORD,
       "FinalizingFailed", ("FinalizingFailed", "FinalizingDeployFailed")),
    _f("partial-success", "a deployment applies everything, and reports SucceededPartial", _UNPROVEN),
    _f("no-quick-deploy", "no validation qualifies for a quick deploy", _UNPROVEN),
    # answers
    _f("request-limit", "API calls answer REQUEST_LIMIT_EXCEEDED", _DOCUMENTED, Argument.TIMES),
    _f("session-ends", "each session dies after some calls; a new login works", _OBSERVED, Argument.CALLS, "3"),
    _f("server-error", "every request answers 500 with an HTML page", _OBSERVED, Argument.TIMES),
    _f("maintenance", "every request answers 503 with the maintenance page", _OBSERVED, Argument.TIMES),
    _f("redirects", "every request is redirected to another host", "general", Argument.TIMES),
    _f("garbled", "every answer is 200 and cannot be read", "general", Argument.TIMES),
    _f("query-pages", "an answer to a query has two records at most, and the URL of the next ones", _DOCUMENTED),
    _f("slow", "every answer comes later", "general", Argument.DURATION, "100ms"),
    # sessions of chats, and routing targets of channels
    _f("sessions-unreadable", "the user may not query MessagingSession and MessagingEndUser", "inferred"),
    _f("sessions-not-shared", "the user sees none (or some) of the messaging sessions, and lacks View All Data",
       _DOCUMENTED, Argument.WORD, "none", ("none", "some")),
    _f("view-all-by-object", "the user sees all messaging sessions by permissions on the objects, not View All Data",
       _DOCUMENTED),
    _f("chat-history", "Web_Chat has had chats for weeks: verified ones, guests, both, none since two days, or under "
       "another Configuration Name", "general", Argument.WORD, "verified",
       ("verified", "guests", "mixed", "silent", "renamed")),
    _f("chat-session-at-exchange", "a messaging session begins with an access token, not with a conversation",
       _UNPROVEN),
    _f("user-time-zone", "the users' time zone is not UTC", "general", Argument.WORD, "Pacific/Kiritimati",
       ("Pacific/Kiritimati", "Pacific/Pago_Pago")),
    _f("routing-unreadable", "the user may not query queues and flows", "inferred"),
    _f("queue-without-routing", "no queue has a routing configuration", _OBSERVED),
    _f("queue-without-members", "no queue has members", "general"),
    _f("queue-not-for-messaging", "no queue accepts messaging sessions", "general"),
    _f("flow-inactive", "no flow has an active version", "general"),
    _f("flow-not-for-routing", "every flow is of another type than RoutingFlow", "general"),
    # kinds of org
    _f("production", "the org is a production org", _DOCUMENTED),
    _f("production-trial", "the org is a trial: not a sandbox, with an expiration date", _DOCUMENTED),
    _f("developer-edition", "the org is a Developer Edition", _DOCUMENTED),
    _f("old-api", "the newest API version is 64.0", _DOCUMENTED),
    _f("too-old-api", "the newest API version is 61.0", _DOCUMENTED),
    _f("new-api", "the newest API version is 68.0", _DOCUMENTED),
    _f("metadata-permission-missing", "the user may not use the Metadata API", _DOCUMENTED),
    _f("administrator-lacks", "the administrator lacks ModifyMetadata, or the user permission that is named",
       _DOCUMENTED, Argument.WORD, "ModifyMetadata", USER_PERMISSIONS),
    # logging in
    _f("user-not-approved", "only self-authorized users, and this one never approved the app", _OBSERVED),
    _f("user-not-preauthorized", "only pre-authorized users, and this one's profile is not among them", _OBSERVED,
       Argument.WORD, "not-admin-approved", ("not-admin-approved", "not-approved")),
    _f("user-unknown", "this host does not know the user", _UNPROVEN, Argument.WORD, "authentication-failure",
       ("authentication-failure", "not-approved")),
    _f("wrong-certificate", "the app holds the certificate of another key", _OBSERVED),
    _f("user-inactive", "the user is deactivated", _UNPROVEN, Argument.WORD, "authentication-failure",
       ("authentication-failure", "inactive-user", "user-is-inactive")),
    _f("user-frozen", "the user is frozen", _UNPROVEN, Argument.WORD, "authentication-failure",
       ("authentication-failure", "inactive-user", "user-is-inactive")),
    _f("external-client-app", "the app is an external client app, not a connected app", "general"),
    _f("app-not-installed", "the app is one that this org has not installed", _OBSERVED, Argument.WORD, "external",
       ("external", "connected")),
    _f("eca-needs-my-domain", "the external client app is found only with this org's own URL as audience", _OBSERVED),
    _f("no-refresh-token-scope", "the app lacks the scope refresh_token", _OBSERVED),
    _f("no-api-scope", "the app lacks the scope api: the REST API refuses the token", _OBSERVED),
    _f("api-not-enabled", "the user's profile lacks API Enabled", _OBSERVED),
    _f("ip-restricted", "the profile's login IP ranges exclude the caller", _UNPROVEN, Argument.WORD, "ip-restricted",
       ("ip-restricted", "documented")),
    _f("login-hours", "the profile's login hours exclude now", _UNPROVEN, Argument.WORD, "documented",
       ("documented", "authentication-failure")),
    _f("rate-limited", "the user has logged in too often", _UNPROVEN, Argument.TIMES),
    _f("not-propagated", "a new app is not known everywhere yet", _OBSERVED, Argument.TIMES),
    _f("oauth-not-enabled", "the app has no OAuth settings", _UNPROVEN),
    _f("digital-signatures-not-enabled", "the app holds no certificate", _UNPROVEN, Argument.WORD, "invalid-assertion",
       ("invalid-assertion", "not-preauthorized")),
    _f("session-level-policy", "the app asks for a high assurance session", _UNPROVEN),
    _f("app-blocked", "an administrator blocked the app", _UNPROVEN, Argument.WORD, "blocked",
       ("blocked", "not-approved")),
    _f("org-inactive", "the org is locked", _UNPROVEN),
    _f("transient-login-error", "the token endpoint asks to retry", _OBSERVED, Argument.TIMES),
    _f("instance-url-elsewhere", "the answer to a login names another host as instance_url", "general"),
    _f("jwt-format-token", "access tokens are JWTs, which SOAP refuses", _OBSERVED),
    _f("clock-skew", "the org's clock is ahead (or, with a minus sign, behind)", "general", Argument.DURATION, "10m"),
    _f("expired-assertion", "assertions arrive after they have expired", "general"),
    _f("malformed-assertion", "assertions arrive damaged", "general"),
    _f("unexpected-request", "a device on the network path rewrites the login's request", "general", Argument.WORD,
       "grant-type", ("grant-type", "scope", "credentials")),
    _f("wrong-flow", "the answer to a login is one of another OAuth flow", _OBSERVED, Argument.WORD, "no-valid-scopes",
       ("no-valid-scopes", "no-run-as-user", "expired-refresh-token")),
    _f("wrong-consumer-key", "the app has another consumer key than before", _OBSERVED),
    _f("wrong-username", "the user has another username than before", _OBSERVED),
    _f("wrong-audience", "only https://test.salesforce.com is accepted as audience", _OBSERVED),
    _f("wrong-login-host", "the host is a generic one, which has neither the user nor the app", _UNPROVEN,
       Argument.WORD, "not-approved", ("not-approved", "authentication-failure", "client-identifier")),
    _f("unknown", "the answer to a login is an unknown one", "invented"),
    _f("not-a-login-host", "the login URL's host is not a token endpoint", _OBSERVED, Argument.WORD, "redirect",
       ("redirect", "page", "only-post", "empty")),
    _f("proxy", "a proxy in front of the org requires a password", "general"),
    # apps and permission sets as components
    _f("eca-consumer-key", "a new external client app refuses (or replaces) the consumer key that is sent", _UNPROVEN,
       Argument.WORD, "refused", ("refused", "replaced")),
    _f("consumer-key-update-refused", "another consumer key for an existing app is refused, not ignored", _UNPROVEN),
    _f("eca-certificate-text", "certificates of apps are read back without their BEGIN and END lines", _UNPROVEN,
       Argument.WORD, "bare", ("bare", "verbatim")),
    _f("eca-wrong-signature", "a wrong signature for an external client app is refused with another message", _UNPROVEN,
       Argument.WORD, "invalid-grant", ("invalid-grant", "invalid-client")),
    _f("eca-disabled-answer", "an external client app that is switched off is refused with another message", _UNPROVEN,
       Argument.WORD, "client-identifier", ("client-identifier", "blocked", "not-approved", "app-not-found")),
    _f("eca-propagation", "for this time every second login sees the app before its change, and none sees a new app",
       _DOCUMENTED, Argument.DURATION, "15m"),
    _f("eca-propagation-form", "during eca-propagation every login sees the old app (or both certificates work)",
       _UNPROVEN, Argument.WORD, "old", ("old", "both", "in-turn")),
    _f("eca-zero-refuses", "an app that issues no refresh token is refused as one without the scope", _UNPROVEN,
       Argument.WORD, "scope", ("scope", "not-approved")),
    _f("eca-delete", "an external client app is deleted only with ignoreWarnings (or after its parts, or without them)",
       _UNPROVEN, Argument.WORD, "warns", ("warns", "in-use", "parts-stay")),
    _f("eca-policy-name", "a new external client app gets its policies at once, under the names that Setup gives",
       _UNPROVEN),
    _f("login-history-hidden", "the login history cannot be read (or shows only the logins of the user who asks)",
       _UNPROVEN, Argument.WORD, "refused", ("refused", "own")),
    _f("eca-key-unreadable", "the settings of external client apps are read without their consumer key", _UNPROVEN,
       Argument.WORD, "absent", ("absent", "placeholder")),
    _f("eca-objects-only", "external client apps can be queried by REST only (or by the Tooling API only)", _UNPROVEN,
       Argument.WORD, "rest", ("rest", "tooling")),
    _f("user-approved", "the login's user has approved the apps, with refresh_token", "general"),
    _f("app-has-other-users", "the other users of the org have approved the apps", "general"),
    _f("connect-credentials-closed", "no consumer key is shown by the Connect REST API", _DOCUMENTED),
    _f("eca-order", "elements of an external client app that are out of order are dropped (or refused)", _OBSERVED,
       Argument.WORD, "drops", ("drops", "rejects")),
    _f("eca-policy-ends-session", "the sessions of an app end when its policy begins to admit approved users only",
       _DOCUMENTED),
    _f("eca-policy-needs-assignment", "a policy of an app may name only permission sets that a user holds",
       "observed once"),
    _f("eca-permission-set-same-package", "an app's permission set in the same package is not found", _UNPROVEN),
    _f("eca-permission-set-form", "the permission sets of an app's policy are read as ids, not as names", _UNPROVEN,
       Argument.WORD, "ids", ("ids", "names")),
    _f("eca-permission-set-omitted-gone", "an app's policy that is deployed without its permission sets loses them",
       _UNPROVEN),
    _f("eca-pkce-reverts", "an external client app requires PKCE, with any deployed value", _OBSERVED),
    _f("connected-app-creation", "connected apps can be created", _DOCUMENTED),
    _f("secrets-in-metadata", "the settings of external client apps are read with their consumer secret", _OBSERVED),
    _f("integration-license", "the license of the login's user excludes Configure Messaging, and a licensed "
       "permission set opens no app", _UNPROVEN),
    _f("permission-dependencies-added", "the permissions that another one depends on are added if they are missing",
       _UNPROVEN),
    _f("permission-depends-on-more", "Configure Messaging depends on Customize Application", _UNPROVEN),
    _f("time-passes", "sessions, logins and changes of apps become older, once, by this time", "general",
       Argument.DURATION, "15m"),
    _f("sandbox-refresh", "the sandbox is refreshed now: another org id, no session, and no app (or a broken one, "
       "or a copy); it cannot be mended", _UNPROVEN, Argument.WORD, "gone", ("gone", "broken", "copied")),
    # credentials in the connection values
    _f("key-unreadable", "the private key's file is unusable", "reproduced", Argument.WORD, "certificate",
       ("certificate", "public-key", "mask", "variable", "web-page", "two-keys", "empty", "damaged", "cut-short")),
    _f("key-wrapped", "the private key has a form that other programs write", "reproduced", Argument.WORD,
       "base64", ("base64", "one-line", "escaped-newlines", "quoted", "no-armour", "openssh", "der", "pkcs12")),
    _f("key-encrypted", "the private key is encrypted, and no passphrase is given", "reproduced"),
    _f("key-too-small", "the private key has 1024 bits", _DOCUMENTED),
    _f("key-not-rsa", "the private key is on an elliptic curve", _DOCUMENTED),
    _f("certificate-expired", "the app's certificate has expired", _OBSERVED),
    _f("swapped-claims", "consumer key and username are exchanged in the connection values", _OBSERVED),
    _f("host-not-found", "the URL in the connection values does not resolve", "general"),
    _f("tls-untrusted", "the CA bundle in the connection values is that of another authority", "general"),
    _f("strict-expiry", "the lifetime of an assertion must not exceed three minutes", _UNPROVEN),
    # the chat runtime
    _f("chat-unpublished", "no chat deployment is published", _OBSERVED),
    _f("chat-config-snapshot", "the public chat configuration is that of the deployment's last publication",
       _OBSERVED),
    _f("publish-not-success", "publishing a deployment answers 201 and isSuccess false", _UNPROVEN),
    _f("publish-404", "the resource that publishes a deployment does not exist", _OBSERVED),
    _f("publish-slow", "the published state appears only at a later read", _OBSERVED),
    _f("setup-404", "the resource that sets up deployments does not exist", "documented below version 67.0"),
    _f("setup-internal-error", "setting up a deployment answers INTERNAL_ERROR, and it was not made (or it was)",
       _UNPROVEN, Argument.WORD, "not-made", ("not-made", "made")),
    _f("setup-not-arrived", "setting up a deployment: the connection is cut before anything is made", "general",
       Argument.TIMES),
    _f("setup-answer-lost", "a deployment is set up, and the connection is cut before the answer", "general",
       Argument.TIMES),
    _f("setup-gateway-timeout", "a deployment is set up, and the answer is 504", "general", Argument.TIMES),
    _f("setup-duplicate", "a second request for a name sets up a second deployment, NAME_1", _UNPROVEN),
    _f("setup-late", "a deployment that was set up is listed only at a later query", _UNPROVEN, Argument.POLLS, "3"),
    _f("messaging-off", "Messaging is off until a deployment switches it on", "observed; the refusal is made up"),
    _f("digital-experiences-off", "Digital Experiences are not enabled: there are no sites", "general"),
    _f("sites-unreadable", "the user may not query sites and their trusted frames", "inferred"),
    _f("frame-refused", "the user may not add trusted frames to sites", "inferred"),
    _f("frame-answer-lost", "a trusted frame is added, and the connection is cut before the answer", "general",
       Argument.TIMES),
    _f("web-redeploy-immutable", "an existing web deployment cannot be deployed again, even if nothing changes",
       _UNPROVEN),
    _f("channel-same-package", "a deployment's channel in the same package is not found", _UNPROVEN),
    _f("publish-answer-lost", "a deployment is published, and the connection is cut before the answer", "general",
       Argument.TIMES),
    _f("chat-config-cached", "the public chat configuration shows the authMode before the last change", _OBSERVED),
    _f("auth-mode-third-value", "the public chat configuration shows a mode besides Auth and UnAuth",
       "from Salesforce's own client", Argument.WORD, "SalesforceSessionAuth",
       ("SalesforceSessionAuth", "ExperienceSiteAuth", "FutureAuth")),
    _f("cors-missing", "no origin is listed in Setup > CORS", _OBSERVED),
    _f("frames-missing", "the site of a web deployment trusts no page to show it in a frame", _OBSERVED),
    _f("site-unavailable", "the site of a web deployment has no page", "general"),
    _f("chat-unknown-404", "the public configuration of an unknown deployment answers 404 with a text", _UNPROVEN),
    _f("chat-config-not-for-api", "there is no public chat configuration of Custom Client deployments", _UNPROVEN),
    _f("chat-v1-takes-api", "Custom Client deployments also get tokens from v1", _UNPROVEN),
    _f("chat-answers-anon", "an identity token that is refused gets a guest's access token, and HTTP 200",
       "observed once, contested", Argument.WORD, "unauth", ("unauth", "anon")),
    _f("chat-accepts-any-signature", "the signatures of identity tokens are not checked", "no one saw it: a defect"),
    _f("chat-error-texts", "identity tokens are refused with another status and shape", _UNPROVEN, Argument.WORD,
       "unauthorized", ("unauthorized", "bad-request", "forbidden", "error-array", "empty", "text", "server-error")),
    _f("chat-typ-required", "an identity token without typ is refused", _UNPROVEN),
    _f("chat-x5c-required", "keys without x5c verify nothing, served ones included", _UNPROVEN),
    _f("chat-certificate-unchecked", "keys with an expired certificate still verify", _UNPROVEN),
    _f("chat-wrong-subject", "verified customers get a subject of another form", "no one saw it: a defect",
       Argument.WORD, "other-configuration", ("other-configuration", "other-user", "no-version")),
    _f("chat-revoke-fails", "access tokens cannot be revoked (or v1 accepts only an empty body)", _UNPROVEN,
       Argument.WORD, "server-error", ("server-error", "body")),
    _f("chat-tokens-expire", "access tokens expire after this time, with any setting of the channel", "general",
       Argument.DURATION, "20s"),
    _f("chat-rate-limited", "requests for access tokens answer 429", _DOCUMENTED, Argument.TIMES),
    _f("chat-html", "the chat host answers everything with a web page and this status", "general", Argument.WORD,
       "503", ("503", "502", "403", "200")),
    _f("chat-cut", "the chat host cuts the connection", "general", Argument.TIMES),
    _f("chat-slow", "every answer of the chat host comes later", "general", Argument.DURATION, "100ms"),
)  # fmt: skip
