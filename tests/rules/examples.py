"""The examples of the rules' pages as config directories."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from provisioner.diagnostics import Diagnostic
from tests.jose import making

DECLARATION = "user-verification.yaml"
JWK_DECLARATION = """\
version: 1
keys:
  shop:
    jwk: keys/shop.jwk.json  # wrong
"""
_HEADER = re.compile(r"# config/(\S+)")


@dataclass(frozen=True)
class Example:
    """The files of an example by their path in the config directory, and the place that its marked line has."""

    files: dict[str, str]

    @property
    def marked(self) -> tuple[str, int] | None:
        """The file and the line that ends with ``# wrong``."""
        for path, text in self.files.items():
            for number, line in enumerate(text.splitlines(), 1):
                if line.endswith("# wrong"):
                    return path, number
        return None


def parse(example: str) -> Example:
    files: dict[str, list[str]] = {}
    path = DECLARATION
    for line in example.splitlines():
        header = _HEADER.fullmatch(line)
        if header:
            path = header[1]
            continue
        files.setdefault(path, []).append(line)
    texts = {path: "\n".join(lines) + "\n" for path, lines in files.items()}
    if any(path.endswith(".json") for path in texts):
        texts[DECLARATION] = JWK_DECLARATION
    return Example({DECLARATION: "version: 1\n", **texts})


def write(example: Example, directory: Path) -> Path:
    """The example's files, and all key files that it may name, below ``directory``; the config directory."""
    config = directory / "config"
    (config / "keys").mkdir(parents=True)
    for name, content in making.files().items():
        (config / "keys" / name).write_bytes(content)
    (directory.parent / "elsewhere.crt").write_bytes(making.files()["shop.crt"])
    for path, text in example.files.items():
        (config / path).parent.mkdir(exist_ok=True)
        (config / path).write_bytes(_bytes(path, text))
    return config


def _bytes(path: str, text: str) -> bytes:
    if path.endswith(".json"):
        shop = making.shop().public_key().public_numbers()
        other = making.other().public_key().public_numbers()
        standard = making.der_base64(making.shop())
        text = text.replace("\\ufeff", "\ufeff")
        text = text.replace("MII…", standard)
        text = text.replace("MII-…", base64.urlsafe_b64encode(base64.b64decode(standard)).decode().rstrip("="))
        text = text.replace("other-xGn…", making.uint(other.n)).replace("xGn…", making.uint(shop.n))
    if "8 MiB of anything" in text:
        text += "#" * 8 * 1024 * 1024
    return text.encode().replace(b"\\xfc", b"\xfc")


def line_of(finding: Diagnostic, config: Path) -> tuple[str, int] | None:
    """The finding's file, relative to the config directory, and its line."""
    if finding.location is None:
        return None
    return Path(finding.location.file).relative_to(config).as_posix(), finding.location.line
