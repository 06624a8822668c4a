"""The causes of guest customers, as data: the meaning of each and the place of its fix.

``{channel}``, ``{deployment}``, ``{environment}``, ``{chat_url}`` and ``{thing}`` (a keyset, a key, a URL) are
placeholders. A person should check the causes in this order: earlier causes hide later ones.
"""

from __future__ import annotations

from types import MappingProxyType

from provisioner.diagnosis.catalogue import Cause, Grade
from provisioner.model.names import environment_option

_SOURCES = ("Salesforce Help, Set Up Token-Based User Verification", "docs/client.md")
_KEYS = "Setup > Quick Find: User Verification > Enhanced Chat User Verification"
_CHANNEL = "Setup > Quick Find: Messaging Settings > {channel}"
_DEPLOYMENT = "Setup > Quick Find: Embedded Service Deployments"
_PUBLISH = f"{_DEPLOYMENT} > {{deployment}} > Publish."
_PUBLISHING = "up to 10 minutes after publishing"
_ORIGIN = "Declare {thing} under `origins` of {deployment}, and apply: provisioner apply --env {environment}"
_HOST = "Check chat_url in the environment file against scrt2URL in the deployment's code snippet."


def placeholders(
    environment: str, channel: str, deployment: str | None, chat_url: str | None, thing: str = ""
) -> dict[str, str]:
    """Return the values of the placeholders in the texts of a cause."""
    return {
        "--env {environment}": environment_option(environment),
        "{environment}": environment,
        "{channel}": channel,
        "{deployment}": deployment or "the deployment",
        "{chat_url}": chat_url or "the chat host",
        "{thing}": thing,
    }


def _c(name: str, meaning: str, *fix: str, wait: str | None = None, applies: bool = False) -> Cause:
    return Cause(name, meaning, Grade.OBSERVED, _SOURCES, fix, wait=wait, applies=applies)


