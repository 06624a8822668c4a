"""``token mint``: an identity token, signed with the private key of a declared key; and Intercom's user JWT."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from provisioner.errors import RefusedError, UsageError
from provisioner.report.json import json_text
from provisioner.report.token import minted_json
from provisioner.salesforce.chat_hosts import declared_chat_host, derived_chat_host, is_my_domain
from provisioner.salesforce.clock import SYSTEM_CLOCK
from provisioner.secrets import redactor
from provisioner.tokens.claims import DEFAULT_TTL, LONGEST_TTL, RESERVED
from provisioner.tokens.intercom import (
    API_BASE,
    FIN_ISSUER,
    INTERCOM_TTL,
    SHORTEST_SECRET,
    checked_secret,
    intercom_settings,
    intercom_user_jwt,
)
from provisioner.tokens.minted import Minted, Signing, TokenRequest, mint_judged
from provisioner.workflows.console import Console
from provisioner.workflows.key_material import expanded, read_secret
from provisioner.workflows.signing import SigningRequest, signing

if TYPE_CHECKING:
    from provisioner.model.environment import Environment


@dataclass(frozen=True, slots=True)
class MintOptions:
    """The options of ``token mint``. ``ttl`` is in seconds; with ``intercom`` the Fin Messenger gets both its tokens.

    Raises :class:`UsageError` without a subject, :class:`RefusedError` for a life over a day that was not agreed to.
    """

    signer: SigningRequest
    claims: Mapping[str, Any]
    intercom: IntercomOptions | None = None
    subject: str | None = None
    ttl: int | None = None
    audience: str | None = None
    yes: bool = False

    def __post_init__(self) -> None:
        if self.intercom is None and self.subject is None:
            raise UsageError("The token needs a subject.", next="Give --sub SUB; uv-probe-1 is not a real customer.")
        if self.ttl is not None and self.ttl > LONGEST_TTL and not self.yes:
            raise RefusedError(
                f"With a lifetime of {self.ttl} seconds, anyone who finds the token is that customer for longer "
                f"than a day.",
                next="Use a lifetime of minutes; for a test that needs more, add --yes.",
                code="long-life",
            )

    @property
    def subject_or_user(self) -> str:
        """Return the subject; with the Fin Messenger, it is the logged-in user unless another one was given."""
        if self.subject is not None:
            return self.subject
        assert self.intercom is not None  # checked at construction
        return self.intercom.user_id


def mint_token(console: Console, options: MintOptions, *, as_json: bool) -> tuple[str, Minted]:
    """Return the text to print, with its secrets, and the token for Salesforce, which is masked from then on."""
    environment = console.one_environment()
    found = signing(console, environment, options.signer)
    life = DEFAULT_TTL if options.intercom is None else INTERCOM_TTL
    wanted = TokenRequest(options.subject_or_user, options.ttl or life, options.audience, options.claims)
    if options.intercom is not None:
        text, made = both_tokens(console, found, options.intercom, wanted, key_file=options.signer.key_file)
    else:
        made = mint_judged(found, wanted, SYSTEM_CLOCK.now(), useless_too=options.yes)
        text = json_text(minted_json(made, environment), masked=False) if as_json else made.token.reveal()
    redactor.keep(made.token.reveal())
    return text, made


def parse_claims(words: Sequence[str]) -> dict[str, Any]:
    """Return the claims of ``N=TEXT`` and ``N:=JSON``. Raises :class:`UsageError`, which shows names and no values."""
    claims: dict[str, Any] = {}
    for word in words:
        name, found, value = word.partition("=")
        as_json = name.endswith(":")
        name = name.removesuffix(":")
        if not found or not name:
            raise UsageError("A --claim is not of the form N=V.", next="Write --claim tier=gold, or --claim age:=42.")
        if name in RESERVED:
            option = {"sub": "--sub", "exp": "--ttl", "aud": "--aud", "kid": "--key or --kid"}.get(name)
            instead = f"Give {option}." if option else "The command sets it; omit it."
            raise UsageError(f"--claim cannot set {name}.", next=instead)
        if name in claims:
            raise UsageError(f"The claim {name} was given twice.", next="Give it once; N:=JSON takes lists.")
        claims[name] = _parsed(name, value) if as_json else value
    return claims


def _parsed(name: str, value: str) -> Any:
    try:
        return json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise UsageError(
            f"The value of --claim {name}:= is not JSON.", next=f"Write text as --claim {name}=TEXT, JSON in quotes."
        ) from None


def _no_constant(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are Python's, not JSON's


@dataclass(frozen=True, slots=True)
class IntercomOptions:
    """The options of ``--preset intercom``. ``secret_file`` is the file with Intercom's secret, as it was named."""

    secret_file: str
    user_id: str
    app_id: str
    api_base: str = API_BASE


