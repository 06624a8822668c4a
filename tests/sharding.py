"""A part of the test files, for a run that has no time for all: ``pytest --shard 2/3``."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

#: Files and folders that are in every part: these tests depend most on the version of Python, or of a package.
ALWAYS = (
    "tests/architecture/",
    "tests/jose/test_certificate_files.py",
    "tests/jose/test_json_text.py",
    "tests/localorg/test_rest.py",
    "tests/localorg/test_store.py",
    "tests/salesforce/test_certificates.py",
    "tests/salesforce/test_jwks_endpoint.py",
    "tests/salesforce/test_transport.py",
    "tests/salesforce/test_trust.py",
    "tests/test_package.py",
)


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``number`` of ``count``, counted from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the part that ``K/N`` names. Raises ValueError."""
        found = re.fullmatch(r"(\d+)/(\d+)", text)
        shard = cls(*map(int, found.groups())) if found else cls(0, 0)
        if not 1 <= shard.number <= shard.count:
            raise ValueError(f"{text!r} is not K/N with 1 <= K <= N")
        return shard

    def holds(self, path: str) -> bool:
        """Return whether a test file, by its path in the repository, is in this part."""
        digest = hashlib.sha256(path.encode()).digest()
        return path.startswith(ALWAYS) or int.from_bytes(digest) % self.count == self.number - 1
