"""The recipes of docs/secrets.md, with programs that take exactly the options of the real ones."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InputError
from provisioner.secrets import Reference, ReferenceKind, Resolver, command_words, meant_reference
from tests.docs.screens import ROOT

PAGE = (ROOT / "docs/secrets.md").read_text()
#: The command of each program, its positional arguments and its options, as `PROGRAM … --help` lists them.
PROGRAMS = {
    "vault": ("kv get", ("path",), ("-mount", "-field")),
    "aws": ("secretsmanager get-secret-value", (), ("--secret-id", "--query", "--output")),
    "az": ("keyvault secret show", (), ("--vault-name", "--name", "--query", "--output")),
    "gcloud": ("secrets versions access", ("version",), ("--secret",)),
    "op": ("read", ("reference",), ("--no-newline",)),
}


def recipes() -> list[tuple[str, str]]:
    """Each field of each YAML example with its value."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return [(field, value) for block in blocks for field, value in yaml.safe_load(block).items()]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in PROGRAMS:
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" {name} "$@"\n')
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.parametrize(("field", "value"), recipes())
def test_a_recipe_gives_the_value(field: str, value: str, programs: Path) -> None:
    reference = Reference.parse(value)
    assert reference is not None
    assert reference.kind is ReferenceKind.COMMAND
    with pytest.raises(InputError, match="commands are not allowed"):
        Resolver(programs).resolve(reference)
    secret = Resolver(programs, allow_commands=True).resolve(reference)
    assert secret.reveal() == f"the {field}"


def test_every_store_has_a_recipe() -> None:
    used = [command_words(value.removeprefix("${command:"))[0] for _, value in recipes()]
    assert set(used) == set(PROGRAMS)


def test_a_reference_of_1password_has_the_same_command() -> None:
    meant = meant_reference("op://ci/salesforce-uat/private_key")
    assert meant is not None
    assert str(meant).replace("op read", "op read --no-newline") in PAGE


class TestWordsOfACommand:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (r"C:\tools\op.exe read op://a/b", [r"C:\tools\op.exe", "read", "op://a/b"]),
            (r'"C:\Program Files\op.exe" read "a b"', [r"C:\Program Files\op.exe", "read", "a b"]),
            (r"\\server\tools\op.exe x", [r"\\server\tools\op.exe", "x"]),
        ],
    )
    def test_a_backslash_is_a_part_of_a_path_on_windows(self, text: str, words: list[str]) -> None:
        assert command_words(text, windows=True) == words

    @given(st.text(alphabet="ab \\'\"#$", max_size=20))
    def test_elsewhere_as_a_shell_splits(self, text: str) -> None:
        import shlex

        try:
            expected = shlex.split(text)
        except ValueError:
            with pytest.raises(ValueError):  # noqa: PT011
                command_words(text, windows=False)
        else:
            assert command_words(text, windows=False) == expected


def main(name: str, words: list[str]) -> None:
    """Be one of the programs: print a value if the words are what the real one takes."""
    command, positional, options = PROGRAMS[name]
    first = command.split()
    assert words[: len(first)] == first, words
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for each in positional:
        parser.add_argument(each)
    for each in options:
        parser.add_argument(each, **({"action": "store_true"} if each == "--no-newline" else {}))  # type: ignore[arg-type]
    parser.parse_args(words[len(first) :])
    field = "consumer_key" if re.search("consumer.key", " ".join(words)) else "private_key"
    sys.stdout.write(f"the {field}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
