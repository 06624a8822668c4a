"""The digest of a declaration under one environment; two declarations of one meaning have the same digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from provisioner.declaration.load import Loaded
from provisioner.declaration.tree import plain
from provisioner.model.jwk import Jwk


def declaration_digest(loaded: Loaded, jwks: Mapping[str, Jwk]) -> str:
    """SHA-256 over the merged declaration and the JWKs that its key files give; comments and order do not matter."""
    canonical = {
        "declaration": plain(loaded.tree) if loaded.tree is not None else None,
        "jwks": {name: jwk.members() for name, jwk in jwks.items()},
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
