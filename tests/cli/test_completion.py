"""Completion: what ``__complete`` answers, and what real shells make of it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell

from provisioner.cli.completing import DIRECTORIES, FILES, kind_of
from provisioner.cli.main import VERBS, verb_parser
from provisioner.cli.syntax.setup import SHELLS
from tests.cli.offline import Desk

DECLARATION = """\
version: 1
keys:
  storefront_2026: {label: Storefront 2026, certificate: keys/a.crt, kid: shop-2026}
  legacy: {jwk: keys/legacy.jwk.json}
keysets:
  storefront: {label: Storefront, issuer: https://id.example.com, keys: [storefront_2026]}
  "$(touch pwned)": {issuer: x, keys: [legacy]}
channels:
  Web_Chat: {user_verification: {configurations: {shop_login: {keyset: storefront}}}}
"""
#: What a word at the cursor is completed to, after the words before it.
CASES = {
    "a command": (["val"], ["validate"]),
    "a group": (["tok"], ["token"]),
    "a command of a group": (["keys", "gen"], ["generate"]),
    "an option": (["plan", "--detailed"], ["--detailed-exitcode"]),
    "a format": (["plan", "--format", "m"], ["markdown"]),
    "an environment": (["plan", "--env", "s"], ["sandbox"]),
    "an environment before the command": (["--env", "lo"], ["local"]),
    "an environment after a comma": (["plan", "--env", "local,s"], ["local,sandbox"]),
    "an environment behind a sign": (["plan", "--env=lo"], ["--env=local"]),
    "as bash divides it": (["plan", "--env", "=", "lo"], ["local"]),
    "a promotion's end": (["promote", "--from", "sand"], ["sandbox"]),
    "a keyset": (["keys", "rotate", "st"], ["storefront"]),
    "a keyset's option": (["token", "mint", "--keyset", ""], ["storefront"]),
    "a key": (["keys", "rotate", "storefront", "--new", "le"], ["legacy"]),
    "a kid": (["verify", "--kid", "sh"], ["shop-2026"]),
    "a channel": (["verify", "--channel", "We"], ["Web_Chat"]),
    "a configuration": (["verify", "--configuration", ""], ["shop_login"]),
    "a deployment": (["verify", "--deployment", ""], ["Shop_Web"]),
    "an address": (["plan", "--target", "channel."], ["channel.Web_Chat"]),
    "a rule": (["rules", "keyset-empt"], ["keyset-empty"]),
    "a fault": (["localorg", "break", "user-not-approved"], ["user-not-approved"]),
    "an experiment": (["probe", "--only", "keyset-ty"], ["keyset-type"]),
    "an entry": (["restore", "lat"], ["latest"]),
    "a kind": (["schema", "--kind", "token-e"], ["token-explain"]),
    "a shell": (["completion", "fi"], ["fish"]),
    "a file": (["apply", "pl"], [FILES]),
    "a file of an option": (["verify", "--key-file", ""], [FILES]),
    "a folder": (["plan", "--config", ""], [DIRECTORIES]),
    "nothing after all arguments": (["rules", "keyset-empty", ""], []),
    "nothing for an unknown command": (["nope", ""], []),
    "nothing for a new name": (["keys", "generate", ""], []),
}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROVISIONER_CONFIG", raising=False)
    desk = Desk(tmp_path, capsys)
    desk.write("user-verification.yaml", DECLARATION)
    desk.write("environments/local.yaml", "embedded_org: ../../.localorg\nverify: {Web_Chat: {deployment: Shop_Web}}\n")
    desk.write("environments/sandbox.yaml", "login_url: https://acme.my.salesforce.com\n")
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "my folder").mkdir()
    return desk


def offered(desk: Desk, words: list[str]) -> list[str]:
    said = desk.run("__complete", f"={words[-1]}", *words[:-1])
    assert (said.status, said.err) == (0, "")
    return [line.partition("\t")[0] for line in said.out.splitlines()]


class TestAnswer:
    @pytest.mark.parametrize("case", CASES)
    def test_a_place(self, desk: Desk, case: str) -> None:
        words, expected = CASES[case]
        assert offered(desk, words) == expected

    def test_every_command_is_offered(self, desk: Desk) -> None:
        assert set(offered(desk, [""])) == {verb.split()[0] for verb in VERBS}

    def test_a_given_option_is_not_offered_again(self, desk: Desk) -> None:
        assert "--out" in offered(desk, ["plan", "--"])
        assert "--out" not in offered(desk, ["plan", "--out", "x", "--"])
        assert "--target" in offered(desk, ["plan", "--target", "x", "--"])

    def test_candidates_have_descriptions(self, desk: Desk) -> None:
        said = desk.run("__complete", "=storefront_", "keys", "rotate", "storefront", "--new")
        assert said.out == "storefront_2026\tStorefront 2026\n"

    def test_the_config_that_the_line_names_counts(self, desk: Desk) -> None:
        other = desk.folder / "other"
        (other / "environments").mkdir(parents=True)
        (other / "environments/elsewhere.yaml").write_text("embedded_org: x\n")
        assert offered(desk, ["plan", "--config", "other", "--env", ""]) == ["elsewhere"]

    def test_a_name_that_a_shell_would_run_is_not_offered(self, desk: Desk) -> None:
        assert not [word for word in offered(desk, ["keys", "rotate", ""]) if "$" in word]

    @pytest.mark.parametrize("broken", ["keysets: [", "- a", "\tx"])
    def test_a_broken_file_is_an_empty_answer(self, desk: Desk, broken: str) -> None:
        desk.write("user-verification.yaml", broken)
        assert offered(desk, ["keys", "rotate", ""]) == []

    def test_no_config_is_an_empty_answer(self, desk: Desk) -> None:
        shutil.rmtree(desk.folder / "config")
        assert offered(desk, ["plan", "--env", ""]) == []

    def test_no_words_are_an_empty_answer(self, desk: Desk) -> None:
        assert (desk.run("__complete").status, desk.run("__complete").out) == (0, "")

    def test_a_path_is_completed_wherever_one_is_taken(self) -> None:
        """An option for a path that completion does not know is one that somebody forgot."""
        forgotten = [
            (verb, action.dest)
            for verb in VERBS
            for action in verb_parser(verb)._actions
            if (action.type is Path or "file" in action.dest) and kind_of(verb, action) not in (FILES, DIRECTORIES)
        ]
        assert forgotten == []

    @pytest.mark.parametrize("words", [["plan", "--env"], ["keys", "rotate"], ["verify", "--channel"], ["rules"]])
    def test_values_come_soon_after_the_start(self, desk: Desk, words: list[str]) -> None:
        def seconds(*line: str) -> float:
            """The least processor time of a few runs: a machine at work makes any one of them slow."""
            found = []
            for _ in range(5):
                before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
                subprocess.run([sys.executable, "-m", "provisioner", *line], check=True, capture_output=True)
                found.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
            return min(found)

        # On an idle machine: 40 ms for the version, less than 100 ms more for values.
        assert seconds("__complete", "=", *words) < 6 * seconds("--version")


class TestScripts:
    @pytest.mark.parametrize("shell", SHELLS)
    def test_each_shell_has_one(self, desk: Desk, shell: str) -> None:
        said = desk.run("completion", shell)
        assert said.status == 0
        assert "__complete" in said.out

    def test_an_unknown_shell_is_wrong_usage(self, desk: Desk) -> None:
        assert desk.run("completion", "cmd").status == 64


#: What each shell is asked, at the end of a line, and what it must insert or list.
LINES = {
    "provisioner val": ["validate"],
    "provisioner plan --env ": ["local", "sandbox"],
    "provisioner keys rotate st": ["storefront"],
    "provisioner apply pl": ["plan.json"],
    "provisioner plan --config my": ["my folder"],
    "provisioner plan --format m": ["markdown"],
}


def run(desk: Desk, words: list[str], script: str = "") -> str:
    """What a shell prints; ``provisioner`` is the one under test."""
    bin_folder = desk.folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    program = bin_folder / "provisioner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m provisioner "$@"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(desk.folder), "TERM": "dumb"}
    done = subprocess.run(
        words, input=script, capture_output=True, text=True, cwd=desk.folder, env=environment, timeout=60
    )
    return done.stdout


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


class TestShells:
    @pytest.mark.parametrize("line", LINES)
    def test_bash(self, desk: Desk, line: str) -> None:
        script = desk.run("completion", "bash").out
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        asked = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _provisioner"
        printed = run(desk, ["bash", "--norc"], f'{script}\n{asked}\nprintf "%s\\n" "${{COMPREPLY[@]}}"\n')
        assert printed.splitlines() == LINES[line]

    @needs("zsh")
    @pytest.mark.parametrize("line", LINES)
    def test_zsh(self, desk: Desk, line: str) -> None:
        """A pseudo-terminal of zsh's own: completion there runs only in a line editor."""
        (desk.folder / "_provisioner").write_text(desk.run("completion", "zsh").out)
        expected = LINES[line]
        has_all = " && ".join(f"$all == *{each.replace(' ', '*')}*" for each in expected)
        script = f"""\
zmodload zsh/zpty
zpty shell 'TERM=dumb zsh -f -i'
zpty -w shell 'PS1=; unsetopt zle_bracketed_paste; fpath=({desk.folder} $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w shell 'zstyle ":completion:*" list-colors ""; setopt no_beep; bindkey "^I" complete-word'
zpty -w shell 'print ready''-now'
while zpty -r shell got; do [[ $got == *ready-now* ]] && break; done
zpty -w -n shell {"'" + line + "'"}$'\\t\\t'
all=
repeat 300; do
  while zpty -rt shell got; do all+=$got; done
  [[ {has_all} ]] && break
  sleep 0.1
done
print -rn -- $all
zpty -d shell
"""
        printed = run(desk, ["zsh", "-f"], script).replace("\\ ", " ")
        assert [each for each in expected if each not in printed] == [], printed

    @needs("fish")
    @pytest.mark.parametrize("line", LINES)
    def test_fish(self, desk: Desk, line: str) -> None:
        script = desk.run("completion", "fish").out
        printed = run(desk, ["fish", "--no-config"], f"{script}\ncomplete -C '{line}'\n")
        found = [each.partition("\t")[0].rstrip("/").replace("\\ ", " ") for each in printed.splitlines()]
        assert found == LINES[line]

    def test_the_script_for_powershell_is_grammatical(self, desk: Desk) -> None:
        """Also without PowerShell on this machine, by a grammar of others."""
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
        script = desk.run("completion", "powershell").out.encode()
        assert not parser.parse(script).root_node.has_error
        assert parser.parse(script.replace(b"}", b"", 1)).root_node.has_error

    @needs("pwsh")
    @pytest.mark.parametrize("line", LINES)
    def test_powershell(self, desk: Desk, line: str) -> None:
        script = desk.run("completion", "powershell").out
        asked = f"(TabExpansion2 '{line}' {len(line)}).CompletionMatches.CompletionText"
        printed = run(desk, ["pwsh", "-NoProfile", "-Command", "-"], f"{script}\n{asked}\n")
        found = [each.strip("'\"").removeprefix("./").rstrip("/") for each in printed.splitlines() if each]
        assert found == LINES[line]
