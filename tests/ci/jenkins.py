"""Runs a Jenkinsfile's stages: the blocks of their `sh` steps, credentials, stashes, artifacts and reports.

The file is read by its braces: a stage is what its name stands before. No Groovy is run.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field

from tests.ci.bench import TEMPLATES, Bench, Done

#: Jenkins runs `sh` steps as `sh -xe`; without the trace here.
SH = ("sh", "-e")
_CALL = r"\b(sh|stash|unstash|readFile|copyArtifacts)\b[^\n']*?(?:'''(?P<long>.*?)'''|'(?P<short>[^'\n]*)')"


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    text: str

    @property
    def when(self) -> str:
        return _block(self.text, "when") or ""

    @property
    def credentials(self) -> dict[str, str]:
        return dict(re.findall(r"(\w+) = credentials\('([\w-]+)'\)", _block(self.text, "environment") or ""))

    @property
    def steps(self) -> str:
        found = _block(self.text, "steps")
        assert found is not None, self.name
        return found

    @property
    def always(self) -> str:
        post = _block(self.text, "post")
        return (_block(post, "always") or "") if post else ""


def stages(name: str) -> list[Stage]:
    """Every stage of a file, in order."""
    text = re.sub(r"(?m)(?:^|(?<=\s))//.*$", "", (TEMPLATES / "jenkins" / name).read_text())
    return [Stage(each[1], _braced(text, each.end())) for each in re.finditer(r"stage\('([^']+)'\) (?=\{)", text)]


@dataclass
class Build:
    """One build. ``fork``, ``change`` and ``branch`` are what a multibranch job says of it."""

    bench: Bench
    branch: str = "main"
    change: bool = False
    fork: bool = False
    approvers: tuple[str, ...] = ("sf-approvers", "sf-destructive-approvers")
    parameters: dict[str, str] = field(default_factory=dict)
    done: dict[str, Done] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)

    def run(self, name: str = "Jenkinsfile") -> dict[str, Done]:
        self.variables["PROVISIONER_STATE_DIR"] = "provisioner-state"
        self.bench.clean()
        for stage in stages(name):
            if all(each.passed for each in self.done.values()) and self._wanted(stage):
                self._run(stage)
        return self.done

    def _wanted(self, stage: Stage) -> bool:
        conditions = re.sub(r"before(Agent|Input) true", "", stage.when)
        for part in filter(None, (each.strip(" ;\n{}") for each in re.split(r"[;\n]", conditions))):
            match part.split("(")[0].split(" ")[0]:
                case "branch":
                    holds = part == f"branch '{self.branch}'" and not self.change
                case "changeRequest":
                    holds = self.change
                case "expression":
                    assert "env.CHANGE_FORK == null" in part
                    holds = not self.fork
                case "environment":
                    named = re.fullmatch(r"environment name: '(\w+)', value: '(\w+)'", part)
                    assert named is not None
                    holds = self.variables.get(named[1]) == named[2]
                case unknown:
                    raise AssertionError(unknown)
            if not holds:
                return False
        asked = _block(stage.text, "input")
        submitter = re.search(r"submitter '([\w-]+)'", asked) if asked else None
        return asked is None or (submitter is not None and submitter[1] in self.approvers)

    def _run(self, stage: Stage) -> None:
        assert "timeout(" in stage.text or "options" in stage.text, stage.name
        values = self._secrets(stage)
        done = Done(True, "")
        for call in re.finditer(_CALL, stage.steps, re.DOTALL):
            if not done.passed:
                break
            text = call["long"] if call["long"] is not None else call["short"]
            match call[1]:
                case "sh":
                    ran = self.bench.shell(textwrap.dedent(text), {**self.variables, **values}, shell=SH)
                    done = Done(ran.passed, done.log + ran.log)
                case "stash":
                    self.bench.keep("stash", ["plan.json"])
                case "unstash":
                    self.bench.take("stash")
                case "readFile":
                    self.variables["KIND"] = (self.bench.checkout / text).read_text().strip()
                case "copyArtifacts":
                    self.bench.take("archive")
        self.done[stage.name] = done
        for pattern in re.findall(r"junit '([^']+)'", stage.always):
            self.reports[pattern] = (self.bench.checkout / pattern).read_text()
        if "provisioner-state/**" in stage.always:
            self.bench.keep("archive", ["provisioner-state"])

    def _secrets(self, stage: Stage) -> dict[str, str]:
        """The credentials that the stage binds; their ids are the names of the secrets."""
        known = self.bench.secrets("sandbox", "production")
        values = {name: known[secret.upper().replace("-", "_")] for name, secret in stage.credentials.items()}
        assert not (self.fork and values)
        return {**values, **self.parameters}


def _block(text: str, name: str) -> str | None:
    """The content of the braces behind a name."""
    found = re.search(rf"\b{name} (?=\{{)", text)
    return _braced(text, found.end()) if found else None


def _braced(text: str, begin: int) -> str:
    depth = 0
    for index in range(begin, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return text[begin + 1 : index]
    raise AssertionError("a brace is not closed")
