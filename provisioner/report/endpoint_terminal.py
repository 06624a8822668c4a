"""The address of a JWKS endpoint, for display."""

from __future__ import annotations

import re


def without_credentials(url: str) -> str:
    """Return the URL with a mask for any credentials in its authority."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?[^/?#]*@", r"\1\2***@", url)
