"""Running the rules over texts."""

from __future__ import annotations

from pathlib import Path

from provisioner.declaration.load import ConfigDirectory
from provisioner.diagnostics import Diagnostic
from provisioner.rules.check import validate
from tests.declaration.configs import LOCAL
from tests.jose import making

LOGIN = """\
consumer_key: ${env:KEY}
private_key: ${env:KEY}
"""


def directory(folder: Path, declaration: str, **environments: str) -> ConfigDirectory:
    """A config directory with a declaration (its version left out), environments, and all key files of the tests."""
    config = folder / "config"
    (config / "keys").mkdir(parents=True)
    (config / "environments").mkdir()
    for name, content in making.files().items():
        (config / "keys" / name).write_bytes(content)
    (config / "user-verification.yaml").write_text(f"version: 1\n{declaration}", encoding="utf-8")
    for name, text in environments.items():
        (config / "environments" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return ConfigDirectory(config)


def findings_of(folder: Path) -> tuple[Diagnostic, ...]:
    """What is found in a config directory, read anew."""
    return validate(ConfigDirectory(folder), None, now=making.NOW, with_references=False)


def findings(folder: Path, declaration: str, environment: str = LOCAL) -> tuple[Diagnostic, ...]:
    """What is found under one environment, with all of them looked at."""
    config = directory(folder, declaration, test=environment)
    return validate(config, None, now=making.NOW, with_references=False)


def ids(folder: Path, declaration: str, environment: str = LOCAL) -> list[str]:
    return [finding.rule for finding in findings(folder, declaration, environment)]