def intercom_options(
    *, wanted: bool, secret_file: str | None, user_id: str | None, app_id: str | None, api_base: str | None
) -> IntercomOptions | None:
    """Return the options, None if the preset is not ``wanted``. Raises :class:`UsageError` for a part of them."""
    given = {"--intercom-secret-file": secret_file, "--user-id": user_id, "--app-id": app_id}
    if not wanted:
        alone = next((option for option, value in {**given, "--api-base": api_base}.items() if value is not None), None)
        if alone is not None:
            raise UsageError(f"{alone} is for --preset intercom.", next="Add --preset intercom, or omit it.")
        return None
    if secret_file is None or user_id is None or app_id is None:
        missing = next(option for option, value in given.items() if value is None)
        raise UsageError(f"--preset intercom needs {missing}.", next=f"Give {missing}.")
    return IntercomOptions(secret_file, user_id, app_id, api_base or API_BASE)


def both_tokens(
    console: Console, signing: Signing, options: IntercomOptions, wanted: TokenRequest, *, key_file: str
) -> tuple[str, Minted]:
    """Return the one JSON object, and the token for Salesforce, which ``wanted`` describes.

    Without an audience, it is the chat host if that is known. Raises :class:`UsageError`, and what minting raises.
    """
    _refuse_one_file(key_file, options.secret_file)
    if wanted.ttl > LONGEST_TTL:
        raise UsageError(
            "The tokens of Fin Messenger are created for each page load, so neither may have a lifetime over a day.",
            next="Omit --ttl: both tokens are then valid for an hour, as in Intercom's example.",
        )
    secret = read_secret(options.secret_file, "--intercom-secret-file")
    _warn(console, signing, len(checked_secret(secret)))
    environment = console.config.environment_file(console.one_environment()).environment
    wanted = replace(wanted, audience=wanted.audience or _chat_origin(environment))
    made = mint_judged(signing, wanted, SYSTEM_CLOCK.now(), useless_too=console.given.yes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyJWT's about a short secret: it was said above, in our words
        user = intercom_user_jwt(secret, options.user_id, wanted.ttl)
    redactor.keep(user)
    salesforce = made.token.reveal()
    settings = intercom_settings(
        app_id=options.app_id,
        user_id=options.user_id,
        intercom_user_jwt=user,
        salesforce_identity_token=salesforce,
        api_base=options.api_base,
    )
    document = {"intercom_user_jwt": user, "salesforce_identity_token": salesforce, "settings": settings}
    return json_text(document, masked=False), made


def _refuse_one_file(key_file: str, secret_file: str) -> None:
    if os.path.realpath(expanded(key_file)) == os.path.realpath(expanded(secret_file)):
        raise UsageError(
            "--key-file and --intercom-secret-file name the same file, but each of the two tokens has its own key.",
            next="Give the private key for Salesforce, and Intercom's Messenger API Secret in a separate file.",
        )


def _warn(console: Console, signing: Signing, octets: int) -> None:
    if octets < SHORTEST_SECRET:
        console.say(
            f"Warning: The Messenger API Secret has {octets} bytes; HS256 requires {SHORTEST_SECRET} or more. Compare "
            "the file with Intercom > Settings > Messenger > Security."
        )
    if signing.issuer == FIN_ISSUER:
        console.say(
            f"Warning: The issuer {FIN_ISSUER} belongs to the keys that Fin holds and signs with. With your own key, "
            f"give the keyset and the tokens your own issuer."
        )


def _chat_origin(environment: Environment) -> str | None:
    """Return the chat host for aud, as in Intercom's example, if the environment file is enough to know it."""
    if environment.chat_url is not None:
        return declared_chat_host(environment.chat_url).origin
    login_url = environment.login_url
    return derived_chat_host(login_url).origin if login_url is not None and is_my_domain(login_url) else None
