"""Key files for keys of an org: the certificate if the JWK can be derived from it, else the JWK itself."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from provisioner.jose.certificates import Certificate, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.generation import certificate_pem, jwk_of
from provisioner.model.estate import DEFAULT_ALGORITHM
from provisioner.model.jwk import Jwk

FOLDER = "keys"


class KeyFilesToWrite:
    """Choose each key's file: an existing one with the same content, else a new one.

    ``new`` holds the content of new files by declared path.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._taken: set[str] = set()
        self.new: dict[str, bytes] = {}

    def fields(self, name: str, jwk: Jwk) -> dict[str, Any]:
        """Return the fields of the key's material in a declaration."""
        certificate = _sufficient_certificate(jwk)
        if certificate is None:
            content = (json.dumps(jwk.members(), indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")
            return {"jwk": self._path(name, ".jwk.json", content)}
        fields = {"certificate": self._path(name, ".crt", certificate_pem(certificate)), "kid": jwk.kid}
        if jwk.alg != DEFAULT_ALGORITHM:
            fields["algorithm"] = jwk.alg
        return fields

    def _path(self, name: str, suffix: str, content: bytes) -> str:
        for path in _names(name, suffix):
            # Not every file system tells Key.crt from key.crt.
            if path.casefold() in self._taken:
                continue
            file = self._directory / path
            if os.path.lexists(file):
                if not _holds(file, content):
                    continue
            else:
                self.new[path] = content
            self._taken.add(path.casefold())
            return path
        raise AssertionError("names do not end")


def _names(name: str, suffix: str) -> Iterator[str]:
    """Yield names for a file, the best first: plain ones, whatever the org calls the key."""
    stem = re.sub(r"[^A-Za-z0-9-]", "-", name)[:80]
    yield f"{FOLDER}/{stem}{suffix}"
    number = 2
    while True:
        yield f"{FOLDER}/{stem}-{number}{suffix}"
        number += 1


def _sufficient_certificate(jwk: Jwk) -> Certificate | None:
    """Return the key's certificate if kid and algorithm with it give exactly the same JWK."""
    if jwk.other or len(jwk.x5c) != 1:
        return None
    certificate = read_der(jwk.x5c[0], "x5c", "x5c", Findings())
    if certificate is None or not jwk_of(certificate, jwk.kid, jwk.alg).matches(jwk):
        return None
    return certificate


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.is_file() and file.stat().st_size == len(content) and file.read_bytes() == content
    except OSError:
        return False
