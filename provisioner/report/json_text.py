"""A JSON document as text that is safe on a terminal, too.

JSON escapes the C0 controls by itself, but not the C1 controls (a terminal takes U+009B for an escape sequence's
beginning) and not bidirectional controls; and a lone surrogate could not be written as UTF-8 at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from provisioner.redaction import redactor
from provisioner.report.visible import is_hidden


def json_text(document: object, *, masked: bool = True) -> str:
    """``document``, indented; what does not show as itself is written ``\\uXXXX`` (RFC 8259 §7).

    Secrets in its values are masked, unless they are the result that was asked for.
    """
    text = json.dumps(_masked(document) if masked else document, indent=2, ensure_ascii=False)
    return "".join(_escaped(each) if is_hidden(each) and each != "\n" else each for each in text)


def _masked(value: object) -> object:
    """``value`` with secrets masked in every text in it, names of members left alone."""
    if isinstance(value, str):
        return redactor.redact(value)
    if isinstance(value, Mapping):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]
