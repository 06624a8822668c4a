"""The proofs that tokens of the new key verify, on every channel of the keyset with a known deployment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.errors import InputError
from provisioner.jose.rotation_state import RotatingKey, RotatingKeyset
from provisioner.secrets import Secret
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import Prepared
from provisioner.workflows.proof_token import read_token, unverified
from provisioner.workflows.rotation.view import configuration_of
from provisioner.workflows.verify import VerifyRequest, verify

if TYPE_CHECKING:
    from provisioner.diagnosis.chat.proof_words import Probed
    from provisioner.salesforce.chat_proof import Proof


@dataclass(frozen=True, slots=True)
class GivenToken:
    """The header and claims of a token that the person gave, without verification."""

    text: Secret
    kid: str | None
    expires: datetime | None
    life: timedelta | None

    def is_alive(self, now: datetime) -> bool:
        """Tell if the token has not expired."""
        return self.expires is not None and self.expires > now


def given_token(source: str) -> GivenToken:
    """Return the token in a file, or on stdin. Raises :class:`InputError` if it is not a token."""
    text = read_token(source)
    header, claims = unverified(text)
    kid = header.get("kid")
    expires, issued = _moment(claims.get("exp")), _moment(claims.get("iat"))
    life = expires - issued if expires is not None and issued is not None and expires > issued else None
    return GivenToken(text, kid if isinstance(kid, str) else None, expires, life)


@dataclass(frozen=True, slots=True)
class ProofSources:
    """The key or token for proofs. ``deployments`` are those that the person named, by channel."""

    key_file: Path | None
    token: GivenToken | None
    deployments: dict[str, str]
    passphrase_variable: str | None = None

    def requests(self, prepared: Prepared, view: RotatingKeyset, new: RotatingKey) -> list[VerifyRequest]:
        """Return the possible proofs at the chat runtime; a token of another key cannot prove the new one."""
        asked = []
        for channel in view.channels:
            target = prepared.environment.verify.get(channel.name)
            if channel.deployment is None:
                continue
            if self.token is None and self.key_file is None and (target is None or target.key_file is None):
                continue
            if self.token is not None and self.token.kid != new.kid:
                continue
            asked.append(
                VerifyRequest(
                    channel=channel.name,
                    deployment=self.deployments.get(channel.name),
                    key_file=self.key_file,
                    passphrase_variable=self.passphrase_variable,
                    text=self.token.text if self.token is not None else None,
                    kid=new.kid,
                    configuration=configuration_of(prepared, channel.name, view.keyset),
                )
            )
        return asked

    @property
    def is_given(self) -> bool:
        """Tell if the person gave a key or token in this run, and not only the environment file."""
        return self.key_file is not None or self.token is not None


def prove_all(
    console: Console, prepared: Prepared, view: RotatingKeyset, new: RotatingKey, sources: ProofSources
) -> list[tuple[Proof, Probed]]:
    """Return a proof for each channel, none without a key or token.

    The key that the environment names under ``verify:`` is often the old one: then there is a note instead of a proof.
    """
    proofs = []
    for asked in sources.requests(prepared, view, new):
        try:
            proofs.append(verify(console, prepared, asked))
        except InputError as error:
            if sources.is_given or error.code not in ("private-key-mismatch", "reference-unset"):
                raise
            console.say(f"Note: {error.message}")
    return proofs


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
