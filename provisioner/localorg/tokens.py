"""Access tokens as an org spells them."""

from __future__ import annotations

import secrets
import string

_LETTERS = string.ascii_letters + string.digits + "._"


def new_token(org_id: str) -> str:
    """Return an opaque token of that org."""
    return f"{org_id[:15]}!AQ{''.join(secrets.choice(_LETTERS) for _ in range(96))}"
