"""What the code imports is what pyproject.toml asks for, no more and no less."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PROVIDERS = metadata.packages_distributions()
#: Needed at run time, but never imported by name.
NOT_IMPORTED = {
    "python-multipart",  # starlette parses multipart bodies with it
}


def normal(requirement: str) -> str:
    """A distribution's name as PEP 503 normalises it, without version and extras."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]).lower()


RUNTIME = {normal(requirement) for requirement in PROJECT["dependencies"]}
LOCALORG = {normal(requirement) for requirement in PROJECT["optional-dependencies"]["localorg"]}


def imported(path: Path) -> set[str]:
    """The distributions that a Python file imports from, by their normalised names."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            modules.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    outside = modules - set(sys.stdlib_module_names) - {"provisioner"}
    return {normal(name) for module in outside for name in PROVIDERS.get(module, [f"whoever provides {module}"])}


def modules(*, localorg: bool) -> list[Path]:
    """The product's files: the local org's, or all others."""
    product = ROOT / "provisioner"
    return [path for path in product.rglob("*.py") if (path.relative_to(product).parts[0] == "localorg") is localorg]


def test_every_requirement_has_a_lower_bound() -> None:
    requirements = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["localorg"]

    assert [line for line in requirements if ">=" not in line] == []


def test_the_product_imports_what_it_declares() -> None:
    found = set().union(*(imported(path) for path in modules(localorg=False)))

    assert found == RUNTIME


def test_the_local_org_imports_what_the_extra_adds() -> None:
    found = set().union(*(imported(path) for path in modules(localorg=True)))

    assert found - RUNTIME == LOCALORG - NOT_IMPORTED
