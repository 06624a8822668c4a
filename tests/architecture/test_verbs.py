"""A verb calls one workflow and shows one view; its options and its help are in ``cli/syntax``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from provisioner.cli import syntax, verbs
from provisioner.cli.commands import VERBS
from provisioner.cli.main import verb_module, verb_syntax
from provisioner.cli.options import Syntax

MOST_LINES = 80


def test_a_verb_has_at_most_eighty_lines() -> None:
    files = Path(verbs.__file__).parent.glob("*.py")
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert len(lines) > 30
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_every_syntax_belongs_to_a_command() -> None:
    modules = [
        import_module(f"{syntax.__name__}.{path.stem}") for path in Path(syntax.__file__).parent.glob("[a-z]*.py")
    ]
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, Syntax)]
    assert len(declared) == len(VERBS)
    assert all(verb_syntax(verb) in declared and callable(verb_module(verb).run) for verb in VERBS)
