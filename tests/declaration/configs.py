"""Config directories for tests."""

from __future__ import annotations

from pathlib import Path

from provisioner.declaration.load import ConfigDirectory, Loaded
from provisioner.diagnostics import Diagnostic

LOCAL = "embedded_org: .localorg\n"


def config(folder: Path, declaration: str | bytes, **environments: str) -> ConfigDirectory:
    """A config directory below ``folder`` with a declaration and environment files by name."""
    directory = folder / "config"
    (directory / "environments").mkdir(parents=True)
    content = declaration if isinstance(declaration, bytes) else declaration.encode()
    (directory / "user-verification.yaml").write_bytes(content)
    for name, text in environments.items():
        (directory / "environments" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return ConfigDirectory(directory)


def load(folder: Path, declaration: str | bytes, environment: str = LOCAL) -> Loaded:
    """The declaration under one environment."""
    return config(folder, declaration, test=environment).load("test")


def found(findings: tuple[Diagnostic, ...] | list[Diagnostic]) -> list[tuple[str, int, int]]:
    """Rule, line and column of each finding."""
    return [(each.rule, each.location.line, each.location.column) for each in findings if each.location is not None]