#: Causes that the org, the runtime or an endpoint shows.
ORG_CAUSES = (
    _c("any-signature-accepted",
       "The runtime verified a customer by a token that nobody signed: everyone can impersonate everyone.",
       "Deactivate the channel until this is settled: " + _CHANNEL + ".",
       "Report it to Salesforce as a security matter."),
    _c("chat-host-unreachable", "The chat host gave no answer, so the state of the runtime is not known.", _HOST,
       "Check the network and the proxy between here and {chat_url}; https://status.salesforce.com shows incidents."),
    _c("chat-host-strange", "The answer is not one of the chat runtime, or the runtime has a failure.", _HOST,
       "Run the command again in a minute; https://status.salesforce.com shows incidents."),
    _c("rate-limited", "The org issues no more access tokens in this minute (200 at most, customers included).",
       "Look for a page that repeats the request immediately for every refused token, and make it wait "
       "(docs/client.md).",
       wait="a minute"),
    _c("channel-unreadable", "The channel's settings could not be read, so they are not known.",
       "Give the user of this login, in a permission set: {thing}."),
    _c("channel-missing", "The org has no channel of this name.",
       "Correct --channel; `provisioner plan --env {environment}` lists the org's channels."),
    _c("channel-not-enhanced-chat", "User verification exists for Enhanced Web Chat and In-App Chat channels only.",
       "Name the Enhanced Chat channel that the deployment uses."),
    _c("channel-inactive", "The channel is not active: nobody can chat on it.", _CHANNEL + " > Activate."),
    _c("flow-missing", "The channel routes conversations by a flow that the org does not have.",
       _CHANNEL + ": select an active Omni-Channel flow."),
    _c("flow-not-for-routing", "The channel routes conversations by a flow that is no Omni-Channel flow.",
       _CHANNEL + ": select an active Omni-Channel flow."),
    _c("flow-inactive", "The flow that routes the channel's conversations has no active version.",
       "Setup > Flows > {thing} > Activate."),
    _c("queue-missing", "The channel routes conversations to a queue that the org does not have.",
       _CHANNEL + ": select a queue."),
    _c("queue-without-routing", "The channel's queue has no routing configuration: agents are never available.",
       "Setup > Queues > {thing} > Edit: select a routing configuration."),
    _c("queue-not-for-messaging", "The channel's queue does not accept messaging sessions.",
       "Setup > Queues > {thing} > Edit: add Messaging Session to the supported objects."),
    _c("queue-without-members", "The channel's queue has no members: nobody is offered a chat.",
       "Setup > Queues > {thing} > Edit: add members."),
    _c("origin-not-allowed",
       "The browser keeps the page from reading the chat's configuration: the page's origin is not allowed.",
       _ORIGIN, "Or in Setup > Quick Find: CORS > New: {thing}", wait="some minutes"),
    _c("origin-not-framed",
       "The browser keeps the page from showing the chat: the deployment's site does not trust the page's origin.",
       _ORIGIN,
       "Or in Setup > Quick Find: Sites > the ESW site of {deployment} > Trusted Domains for Inline Frames: {thing}",
       wait="two minutes"),
    _c("site-unavailable", "The site of the deployment gives no page, so the web client cannot be loaded.",
       "Setup > Quick Find: All Sites > the ESW site of {deployment}: it must be active.", _PUBLISH,
       wait=_PUBLISHING),
    _c("deployment-not-found", "The chat host does not know this deployment in this org, or does not show it.",
       "Correct --deployment (its API name).", _PUBLISH, wait=_PUBLISHING),
    _c("deployment-not-published", "The deployment was not published: no client can use it, and no widget appears.",
       _PUBLISH, wait=_PUBLISHING),
    _c("config-refused",
       "The chat host refused to show the deployment's public configuration, with an unknown message.",
       "Check the deployment's name and that it is published: " + _PUBLISH),
    _c("deployment-on-another-channel",
       "This deployment serves another channel: the settings of {channel} do not affect its customers.",
       f"Name the deployment of {{channel}}, or give this one its channel: {_DEPLOYMENT} > {{deployment}}."),
    _c("verified-by-session",
       "The chat verifies customers by a login of Salesforce ({thing}): identity tokens of your own are not used.",
       "If your server signs identity tokens: change the channel's user verification to tokens: " + _CHANNEL + "."),
    _c("mode-unknown",
       "The chat has the mode {thing}, and this version of provisioner does not know if it uses identity tokens.",
       "Look at the channel's user verification: " + _CHANNEL + ".",
       "Prove it with a token: provisioner verify --env {environment} --channel {channel} --key-file FILE"),
    _c("verification-off",
       "The channel verifies no customer: setIdentityToken returns false, and every customer is a guest.",
       "Setup > Quick Find: Messaging Settings > the arrow at the end of {channel}'s row > Edit > Add User "
       "Verification (the pencils on the channel's own page do not show it).",
       applies=True),
    _c("runtime-behind",
       "Metadata and runtime disagree about verification: the clients still use the configuration that was published "
       "or cached before.",
       _PUBLISH, "Reload the page without its cache, and test in a new chat.", wait=_PUBLISHING),
    _c("no-active-configuration",
       "Verification is on, but no configuration can verify: every exchange fails before the token is checked, and "
       "customers read “Something went wrong. Log in again to continue your messaging conversation.”",
       _CHANNEL + " > User Verification > New (or Edit): Configuration Name, Keyset, Active.", applies=True),
    _c("keyset-missing", "The configuration names a keyset that the org does not have.",
       _CHANNEL + " > User Verification > Edit: choose a keyset that exists.", applies=True),
    _c("keyset-unreadable", "The keyset could not be read, so its content is not known.",
       "Give the user of this login the permissions for it: {thing}."),
    _c("keyset-empty", "The keyset holds no key: no token can verify by it.", f"{_KEYS} > {{thing}} > Edit: add a key.",
       applies=True),
    _c("issuer-missing", "The keyset has no issuer, so no token's iss can equal it.",
       f"{_KEYS} > {{thing}} > Edit: JSON Web Key Issuer.", applies=True),
    _c("issuer-differs",
       "The org's issuer is not the declared one. Tokens whose iss is the declared one are refused: every byte counts, "
       "a slash at the end and upper case too.",
       f"{_KEYS} > {{thing}} > Edit: JSON Web Key Issuer.", applies=True),
    _c("key-differs",
       "The org's key is not the declared one. Tokens that the declared key signs are refused: the kid in their header "
       "and the public key must be those of the org's key.",
       f"{_KEYS}: upload the declared key, or sign with the kid and the private key of the org's key.", applies=True),
    _c("key-not-in-keyset", "The org's keyset does not hold a declared key: tokens signed with that key are refused.",
       f"{_KEYS} > {{thing}} > Edit: add the key.", applies=True),
    _c("key-missing", "The keyset names a key that the org does not have or show.",
       f"{_KEYS}: upload the key, or take it out of the keyset.", applies=True),
    _c("key-inactive", "Tokens signed with this key are refused: it is not active.",
       f"{_KEYS} > {{thing}} > Edit: Active.", applies=True),
    _c("key-switched-off",
       "Tokens signed with this key are refused: it is not active, and the declaration has it inactive or removed, as "
       "after a revocation.",
       "If the key was leaked, publish another one: provisioner keys generate NAME --keyset {thing}",
       "Then: provisioner keys rotate {thing} --env {environment}",
       "If the key is sound: declare it as active again, and apply."),
    _c("certificate-expired", "Tokens signed with this key are refused: its certificate has expired.",
       "Rotate to a new key; `provisioner plan --env {environment}` shows what an apply would do.", applies=True),
    _c("certificate-not-yet-valid", "Tokens signed with this key are refused: its certificate is not valid yet.",
       "Sign with another key until then, or upload a certificate that is valid now.", applies=True),
    _c("key-unreadable", "The org's JWK of this key is no RSA key with a certificate that could be read.",
       f"{_KEYS} > {{thing}}: upload the key again.", applies=True),
    _c("key-without-certificate",
       "The org's JWK of this key has no certificate (x5c), which is documented as required.",
       f"{_KEYS} > {{thing}}: upload the key with its certificate.", applies=True),
    _c("endpoint-unreachable", "The keyset's endpoint gave no answer here; Salesforce probably gets none either.",
       "Make the endpoint answer all clients over https: {thing}."),
    _c("endpoint-refuses", "The keyset's endpoint does not answer all clients: it requires a login, or serves nothing.",
       "Make it answer without authentication, with HTTP 200: {thing}."),
    _c("endpoint-redirects", "The keyset's endpoint points elsewhere; that Salesforce follows is not known.",
       "Write the address that it points to as the keyset's endpoint.", applies=True),
    _c("endpoint-not-jwks", "The keyset's endpoint does not serve a JWKS, so it provides no key.",
       'Serve {"keys": […]} there, as RFC 7517 section 5 has it: {thing}.'),
    _c("endpoint-no-usable-key", "The endpoint serves no RSA key for RS256 or RS512 with a kid.",
       "Serve the public half of the key that signs the tokens, with kid, alg and use: {thing}."),
    _c("issuer-shared", "Two active configurations have one issuer: which of them verifies a token is not documented.",
       "Keep one of them active.", applies=True),
    _c("refused-tokens-become-guests",
       "This runtime answers a refused token with a guest's access token and HTTP 200: a customer with a wrong token "
       "becomes a guest without any error.",
       "Look at the customers' tokens: `provisioner token explain` shows why one would be refused.",
       "Prove the whole way: `provisioner verify` with the same key."),
)  # fmt: skip

