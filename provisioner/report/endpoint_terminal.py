"""The address of a JWKS endpoint as it is shown."""

from __future__ import annotations

import re


def without_credentials(url: str) -> str:
    """The URL, with whatever stands before an @ in its authority masked."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?[^/?#]*@", r"\1\2***@", url)
