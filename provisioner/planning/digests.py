"""The digest of a declaration under one environment; two declarations of one meaning have the same digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from provisioner.declaration.load import Loaded
from provisioner.declaration.tree import plain
from provisioner.model.jwk import Jwk


def declaration_digest(loaded: Loaded, jwks: Mapping[str, Jwk]) -> str:
    """Return the SHA-256 of the merged declaration and the JWKs of its key files; comments and order do not matter."""
    digest = hashlib.sha256()
    for part in _canonical(loaded, jwks):
        digest.update(part.encode())
    return f"sha256:{digest.hexdigest()}"


def _canonical(loaded: Loaded, jwks: Mapping[str, Jwk]) -> Iterator[str]:
    """Yield the parts of one JSON document, a JWK at a time: the whole of a large declaration is tens of megabytes."""
    yield f'{{"declaration":{_json(plain(loaded.tree) if loaded.tree is not None else None)},"jwks":{{'
    for number, name in enumerate(sorted(jwks)):
        yield f"{',' if number else ''}{_json(name)}:{_json(jwks[name].members())}"
    yield "}}"


_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
