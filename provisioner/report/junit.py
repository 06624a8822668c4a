"""Checks as JUnit XML, which Jenkins, GitLab, Azure Pipelines and GitHub's report actions read.

The format has no owner. The elements and attributes are those of the schema of Jenkins' xUnit plugin, junit-10.xsd. A
case fails exactly if it sets the command's exit status.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic
from provisioner.errors import ProvisionerError
from provisioner.report.errors import findings_of
from provisioner.report.visible import visible

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Result(Enum):
    """The outcome of a case; the value is its XML element, empty for a case that passed."""

    PASSED = ""
    FAILED = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One check: its name, its outcome, a sentence about it, and more lines of text."""

    name: str
    result: Result = Result.PASSED
    message: str = ""
    text: str = ""

    @property
    def fails(self) -> bool:
        return self.result in (Result.FAILED, Result.ERROR)


@dataclass(frozen=True, slots=True)
class Suite:
    """The checks of one environment, file or channel."""

    name: str
    cases: tuple[Case, ...]


def junit_xml(command: str, suites: Sequence[Suite]) -> str:
    """Return the document. A suite without cases gets one that passed: readers treat an empty one as a defect."""
    from xml.etree.ElementTree import (  # only writes: no foreign XML is parsed
        Element,
        SubElement,
        indent,
        tostring,
    )

    filled = [each if each.cases else Suite(each.name, (Case(each.name),)) for each in suites]
    cases = [case for suite in filled for case in suite.cases]
    root = Element("testsuites", {"name": visible(f"provisioner {command}"), **_counts(cases)})
    for suite in filled:
        skipped = str(sum(case.result is Result.SKIPPED for case in suite.cases))
        names = {"name": visible(suite.name), **_counts(suite.cases), "skipped": skipped}
        element = SubElement(root, "testsuite", names)
        for case in suite.cases:
            _add(element, case, f"{command}.{suite.name}")
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    """Return the attributes that a suite and the set of all suites share."""
    failures, errors = (sum(case.result is each for case in cases) for each in (Result.FAILED, Result.ERROR))
    return {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors)}


def _add(suite: Element, case: Case, group: str) -> None:
    from xml.etree.ElementTree import SubElement

    element = SubElement(suite, "testcase", {"name": visible(case.name), "classname": visible(group), "time": "0"})
    text = "\n".join(map(visible, filter(None, (case.message, *case.text.splitlines()))))
    if case.result is not Result.PASSED:
        outcome = SubElement(element, case.result.value, {"message": visible(case.message)})
        if case.result is not Result.SKIPPED:
            outcome.set("type", case.result.value)
            outcome.text = text
    elif text:
        SubElement(element, "system-out").text = text


def error_suites(error: ProvisionerError) -> list[Suite]:
    """Return one suite for a command that an error stopped."""
    return [Suite("error", tuple(error_cases(error)))]


def validate_suites(findings: Sequence[Diagnostic], *, strict: bool) -> list[Suite]:
    """Return one suite with a case for each finding. Warnings fail only if ``strict``."""
    cases = tuple(finding_case(each, fails=strict or each.is_error) for each in findings)
    return [Suite("declaration", cases)]


def case_of(name: str, fails: bool, message: str, *text: str) -> Case:
    """Return a case that fails or passes."""
    return Case(name, Result.FAILED if fails else Result.PASSED, message, "\n".join(text))


def finding_case(finding: Diagnostic, *, fails: bool) -> Case:
    """Return the case of a finding."""
    name = " ".join(filter(None, (finding.rule, finding.address)))
    where = [f"At: {finding.location}"] if finding.location else []
    if finding.environments:
        where.append(f"In: {', '.join(finding.environments)}")
    return case_of(name, fails, finding.message, f"Fix: {finding.fix}", *where)


def error_cases(error: ProvisionerError, name: str = "") -> list[Case]:
    """Return a case for the error, and one for each finding in it."""
    own = Case(name or error.code, Result.ERROR, error.message, f"Next: {error.next}")
    return [own, *(finding_case(each, fails=each.is_error) for each in findings_of(error))]
