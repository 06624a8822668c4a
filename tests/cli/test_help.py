"""Help: grouped, complete, 80 columns wide, and reached in every way that people try."""

from __future__ import annotations

import argparse
import re

import pytest

from provisioner.cli.commands import GROUPS, SECTIONS, VERBS, overview
from provisioner.cli.main import main, verb_parser, verb_syntax
from provisioner.errors import UsageError


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_help_fits_80_columns(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = verb_parser(verb).format_help()
    assert [line for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("columns", ["80", "60"])
@pytest.mark.parametrize("verb", VERBS)
def test_help_breaks_no_word(verb: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    syntax = verb_syntax(verb)
    words = set(verb_parser(verb).format_help().split())
    texts = [syntax.description, syntax.epilog]
    texts += [action.help or "" for action in verb_parser(verb)._actions if action.help != argparse.SUPPRESS]
    for text in texts:
        assert {word for word in text.split() if "%" not in word} <= words


def test_the_overview_has_every_command_once() -> None:
    text = overview()
    assert max(map(len, text.splitlines())) <= 80
    for verb in VERBS:
        assert len(re.findall(rf"^  {verb}  ", text, re.MULTILINE)) == 1
    for section in SECTIONS:
        assert f"\n{section}:\n" in text


@pytest.mark.parametrize("verb", ["plan", "keys rotate", "localorg start"])
def test_help_is_reached_in_several_ways(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = verb.split()
    texts = {printed(capsys, *words, "--help"), printed(capsys, "help", *words), printed(capsys, "-h", *words)}
    assert len(texts) == 1
    assert texts.pop().startswith(f"usage: provisioner {verb} ")


@pytest.mark.parametrize("words", [(), ("--help",), ("help",), ("help", "--help")])
def test_help_without_a_command(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, *words) == overview()


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_the_help_of_a_group(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "help", group) == printed(capsys, group, "--help") == overview(group)
    assert main([group]) == 64
    assert f"`provisioner {group}` needs a subcommand. Next: One of: `{group} " in " ".join(
        capsys.readouterr().err.split()
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plam"], "There is no command `plam`. Did you mean `plan`?"),
        (["help", "plam"], "There is no command `plam`. Did you mean `plan`?"),
        (["key", "rotate"], "There is no command `key`. Did you mean `keys`?"),
        (["plan", "--evn", "local"], "There is no option `--evn` for `provisioner plan`. Did you mean `--env`?"),
        (["plan", "--targt=key.a"], "There is no option `--targt` for `provisioner plan`. Did you mean `--target`?"),
        (["plan", "--zzz"], "There is no option `--zzz` for `provisioner plan`. Next:"),
        (["plan", "local"], "`local` is one word too many."),
        (["localorg", "start", "--port", "80000"], "Argument --port: must be a port from 1 to 65535"),
        (["localorg", "start", "--port", "-1"], "Argument --port: must be a port from 1 to 65535"),
    ],
)
def test_a_slip_of_the_pen(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 64
    assert said in " ".join(capsys.readouterr().err.split())


def test_an_option_is_not_abbreviated() -> None:
    with pytest.raises(UsageError):
        verb_parser("plan").parse_args(["--targ", "key.a"])
