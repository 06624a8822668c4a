"""The token of a proof: given by the person, or minted here with the private key of a declared key."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

import jwt

from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.jose.cures import Input, unlocked
from provisioner.jose.file_kinds import take
from provisioner.model.estate import Configuration, Endpoint, Estate, Keyset, UploadedKeys
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.names import unknown
from provisioner.salesforce.clock import SYSTEM_CLOCK
from provisioner.secrets import Secret, redactor
from provisioner.tokens.minting import Signer, load_signing_key, mint
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import external_keys
from provisioner.workflows.endpoints import served_keys
from provisioner.workflows.key_material import UNLOCK, read_secret, refuse_token
from provisioner.workflows.prepare import Prepared

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

#: Every later chat resumes the conversation of a verified subject, so a proof never uses a customer's subject.
SUBJECT_PREFIX = "uv-probe-"
#: Commands with the option --passphrase-env.
_WITH_PASSPHRASE = ("verify", "keys rotate")


@dataclass(frozen=True, slots=True)
class ProbeToken:
    """A token, its subject, and the Configuration Name that its subject must show. ``signed_by`` is for messages."""

    token: Secret
    subject: str
    configuration: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key's material: what messages call it, how a shell reads it, and its passphrase."""

    key: Secret
    shown: str
    input: Input
    passphrase: Secret | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The configuration and key that the person named; None for each that they did not name."""

    channel: str
    configuration: str | None = None
    key: str | None = None
    kid: str | None = None


def read_token(source: str) -> Secret:
    """Return the token in the file ``source`` (``-``: stdin), without blanks and ``Bearer``; masked from then on."""
    refuse_token(source)
    with code_of_unreadable():
        text = read_secret(source, "--token").removeprefix("Bearer ").strip()
    redactor.keep(text)
    return Secret(text)


@contextlib.contextmanager
def code_of_unreadable() -> Iterator[None]:
    """Raise the errors of a file with the code that programs know from the commands that prove."""
    try:
        yield
    except InputError as error:
        raise InputError(error.message, next=error.next, code="unreadable-file") from None


def unverified(token: Secret) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a token's header and claims without verification. Raises :class:`InputError` if it is not a token."""
    try:
        header = jwt.get_unverified_header(token.reveal())
        claims = jwt.decode(token.reveal(), options={"verify_signature": False})
    except jwt.PyJWTError:
        raise InputError(
            "The given token is not a signed JWT (three parts of base64url, separated by dots).",
            next="Give only the identity token; `provisioner token explain` explains the problem.",
            code="not-a-token",
        ) from None
    return header, claims


def probe_of(prepared: Prepared, choice: Choice, token: Secret) -> ProbeToken:
    """Return a given token for a proof. Raises :class:`RefusedError` for a customer's token."""
    header, claims = unverified(token)
    subject, issuer = claims.get("sub"), claims.get("iss")
    if not isinstance(subject, str) or not subject.startswith(SUBJECT_PREFIX):
        raise RefusedError(
            f"The given token's sub does not begin with {SUBJECT_PREFIX}: a proof with a customer's own subject would "
            "touch that customer's conversation. Nothing was sent.",
            next=f"Have a token signed for a throw-away subject such as {SUBJECT_PREFIX}1, or give --key-file.",
            code="not-a-probe",
        )
    wanted = _configuration_for(prepared, choice, issuer if isinstance(issuer, str) else None)
    kid = header.get("kid")
    return ProbeToken(token, subject, wanted, f"the signer (kid {kid if isinstance(kid, str) else '?'})")


def minted_token(console: Console, prepared: Prepared, choice: Choice, material: SigningKey) -> ProbeToken:
    """Return a token for a temporary subject, signed with the private key of a declared key."""
    unlock = UNLOCK if console.given.command in _WITH_PASSPHRASE else _decrypted_copy(material)
    private = load_signing_key(material.key, material.shown, material.passphrase, unlock=unlock, given=material.input)
    configuration, keyset, jwk, name = _declared_key(console, prepared, choice, private, material.shown)
    now = SYSTEM_CLOCK.now()
    subject = f"{SUBJECT_PREFIX}{int(now)}-{secrets.token_hex(4)}"
    issuer = keyset.issuer.value if keyset.issuer is not None else None
    token = mint(Signer(private, jwk.kid, jwk.alg or "RS256"), issuer=issuer or "", subject=subject, now=now)
    redactor.keep(token.reveal())
    return ProbeToken(token, subject, configuration, f"{name} (kid {jwk.kid})")


def _decrypted_copy(material: SigningKey) -> str:
    """Return the next step of a command without an option for a passphrase."""
    command = unlocked(take(material.key.octets()), material.input)
    return f"Name a decrypted copy that only you can read, and delete it afterwards:\n{command}"


def _configurations(prepared: Prepared, choice: Choice) -> list[Configuration]:
    """Return the declared configurations that can apply, active ones first."""
    channel = prepared.loaded.estate.channels.get(choice.channel)
    declared = dict(channel.configurations or {}) if channel is not None else {}
    if choice.configuration is not None:
        declared = {name: each for name, each in declared.items() if name == choice.configuration}
    return sorted(declared.values(), key=lambda each: not each.active)


