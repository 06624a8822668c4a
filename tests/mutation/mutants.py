"""What cosmic-ray makes of a room's modules, and what became of one mutant."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.mutation.rooms import tests_of

#: The longest that a room's tests may take; what takes longer has noticed.
SECONDS = 300
#: What is one and the same for the strings, numbers and singletons that are compared here.
_SAME = ("Eq_Is", "Is_Eq", "NotEq_IsNot", "IsNot_NotEq")
LOOKED_AT = Path(__file__).with_name("looked_at.toml")


@dataclass(frozen=True)
class Mutant:
    room: str
    path: str
    operator: str
    occurrence: int


@dataclass(frozen=True)
class Outcome:
    mutant: Mutant
    killed: bool
    was: str
    became: str

    @property
    def reason(self) -> str | None:
        """Why no test can notice it, from looked_at.toml."""
        for each in tomllib.loads(LOOKED_AT.read_text())["equivalent"]:
            if (each["path"], each["was"], each["became"]) == (self.mutant.path, self.was, self.became):
                return str(each["because"])
        return None

    @property
    def is_unseen(self) -> bool:
        """Whether no test notices it, and nobody has said why."""
        return not self.killed and self.reason is None

    def words(self) -> str:
        reason = self.reason or "NOT LOOKED AT"
        return f"{self.mutant.path}\n  - {self.was}\n  + {self.became}\n  {reason}"


@dataclass(frozen=True)
class Tried:
    """What a run found. ``numbers`` are all mutants of each room, of which ``outcomes`` are those of a sample."""

    seed: int
    numbers: Mapping[str, int]
    outcomes: Sequence[Outcome]

    def of(self, room: str) -> list[Outcome]:
        return [each for each in self.outcomes if each.mutant.room == room]

    def save(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, path: Path) -> Tried:
        document = json.loads(path.read_text())
        outcomes = [Outcome(**{**each, "mutant": Mutant(**each["mutant"])}) for each in document["outcomes"]]
        return cls(document["seed"], document["numbers"], outcomes)


def mutants_of(room: str) -> list[Mutant]:
    """Every mutant of the room's modules, in a fixed order, but for those that change nothing that could be noticed."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    found = []
    for path in sorted(Path("provisioner", room).rglob("*.py")):
        unseen = list(_not_run(path))
        nodes = list(ast_nodes(get_ast_from_path(path)))
        for name in sorted(operator_names()):
            kind = get_operator(name)
            if kind.arguments() or name.endswith(_SAME):
                continue
            operator = kind()
            places = (place for node in nodes for place in operator.mutation_positions(node))
            for occurrence, (start, end) in enumerate(places):
                if not any(first <= start and end <= last for first, last in unseen):
                    found.append(Mutant(room, str(path), name, occurrence))
    return found


#: How much a clue counts: a judgement, and one more or less is none that a test should hold.
_WEIGHING = ("For", "_text")


def _not_run(path: Path) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations, weights and what @dataclass is told stand: (line, column) of the start and the end of each."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield _span(node.annotation)
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield _span(node.returns)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WEIGHING:
            told = (*node.args, *(keyword.value for keyword in node.keywords))
            yield from (_span(each) for each in told if isinstance(each, ast.Constant) and type(each.value) is int)
        if isinstance(node, ast.ClassDef):
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "dataclass":
                    yield from (_span(told) for told in call.keywords)


def _span(node: ast.expr | ast.keyword) -> tuple[tuple[int, int], tuple[int, int]]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def unmutated(tree: Path, room: str) -> str:
    """What the room's tests say in a copy as it is, where they fail."""
    done = subprocess.run(tests_of(room, tree), capture_output=True, text=True)
    return done.stdout[-2000:] if done.returncode else ""


def run(tree: Path, mutant: Mutant) -> Outcome:
    """Put the mutant into a copy, run the room's tests there, and take it out again."""
    from cosmic_ray.mutating import mutate_and_test
    from cosmic_ray.work_item import MutationSpec, WorkerOutcome

    spec = MutationSpec(tree / mutant.path, mutant.operator, mutant.occurrence, (0, 0), (0, 1))
    result = mutate_and_test([spec], shlex.join(tests_of(mutant.room, tree)), SECONDS)
    if result.worker_outcome != WorkerOutcome.NORMAL:
        raise RuntimeError(f"cosmic-ray could not make {mutant}: {result.output}")
    lines = [line for line in result.diff.splitlines() if not line.startswith(("---", "+++"))]
    was, became = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Outcome(mutant, result.is_killed, was, became)
