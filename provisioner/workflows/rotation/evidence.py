"""The evidence of tokens: proofs at the chat runtime, on every channel with a known deployment, and their record.

The record stays on this machine between the runs of a rotation. It is a convenience and no authority: nothing is
retired without a proof in the same run. It only replaces ``--switched-at``, and without it the waiting time starts
again.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioner.errors import InputError
from provisioner.execution.state_directory import folder_of_org, make_private, open_private, state_directory
from provisioner.jose.rotation_state import OrgState, Proven, RotatingKey, RotatingKeyset, TokenEvidence
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
        """Return whether the token has not expired."""
        return self.expires is not None and self.expires > now


def given_token(source: str) -> GivenToken:
    """Return the token in a file, or on stdin. Raises :class:`InputError` if it is not a token."""
    text = read_token(source)
    header, claims = unverified(text)
    kid = header.get("kid")
    expires, issued = _numeric_date(claims.get("exp")), _numeric_date(claims.get("iat"))
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
        """Return whether the person gave a key or token in this run, and not only the environment file."""
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


def _numeric_date(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


FORMAT_VERSION = "1"
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """``proofs``: by kid, the public key's thumbprint and the moment of its first proof. ``seen`` as in Evidence."""

    proofs: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    seen: Mapping[str, datetime] = field(default_factory=dict)
    token_life: timedelta | None = None

    def evidence(self, view: RotatingKeyset, now: datetime) -> TokenEvidence:
        """Return the valid evidence: proofs of unchanged keys, and times that are in the past."""
        live = {(key.kid, key.thumbprint) for key in view.keys if key.held is OrgState.ACTIVE}
        proofs = {
            kid: Proven(at, now=False)
            for kid, (thumbprint, at) in self.proofs.items()
            if (kid, thumbprint) in live and at <= now
        }
        return TokenEvidence(
            proofs, {kid: at for kid, at in self.seen.items() if at <= now}, token_life=self.token_life
        )

    def without_gone(self, view: RotatingKeyset) -> Record:
        """Return the record without proofs of inactive keys, which must be proven again after activation."""
        live = {(key.kid, key.thumbprint) for key in view.keys if key.held is OrgState.ACTIVE}
        return replace(self, proofs={kid: proof for kid, proof in self.proofs.items() if (kid, proof[0]) in live})

    def proven(self, kid: str, thumbprint: str, at: datetime) -> Record:
        """Return the record with a proof; the first one of a key is kept."""
        known = self.proofs.get(kid)
        first = known[1] if known is not None and known[0] == thumbprint and known[1] <= at else at
        return replace(self, proofs={**self.proofs, kid: (thumbprint, first)})

    def shown(self, kid: str, at: datetime, life: timedelta | None) -> Record:
        """Return the record with a token that was shown; the longest lifetime is kept."""
        lives = [each for each in (self.token_life, life) if each is not None]
        return replace(self, seen={**self.seen, kid: at}, token_life=max(lives, default=None))


def record_path(org_id: str, keyset: str) -> Path | None:
    """Return the path of a keyset's record in the state directory; None if there is no such directory."""
    base = state_directory()
    return base / "rotations" / f"{folder_of_org(org_id)}-{keyset}.json" if base is not None else None


def load_record(path: Path | None) -> Record:
    """Return the record; an empty one if the file is missing or has another format. Never raises."""
    if path is None:
        return Record()
    try:
        document = json.loads(path.read_bytes()[:_LARGEST])
        if document["format_version"] != FORMAT_VERSION:
            return Record()
        life = document.get("token_life_seconds")
        return Record(
            {kid: (str(each["thumbprint"]), _recorded_time(each["since"])) for kid, each in document["proofs"].items()},
            {kid: _recorded_time(at) for kid, at in document["seen"].items()},
            timedelta(seconds=float(life)) if life is not None else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Record()


def save_record(path: Path | None, record: Record) -> str | None:
    """Save the record atomically; return the reason if that failed, else None."""
    if path is None:
        return "there is no state directory"
    document: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "proofs": {kid: {"thumbprint": each[0], "since": each[1].isoformat()} for kid, each in record.proofs.items()},
        "seen": {kid: at.isoformat() for kid, at in record.seen.items()},
        "token_life_seconds": record.token_life.total_seconds() if record.token_life is not None else None,
    }
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        make_private(path.parent)
        with open_private(beside) as file:
            file.write(json.dumps(document, indent=2) + "\n")
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        return (error.strerror or "error").lower()
    return None


def _recorded_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at
