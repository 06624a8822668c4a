"""API names as Salesforce writes them, and names of environments."""

from __future__ import annotations

import re

LONGEST = 80
#: An environment's name: a part of file names, commands and messages.
ENVIRONMENT_NAME = re.compile(r"[A-Za-z0-9._-]+")
#: An org's alias or username in the official CLI: a word of a command line that is not an option.
CLI_ALIAS = re.compile(r"[A-Za-z0-9_.@][A-Za-z0-9_.@+%'-]{0,99}")
#: The prefix of an environment's name that --target-org makes; no environment file has such a name.
OF_TARGET_ORG = "sf:"
_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def is_api_name(text: str) -> bool:
    """Return whether the text can be the API name of a component in an org, with a package's prefix (``ns__Name``)."""
    return len(text) <= LONGEST and _SHAPE.fullmatch(text) is not None


def environment_option(name: str) -> str:
    """Return the option that names the environment: ``--env NAME``, or ``--target-org ALIAS``."""
    if name.startswith(OF_TARGET_ORG):
        return f"--target-org {name.removeprefix(OF_TARGET_ORG)}"
    return f"--env {name}"
