"""Messages of the chat runtime, of its page and of its console, with their meaning.

An unknown message gets no cause.
"""

from __future__ import annotations

from provisioner.diagnosis.catalogue import Grade, KnownText, first_fit, ranked

_O, _D, _R, _I = Grade.OBSERVED, Grade.DOCUMENTED, Grade.READ, Grade.INFERRED
#: Hosts of the sites that show the chat in a frame.
_SITES = ".my.site.com .my.salesforce-sites.com"
_CHAT_NAMES = ("salesforce-scrt.com", "/iamessage/", "embeddedservice_bootstrap", "embeddedmessaging")


def _text(words: str, grade: Grade, meaning: str, *, distinct: bool = True, near: str = "", **causes: int) -> KnownText:
    return KnownText("chat", words, ranked(causes), grade, meaning=meaning, distinct=distinct, near=tuple(near.split()))


CHAT_TEXTS = (
    _text("no active authschemes", _O,
          "verification is on, and no configuration of the channel is active; the token was not checked",
          no_active_configuration=80),
    _text("set the auth mode to false", _D,
          "verification is on, and a guest's access token was asked for", guest_endpoint=80),
    *(
        _text(f"v2/iamessage/{kind}/", _O, "the customer of this conversation is a guest", guest_session=80)
        for kind in ("unauth", "anon")
    ),
    _text("unauth/na/uid", _O, "the customer of this conversation is a guest", guest_session=80),
    _text("deploymenttype", _O,
          "the v2 endpoint accepts only Custom Client deployments; web and mobile ones use v1", wrong_endpoint=80),
    _text("not published", _O,
          "the deployment exists, and was never published", distinct=False, deployment_not_published=80),
    _text("orgid in the header", _O, "the event stream wants the org id's first 15 characters", org_id_length=80),
    _text("conversation precondition failed", _O,
          "a state of the org forbids a new conversation; once it was a full file storage", precondition_failed=80),
    _text("log in again to continue your messaging conversation", _O,
          "the chat has no identity token that is accepted", token_refused=80, no_active_configuration=30),
    _text("please log in and try again", _O,
          "the chat has no identity token that is accepted", near="something", token_refused=80,
          no_active_configuration=30),
    _text("error retrieving authenticated token", _R,
          "the chat runtime refused to exchange the identity token for an access token", token_refused=80,
          no_active_configuration=40),
    *(
        _text(status, _R, "the chat runtime refused to exchange the identity token for an access token",
              near="authorization/authenticated/access", token_refused=80, no_active_configuration=40)
        for status in ("401", "400 (")
    ),
    _text("401", _D, "the identity token was refused: the keyset's issuer or endpoint may be wrong",
          near="/eventrouter/v1/sse", token_refused=80),
    _text("before the onembeddedmessagingready event", _R,
          "the page called the client before it was ready", page_too_early=80),
    _text("api not available before onembeddedmessaging", _O,
          "the page called the client before the event that the message names", page_too_early=80),
    _text("user verification isn't enabled in messaging settings", _R,
          "the configuration that the browser has does not verify customers", verification_off=80),
    _text("invalid user verification authentication mode", _R,
          "the mode at the runtime is not Auth, the one for tokens", verification_off=80),
    _text("invalid identity token parameter passed into the setidentitytoken", _R,
          "the page passed no object with identityTokenType and identityToken, or one of them is empty",
          token_parameter=80),
    _text("only jwt-based identity tokens are supported", _R, "identityTokenType is not JWT", token_type=80),
    _text("unsupported identity token type", _R, "identityTokenType is not exactly JWT", token_type=80),
    _text("invalid identity token passed into the setidentitytoken", _R,
          "the token cannot be decoded, or it has expired by the clock of the customer's computer",
          token_unreadable=80),
    _text("jwt validation failed", _R, "the client cannot decode the token", distinct=False, token_unreadable=80),
    _text("jwt has expired at", _R, "the token has expired by the clock of the customer's computer", token_expired=80),
    _text("(reading 'setidentitytoken')", _I, "the page called the client before it was ready", page_too_early=80),
    *(
        _text(f"(reading '{api}')", _I, "the page called the client before it was ready", page_too_early=80)
        for api in ("userverificationapi", "utilapi", "prechatapi")
    ),
    _text("embeddedservice_bootstrap", _I,
          "the page called the client before its script was loaded, or the script could not be loaded",
          near="not+defined is+undefined not+available not+loaded can't+find not+a+function evaluating",
          page_too_early=60, site_unavailable=40, page_policy=30),
    _text("value to be a string but received", _R, "the page starts the client without a value that it needs",
          near="site+url scrt+2.0 esw+config base+core", page_snippet=80),
    _text("invalid organizationid parameter value", _R, "the page starts the client without the id of an org",
          page_snippet=80),
    _text("unable to load embedded messaging configuration", _R,
          "the chat host did not give the page the deployment's configuration; the console's line about "
          "embedded-service-config has the reason",
          origin_not_allowed=48, deployment_not_found=35, deployment_not_published=30),
    _text("404", _O, "the chat host does not know the deployment", near="embedded-service-config",
          deployment_not_found=80, deployment_not_published=20),
    _text("err_aborted", _O, "the site of the deployment does not serve the client's script", near=_SITES,
          site_unavailable=80),
    *(
        _text(words, _O, "the site of the deployment does not serve the client's script", near="/assets/js/bootstrap",
              site_unavailable=80)
        for words in ("status of 404", "status of 503", "404 (")
    ),
    *(
        _text(words, _O, "the org does not allow pages of that origin to read the chat's configuration",
              near="salesforce-scrt.com embedded-service-config", origin_not_allowed=80)
        for words in ("has been blocked by cors policy", "disallows reading the remote resource",
                      "due to access control checks")
    ),
    _text("frame-ancestors", _O, "the deployment's site does not trust the page that shows it in a frame",
          near=_SITES, origin_not_framed=80),
    _text("x-frame-options", _O, "the deployment's site does not trust the page that shows it in a frame",
          near=_SITES, origin_not_framed=80),
    *(
        _text(words, _O, "the page's own Content Security Policy forbids the chat's script, frame or requests",
              near=f"{_SITES} salesforce-scrt.com", page_policy=80)
        for words in ("violates the following content security policy directive",
                      "settings blocked the loading of a resource", "settings blocked a script")
    ),
    _text("expired", _I,
          "the identity token has expired, or the clock of its maker is wrong", distinct=False, token_expired=80),
)  # fmt: skip


def meaning_of(words: str) -> KnownText | None:
    """Return the known text in an answer of the chat runtime; None if it has none."""
    return first_fit(CHAT_TEXTS, words)


def meaning_anywhere(words: str, *, is_chat: bool = False) -> KnownText | None:
    """Return the known text in the output of any program; words of other programs count only if ``is_chat``."""
    return first_fit((text for text in CHAT_TEXTS if text.distinct or is_chat), words)


def is_of_the_chat(output: str) -> bool:
    """Return whether an output names the chat's host, API or client, so that its messages are those of the chat."""
    lowered = output.lower()
    return any(name in lowered for name in _CHAT_NAMES)
