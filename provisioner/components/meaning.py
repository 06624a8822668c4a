"""The meaning of a component's XML, whatever its form: for digests, and for reading back a deployment.

The order of differently named elements, blanks around text, empty elements, and how a JWK's JSON is written carry
no meaning. Equally named blocks are compared as a bag, because orgs were seen to sort some of them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping

from lxml import etree

from provisioner.components import xml
from provisioner.jose.uploaded_jwk import parse_observed

#: Members are sorted, so the text of two equal values is the same; a meaning has no mappings.
_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
#: The meaning of an element: its name, its text, and the meanings of its children, sorted.
Meaning = tuple[str, str, tuple["Meaning", ...]]


def meaning(element: etree._Element) -> Meaning:
    """Return the meaning of an element and its children."""
    parts = [meaning(part) for part in xml.elements(element)]
    kept = tuple(sorted(part for part in parts if part[1] or part[2]))
    text = "" if parts else (element.text or "").strip()
    name = xml.name_of(element)
    if name == "jsonWebKey":
        text = _json_meaning(text)
    return (name, text, kept)


def digest(element: etree._Element) -> str:
    """Return the digest of a component's whole meaning, managed or not; dates are no part of its XML."""
    return "sha256:" + hashlib.sha256(_encoded(meaning(element)).encode()).hexdigest()


def lost(sent: etree._Element, read: etree._Element) -> list[str]:
    """Return the paths of sent elements that the read component lacks; additions of an org do not count."""
    return [] if meaning(sent) == meaning(read) else list(_lost(sent, read, ""))


def _lost(sent: etree._Element, read: etree._Element, path: str) -> Iterator[str]:
    by_name: dict[str, list[etree._Element]] = {}
    by_meaning: dict[Meaning, list[etree._Element]] = {}
    for part in xml.elements(read):
        by_name.setdefault(xml.name_of(part), []).append(part)
        by_meaning.setdefault(meaning(part), []).append(part)
    counts = Counter(xml.name_of(part) for part in sent)
    # Exact matches first, so that a block is never taken by one that merely contains it.
    unmatched, matched = [], set()
    for part in xml.elements(sent):
        meant = meaning(part)
        if not meant[1] and not meant[2]:
            continue
        exact = by_meaning.get(meant)
        found = exact.pop(0) if exact else _same_jwk(part, by_name)
        if found is not None:
            matched.add(found)
        else:
            unmatched.append(part)
    for part in unmatched:
        name = xml.name_of(part)
        here = f"{path}/{name}" if path else name
        candidates = [each for each in by_name.get(name, []) if each not in matched]
        if counts[name] == 1 and len(candidates) == 1 and len(part):
            matched.update(candidates)
            yield from _lost(part, candidates[0], here)
            continue
        holding = next((each for each in candidates if len(part) and not any(_lost(part, each, here))), None)
        if holding is not None:
            matched.add(holding)
        else:
            yield here


def _same_jwk(sent: etree._Element, by_name: Mapping[str, list[etree._Element]]) -> etree._Element | None:
    """Return the key that was sent, however an org writes and completes it."""
    if xml.name_of(sent) != "jsonWebKey":
        return None
    ours = parse_observed(sent.text or "")
    for read in by_name.get("jsonWebKey", []):
        theirs = parse_observed(read.text or "")
        if ours is not None and theirs is not None and ours.matches(theirs):
            return read
    return None


def _json_meaning(text: str) -> str:
    """Return a JWK's JSON in one form; text that is not a JSON object is unchanged."""
    try:
        return _encoded(json.loads(text))
    except (ValueError, RecursionError):
        return text
