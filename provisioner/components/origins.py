"""Origins of web pages: in CORS (CorsWhitelistOrigin) and among the trusted frames of a site.

Source: Metadata API Developer Guide, CorsWhitelistOrigin; the formats that an org takes for a trusted frame.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from lxml import etree

from provisioner.components import xml
from provisioner.model.types import MetadataType

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ORIGIN = re.compile(rf"(https://(?:{_LABEL}\.)*{_LABEL}|http://localhost)(?::([0-9]{{1,5}}))?", re.I)
_LONGEST_NAME = 80


def is_origin(text: str) -> bool:
    """Return whether a text is an https origin without path and wildcard, or an origin of localhost."""
    found = _ORIGIN.fullmatch(text)
    return found is not None and len(text) <= 255 and 0 < int(found[2] or 443) < 65536


def same_origin(one: str, other: str) -> bool:
    """Return whether two texts name one origin; the default port of https may be written."""
    return _canonical(one) == _canonical(other)


def _canonical(origin: str) -> str:
    return re.sub(r"^(https://.*):443$", r"\1", origin.lower().rstrip("/"))


def frame_of(origin: str) -> str:
    """Return an origin as a site's list of trusted frames takes it."""
    return origin if origin.lower().startswith("https://") else origin.split("://", 1)[1]


def is_trusted(origin: str, frames: Collection[str]) -> bool:
    """Return whether the list has an origin, with its scheme or without."""
    wanted = _canonical(origin)
    hosts = {_canonical(f"https://{frame}") for frame in frames if "://" not in frame}
    return wanted in map(_canonical, frames) or f"https://{wanted.split('://', 1)[1]}" in hosts


def cors_name(origin: str, taken: Collection[str]) -> str:
    """Return an API name for an origin's entry, as Setup would choose it, that is none of ``taken``."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", _canonical(origin)).strip("_")[: _LONGEST_NAME - 5].rstrip("_")
    folded = {each.casefold() for each in taken}
    numbered = (name if number == 1 else f"{name}_{number}" for number in range(1, len(folded) + 2))
    return next(each for each in numbered if each.casefold() not in folded)


def new_cors_origin(origin: str) -> etree._Element:
    """Return the entry of an origin."""
    root = xml.new_component(MetadataType.CORS_ORIGIN)
    xml.set_text(root, "urlPattern", origin)
    return root