#: Causes that only messages of the runtime, the page or the browser console name: errors of a client, not of the org.
SAID_CAUSES = (
    _c("guest-endpoint", "The channel verifies its customers, and a guest's access token was asked for.",
       "Request the access token of a verified customer: pass the customer's identity token (docs/client.md)."),
    _c("guest-session",
       "The customer is a guest: the subject of the access token (Messaging Platform Key) does not begin with "
       "v2/iamessage/AUTH/. The channel does not verify, or the identity token was refused.",
       "Look at the org: provisioner diagnose chat --env {environment} --channel {channel}",
       "Look at the identity token that the page passes: provisioner token explain FILE --env {environment}"),
    _c("wrong-endpoint",
       "The v2 API accepts only deployments of the type Custom Client; web and mobile deployments use the v1 API.",
       "For a web or mobile deployment: use the v1 API, as `provisioner verify` does without --endpoint.",
       "For a client of your own: make a Custom Client deployment, and send its API name as esDeveloperName."),
    _c("org-id-length", "The request names the org by another id than its access token does: the event stream wants "
       "the first 15 characters of the org id.",
       "Send the first 15 characters of the org id in the X-Org-Id header. The access token names the org."),
    _c("precondition-failed",
       "A state of the org forbids a new conversation. Salesforce does not document which; once it was a full file "
       "storage of a Developer Edition.",
       "Setup > Storage Usage: free file storage, if it is full.",
       "Check that the channel is active and that its routing has a queue or a flow: " + _CHANNEL + "."),
    _c("token-refused",
       "The chat has no identity token that is accepted: the exchange failed, or the token expired and the page gave "
       "no new one with setIdentityToken within 30 seconds.",
       "Look at the identity token that the page passes: provisioner token explain FILE --env {environment}",
       "Look at the org: provisioner diagnose chat --env {environment} --channel {channel}",
       "Make the page answer onEmbeddedMessagingIdentityTokenExpired with a new token (docs/client.md)."),
    _c("token-expired", "The identity token has expired, or the clock of the computer that made or read it is wrong.",
       "Look at the token: provisioner token explain FILE --env {environment}",
       "Make a new token for each customer and page; look for a cache that keeps old ones."),
    _c("token-unreadable",
       "The client cannot decode the identity token, or it has expired by the clock of the customer's computer.",
       "Look at the token: provisioner token explain FILE --env {environment}",
       "Compare clocks; look for a cache that keeps old tokens."),
    _c("token-parameter", "The page passed something other than an object with identityTokenType and identityToken.",
       "Pass both members; check that the fetch did not return a promise, an object or an error page "
       "(docs/client.md)."),
    _c("token-type", "The page passed another identityTokenType than JWT.",
       'Write identityTokenType: "JWT", in capitals.'),
    _c("page-policy", "The page's own Content Security Policy forbids a part of the chat.",
       "Allow in the policy of the page: script-src and frame-src for the deployment's site "
       "(https://NAME.my.site.com), connect-src for the site and the chat host (https://NAME.my.salesforce-scrt.com).",
       "The console of the browser names the directive that forbids it."),
    _c("page-snippet",
       "The page starts the chat client with a wrong value, or without one: the org id, the deployment's name, its "
       "site or the chat host.",
       f"Copy the snippet again from {_DEPLOYMENT} > {{deployment}} > Install Code Snippet, or print it: provisioner "
       "render --env {environment} --snippet DEPLOYMENT",
       "If the message ends with undefined, a template, a tag manager or a build of the page did not fill in the "
       "value."),
    _c("page-too-early", "The page called the chat client before the client was ready.",
       "Call setIdentityToken inside the listener of onEmbeddedMessagingReady, and register the listener before the "
       "snippet loads (docs/client.md).",
       "Call launchChat and minimizeChat only after onEmbeddedMessagingButtonCreated."),
)  # fmt: skip

#: Every cause by its id, in the order of the checks.
CAUSES = MappingProxyType({cause.id: cause for cause in (*ORG_CAUSES, *SAID_CAUSES)})
