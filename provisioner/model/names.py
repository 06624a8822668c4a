"""API names as Salesforce writes them, and names of environments."""

from __future__ import annotations

import re

LONGEST = 80
#: An environment's name: a part of file names, commands and messages.
ENVIRONMENT_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def is_api_name(text: str) -> bool:
    """Whether the text can be the API name of something that an org has, a package's prefix (``ns__Name``) included."""
    return len(text) <= LONGEST and _SHAPE.fullmatch(text) is not None