def _configuration_for(prepared: Prepared, choice: Choice, issuer: str | None) -> str:
    """Return the Configuration Name that a token of that issuer must show."""
    if choice.configuration is not None:
        return choice.configuration
    keysets = prepared.loaded.estate.keysets
    found = _configurations(prepared, choice)
    of_issuer = [
        each
        for each in found
        if (keyset := keysets.get(each.keyset or "")) is not None
        and keyset.issuer is not None
        and keyset.issuer.value == issuer
    ]
    names = [each.name for each in (of_issuer or found)]
    if len(names) == 1:
        return names[0]
    raise _which_configuration(prepared.loaded.estate, choice, names)


def _which_configuration(estate: Estate, choice: Choice, names: list[str]) -> UsageError:
    if choice.channel not in (*estate.channels, *estate.external.names(MetadataType.CHANNEL)):
        advice = "For a channel that is not declared, give --token and --configuration."
        return unknown("channel", choice.channel, estate.channels, place="the declaration", advice=advice)
    declared = estate.channels[choice.channel].configurations if choice.channel in estate.channels else None
    if choice.configuration is not None and declared:
        return unknown("configuration", choice.configuration, declared, place=f"channel.{choice.channel}")
    if names:
        return UsageError(
            f"The channel {choice.channel} has several configurations ({', '.join(names)}).",
            next="Give --configuration NAME: the subject of every verified customer contains this name.",
        )
    return UsageError(
        f"The declaration names no configuration of the channel {choice.channel}.",
        next="Give --configuration NAME, or declare the channel's configurations.",
    )


def _declared_key(
    console: Console, prepared: Prepared, choice: Choice, private: RSAPrivateKey, shown: str
) -> tuple[str, Keyset, Jwk, str]:
    """Return configuration, keyset, JWK and name of the declared key of ``private``. Raises :class:`InputError`."""
    configurations = _configurations(prepared, choice)
    if not configurations:
        raise _which_configuration(prepared.loaded.estate, choice, [])
    numbers = private.public_key().public_numbers()
    seen: list[str] = []
    owner: str | None = None
    for configuration in configurations:
        keyset = prepared.loaded.estate.keysets.get(configuration.keyset or "")
        if keyset is None:
            continue
        for name, jwk, active in _keys_of(console, prepared, keyset):
            is_own = (jwk.n, jwk.e) == (numbers.n, numbers.e)
            if choice.key not in (None, name) or choice.kid not in (None, jwk.kid):
                owner = f"{name} (kid {jwk.kid})" if is_own else owner
                continue
            seen.append(f"{name} (kid {jwk.kid})")
            if is_own:
                if not active:
                    console.say(f"Note: key.{name} is declared inactive, so its tokens should not verify.")
                return configuration.name, keyset, jwk, name
    if not seen:
        for configuration in configurations:
            _refuse_external(prepared.loaded.estate, configuration, choice.channel)
        raise InputError(
            f"No declared key of the channel {choice.channel} fits --key {choice.key} --kid {choice.kid}.".replace(
                " --key None", ""
            ).replace(" --kid None", ""),
            next="Name a key of the keyset that the channel's configuration uses, or omit --key and --kid.",
            code="unknown-key",
        )
    keys = ", ".join(dict.fromkeys(seen))
    belongs = f"to {owner}, not to {keys}" if owner is not None else f"to none of the declared keys ({keys})"
    raise InputError(
        f"The private key {shown} belongs {belongs}, so nothing was signed with it.",
        next=f"Give the private key that signs the tokens of {choice.channel}, or declare its certificate.",
        code="private-key-mismatch",
    )


def _refuse_external(estate: Estate, configuration: Configuration, channel: str) -> None:
    """Raise :class:`InputError` if only the owner of the configuration's keyset can sign for it."""
    keyset = estate.keysets.get(configuration.keyset or "")
    owned = external_keys(estate, keyset) if keyset is not None else []
    if configuration.keyset not in estate.external.keysets and not owned:
        return
    what = f"key.{owned[0]}" if owned else f"keyset.{configuration.keyset}"
    raise InputError(
        f"{configuration.name} of {channel} verifies by {what}, which is external: its public keys are not declared "
        "here, so nothing can be signed for it here.",
        next="Have its owner sign a token for a throw-away subject, and give --token FILE.",
        code="external",
    )


def _keys_of(console: Console, prepared: Prepared, keyset: Keyset) -> Iterator[tuple[str, Jwk, bool]]:
    """Yield the name, the JWK and the activity of each of a keyset's keys; those of an endpoint are requested."""
    match keyset.source:
        case UploadedKeys(names=names):
            keys = prepared.loaded.estate.keys
            found = [(name, prepared.jwks[name], keys[name].active) for name in names if name in prepared.jwks]
            yield from sorted(found, key=lambda each: not each[2])
        case Endpoint(url=url):
            served = served_keys(console, keyset.name, url, ca_bundle=prepared.environment.ca_bundle)
            yield from ((jwk.kid, jwk, True) for jwk in served)
        case None:
            pass
        case _:
            assert_never(keyset.source)
