"""The mask over secret values: whatever text passes through :data:`redactor` shows none of the values it was told."""

from __future__ import annotations

import logging
import re

MASK = "***"
#: Shorter values are not masked: they would blot out ordinary words.
SHORTEST_MASKED = 6


class Redactor:
    """Masks what it was told to keep, line by line for values of several lines (keys, certificates).

    It also masks, without being told, PEM private keys, JWTs and Salesforce session ids.
    """

    _PATTERNS = (
        # To its end where that stands; else only what looks like key material, so that prose after it stays.
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
            r"(?:.{0,20000}?-----END [A-Z ]*PRIVATE KEY-----"
            r"|(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,})*(?:(?:\s|\\[nr])*[A-Za-z0-9+/]+={1,2})?)",
            re.S,
        ),
        # Each begins with its letters, not with the boundary before them: letters are searched for many times faster.
        re.compile(r"ey(?<=\bey)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
        re.compile(r"00D(?<=\b00D)[A-Za-z0-9]{12,15}![A-Za-z0-9._]{8,}"),
    )

    def __init__(self) -> None:
        self._values: set[str] = set()

    def keep(self, value: str) -> None:
        """Mask ``value`` from now on, whole and line by line."""
        for part in (value, value.strip(), *(line.strip() for line in value.splitlines())):
            if len(part) >= SHORTEST_MASKED and not part.startswith("-----"):
                self._values.add(part)

    def redact(self, text: str) -> str:
        for pattern in self._PATTERNS:
            text = pattern.sub(MASK, text)
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text


#: The process's one redactor: everything that prints goes through it.
redactor = Redactor()


class RedactingFilter(logging.Filter):
    """Keeps secrets out of every log record that passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redactor.redact(record.getMessage())
        record.args = ()
        return True
