"""A JSON document as text that is safe on a terminal, too.

JSON escapes the C0 controls by itself, but not the C1 controls (a terminal takes U+009B for an escape sequence's
beginning) and not bidirectional controls; and a lone surrogate could not be written as UTF-8 at all.
"""

from __future__ import annotations

import json

from provisioner.report.visible import is_hidden


def json_text(document: object) -> str:
    """``document``, indented; what does not show as itself is written ``\\uXXXX`` (RFC 8259 §7)."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return "".join(_escaped(each) if is_hidden(each) and each != "\n" else each for each in text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]
