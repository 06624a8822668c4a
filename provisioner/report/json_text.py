"""A JSON document as text that is also safe on a terminal.

JSON escapes the C0 controls, but neither the C1 controls (a terminal reads U+009B as the beginning of an escape
sequence) nor bidirectional controls; and a lone surrogate could not be written as UTF-8 at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from provisioner.redaction import redactor
from provisioner.report.visible import is_hidden


def json_text(document: object, *, masked: bool = True) -> str:
    r"""Return ``document``, indented; a character that does not display as itself is written ``\uXXXX`` (RFC 8259 §7).

    Secrets in its values are masked, unless they are the requested result.
    """
    text = json.dumps(_masked(document) if masked else document, indent=2, ensure_ascii=False)
    return "".join(_escaped(each) if is_hidden(each) and each != "\n" else each for each in text)


def _masked(value: object) -> object:
    """Return ``value`` with secrets masked in every text in it except the names of members."""
    if isinstance(value, str):
        return redactor.redact(value)
    if isinstance(value, Mapping):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]
