"""Text from YAML or from an org, made safe for display: characters that move the cursor or mislead the eye are escaped.

A label must not be able to rewrite the screen (ANSI escapes), to reverse the reading order (bidirectional controls, see
CVE-2021-42574), or to look like another one (characters of no width, unusual spaces).
"""

from __future__ import annotations

import re
import unicodedata

from provisioner.hidden_characters import is_hidden, shows_itself
from provisioner.redaction import redactor

#: Text that a CI runner reads as a command: ``::error …`` at the beginning of a line (GitHub Actions), and anywhere in
#: a line ``##[error]`` (GitHub Actions, Azure Pipelines), ``##vso[…]`` (Azure Pipelines), ``##teamcity[…]`` (TeamCity).
#: Source: actions/runner, ActionCommand.cs (TryParseV2, TryParse).
_COMMAND = re.compile(r"(?:^|(?<=[\n\r]))([^\S\n\r]*):(?=:)|(?<=#)#(?=\w*\[)")
_CREDENTIALS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(//)?[^/?#]*@")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    r"""Return ``text`` on one line, with every hidden character written as an escape (``\x1b``, ``\u202e``).

    Secrets are masked first: escaped, they would not be recognised.
    """
    return escaped(redactor.redact(text))


def escaped(text: str) -> str:
    """Return ``text`` as :func:`visible` does, if its secrets are masked already."""
    return text if shows_itself(text) else "".join(map(_shown, text))


def quoted(text: str) -> str:
    """Return ``text`` in double quotes, so that two different texts never look the same."""
    return '"' + visible(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def without_commands(text: str) -> str:
    """Return ``text`` without workflow commands: one character of each is an escape that people, JSON and YAML read."""
    return _COMMAND.sub(_disarmed, text) if "::" in text or "##" in text else text


def without_credentials(url: str) -> str:
    """Return the URL with a mask for any credentials in its authority."""
    return _CREDENTIALS.sub(r"\1\2***@", url)


def cells(text: str) -> int:
    """Return the number of columns of ``text`` on a terminal; wide East Asian characters and emoji take two."""
    if text.isascii():
        return len(text)
    others = _NOT_ASCII.findall(text)
    return len(text) - len(others) + sum(map(_cells, others))


def escape(character: str) -> str:
    r"""Return a character as its code: ``\x1b``, ``\u202e``, ``\U000e0001``; Python and YAML read the same."""
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _disarmed(match: re.Match[str]) -> str:
    return "\\u0023" if match[1] is None else f"{match[1]}\\u003a"


def _shown(character: str) -> str:
    return _SHORT.get(character) or (escape(character) if is_hidden(character) else character)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
