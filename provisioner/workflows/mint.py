"""``token mint``: an identity token, signed with the private key of a declared key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provisioner.errors import RefusedError, UsageError
from provisioner.report.json import json_text
from provisioner.report.token import minted_json
from provisioner.salesforce.clock import SYSTEM_CLOCK
from provisioner.secrets import redactor
from provisioner.tokens.claims import DEFAULT_TTL, LONGEST_TTL, RESERVED
from provisioner.tokens.intercom import INTERCOM_TTL
from provisioner.tokens.minted import Minted, TokenRequest, mint_judged
from provisioner.workflows.console import Console
from provisioner.workflows.intercom_token import IntercomOptions, both_tokens
from provisioner.workflows.signing import SigningRequest, signing

if TYPE_CHECKING:
    pass


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
