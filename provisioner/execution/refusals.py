"""An org's refusal, tied back to the YAML line that it comes from, with its meaning.

A refusal is attributed to a part that is not managed here only if the org's text, or the element on the line that it
points at, names such a part. Otherwise the table of known texts gives the meaning, or it stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from lxml import etree

from provisioner.components.package import Package
from provisioner.diagnostics import Location
from provisioner.execution.aftermath import NOTHING, NOTHING_APPLIED, Aftermath
from provisioner.execution.outcome import Problem
from provisioner.model.estate import Estate
from provisioner.model.types import CHANNEL_CREATION, OTHER_TYPES, TYPES, MetadataType, YamlPath
from provisioner.planning.plan import Action, Change
from provisioner.salesforce import DeployProblem, DeployStatus
from provisioner.salesforce.refusal_texts import Cause, RefusalText, text_of

#: Words of refusals that are as likely names of elements: those need a line.
_TOO_COMMON = frozenset({"enabled", "type", "description"})
_NO_COMPONENT = frozenset({Cause.INTERNAL, Cause.LOCKED, Cause.LIMIT})
_FOREIGN = (
    "The error concerns {part}, a part of the channel that provisioner does not manage and sends back unchanged. "
    "Repair it in Setup, or ask the team that manages the channel, and apply again."
)


_ROLLED_BACK = "The deployment changed nothing: it was rolled back."


@dataclass(frozen=True, slots=True)
class SentPackage:
    """The content of a deployment, and its declaration. ``package`` is None if this machine does not know it."""

    package: Package | None
    estate: Estate
    changes: Sequence[Change]
    api_version: str


def explain(status: DeployStatus, sent: SentPackage, aftermath: Aftermath = NOTHING) -> tuple[Problem, ...]:
    """Return every problem of a failed deployment; at least one, even if the org gave no detail."""
    problems = _explained(status, sent)
    if aftermath.is_nothing:
        return tuple(problems)
    return tuple(replace(each, meaning=with_aftermath(each.meaning, aftermath)) for each in problems)


def with_aftermath(meaning: str, aftermath: Aftermath) -> str:
    """Return the meaning of a refusal with the aftermath in place of :data:`NOTHING_APPLIED`, or at its end."""
    said = meaning.replace(_ROLLED_BACK, NOTHING_APPLIED)
    if NOTHING_APPLIED not in said:
        return f"{said} {aftermath.words}"
    return said.replace(NOTHING_APPLIED, aftermath.words)


def _explained(status: DeployStatus, sent: SentPackage) -> list[Problem]:
    files = sent.package.files(sent.api_version) if sent.package is not None else {}
    problems = [_explain(failure, files, sent) for failure in _errors(status.failures)]
    words = [part for part in (status.error_status_code, status.error_message, status.state_detail) if part]
    if status.is_canceled:
        who = status.canceled_by_name or status.canceled_by
        cancelled = f"The deployment was cancelled by {who}." if who else "The deployment was cancelled."
        problems.insert(0, Problem(cancelled, f"{NOTHING_APPLIED} Find the reason before you apply again."))
    elif status.error_message or status.error_status_code:
        known = text_of(": ".join(words))
        meaning = known.meaning_of_ours if known.cause is not Cause.UNKNOWN else ""
        rolled_back = "" if NOTHING_APPLIED in meaning else _ROLLED_BACK
        problems.append(Problem(": ".join(words), " ".join(filter(None, (meaning, rolled_back)))))
    elif not problems:
        problems.append(
            Problem(
                ": ".join(words) or f"The deployment has the status {status.status}, and the org gave no reason.",
                f"{NOTHING_APPLIED} Check Setup > Deployment Status for details.",
            )
        )
    return problems


def _errors(failures: Iterable[DeployProblem]) -> list[DeployProblem]:
    return [failure for failure in failures if failure.problem_type != "Info"]


def _explain(failure: DeployProblem, files: Mapping[str, bytes], sent: SentPackage) -> Problem:
    known = text_of(failure.problem)
    kind = _kind_of(failure)
    if kind is None:
        return Problem(failure.problem, _meaning(known))
    content = files.get(kind.path(failure.full_name))
    paths = _paths(sent, kind, failure.full_name)
    named = _named(kind, failure, content, paths)
    place = _place(sent, kind, failure.full_name, paths.get(named or ""))
    part = None if kind is not MetadataType.CHANNEL or paths is not kind.yaml_paths else _foreign_part(named, known)
    meaning = _meaning(known) if part is None else _foreign_meaning(part, known)
    return Problem(failure.problem, meaning, kind.address(failure.full_name), place)


def _paths(sent: SentPackage, kind: MetadataType, full_name: str) -> Mapping[str, YamlPath]:
    """Return the YAML path of each element; all of a channel that is created is declared."""
    created = any(
        (change.type, change.full_name, change.action) == (MetadataType.CHANNEL, full_name, Action.CREATE)
        for change in sent.changes
    )
    return {**kind.yaml_paths, **CHANNEL_CREATION} if created and kind is MetadataType.CHANNEL else kind.yaml_paths


def _kind_of(failure: DeployProblem) -> MetadataType | None:
    by_type = (kind for kind in (*TYPES, *OTHER_TYPES) if kind.xml_name == failure.component_type)
    by_file = (kind for kind in (*TYPES, *OTHER_TYPES) if failure.file_name.endswith(f".{kind.suffix}"))
    return next(by_type, None) or next(by_file, None)


def _named(
    kind: MetadataType, failure: DeployProblem, content: bytes | None, paths: Mapping[str, YamlPath]
) -> str | None:
    """Return the element that the refusal names: in its text, else on its line; None if it names none."""
    elements = _elements(kind, content)
    ours = [name for name in paths if name not in _TOO_COMMON]
    candidates = dict.fromkeys([*ours, *(name for _, name in elements if name not in kind.containers | _TOO_COMMON)])
    words = set(re.findall(r"\w+", failure.problem))
    in_text = [name for name in candidates if name in words and any(letter.isupper() for letter in name)]
    if in_text:
        return in_text[0]
    return next((name for line, name in elements if line == failure.line and name not in kind.containers), None)


def _elements(kind: MetadataType, content: bytes | None) -> list[tuple[int, str]]:
    """Return line and name of each element of a file; an element inside an unmanaged part counts as that part."""
    if content is None:
        return []
    root = etree.fromstring(content)
    within = (element for element in root.iter(etree.Element) if element is not root)
    return [(cast("int", element.sourceline), _part_of(kind, element)) for element in within]


def _part_of(kind: MetadataType, element: etree._Element) -> str:
    """Return the name of the element, or of the element around it if both are one part."""
    names = [etree.QName(each).localname for each in (element, *element.iterancestors())][:-1]
    inside = [name for name in names if name not in kind.containers]
    top = inside[-1] if inside else names[0]
    return names[0] if top in {row.xml[-1] for row in kind.entries} else top


def _foreign_part(named: str | None, known: RefusalText) -> str | None:
    """Return the unmanaged part of an existing channel that the refusal names; None if it names none."""
    if known.cause in _NO_COMPONENT or named in MetadataType.CHANNEL.yaml_paths:
        return None
    return known.part or named


def _foreign_meaning(part: str, known: RefusalText) -> str:
    said = f" {known.meaning_of_ours}" if known.cause is not Cause.UNKNOWN else ""
    return f"{_FOREIGN.format(part=part)}{said}"


def _meaning(known: RefusalText) -> str:
    said = known.meaning_of_ours
    return said if NOTHING_APPLIED in said else f"{said} {NOTHING_APPLIED}"


def _place(sent: SentPackage, kind: MetadataType, name: str, path: YamlPath | None) -> Location | None:
    thing = sent.estate.components(kind).get(name)
    if thing is None:  # the place of a deletion is its entry under `removed`
        return next((each.declared_at for each in sent.changes if (each.type, each.full_name) == (kind, name)), None)
    return (thing.places.of(*path) if path else None) or thing.places.own
