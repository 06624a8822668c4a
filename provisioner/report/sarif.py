"""Findings as SARIF 2.1.0, for code scanning.

Source: OASIS SARIF 2.1.0 (errata 01); GitHub, "SARIF support for code scanning": a result needs a place to be shown,
and ``primaryLocationLineHash`` is the one fingerprint that is compared between two runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from provisioner.diagnostics import Diagnostic, Location
from provisioner.report.findings import placed
from provisioner.report.json import Json
from provisioner.report.pages import published, rule_page
from provisioner.report.visible import visible
from provisioner.rules.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: The root of relative paths; the reader of the file knows its place.
_ROOT = "%SRCROOT%"


def findings_sarif(
    findings: Iterable[Diagnostic],
    rules: Sequence[Rule],
    *,
    version: str,
    relative: Callable[[str], str],
    fallback_file: str,
    address: str | None = None,
) -> Json:
    """Return one run with all ``rules`` and one result for each finding. ``address`` is the tool's, if it has one.

    ``relative`` makes a shown path relative to the sources' root; a finding without a place is put at the head of
    ``fallback_file``.
    """
    indexes = {rule.id: index for index, rule in enumerate(rules)}
    results = []
    for each in placed(findings, relative, fallback_file):
        finding = each.finding
        result: Json = {
            "ruleId": finding.rule,
            "level": finding.severity.value,
            "message": {"text": f"{visible(finding.message)} Fix: {visible(finding.fix)}"},
            "locations": [_location(each.place, each.path, finding.address)],
            "partialFingerprints": {"primaryLocationLineHash": f"{each.hash}:{each.number}"},
            "properties": {"environments": list(finding.environments), "address": finding.address},
        }
        if finding.rule in indexes:
            result["ruleIndex"] = indexes[finding.rule]
        results.append(result)
    driver: Json = {"name": "provisioner", "version": version, "rules": [_rule(rule) for rule in rules]}
    if address is not None:
        driver["informationUri"] = address
    run: Json = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Json:
    page = published(rule_page(rule.id))
    help_uri = {"helpUri": page} if page else {}
    examples = f"Wrong:\n\n{_yaml(rule.bad)}\n\nRight:\n\n{_yaml(rule.good)}"
    return {
        "id": rule.id,
        **help_uri,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": rule.severity.value},
        "help": {
            "text": f"{rule.why}\n\nFix: {rule.fix}",
            "markdown": f"{rule.why}\n\n**Fix:** {rule.fix}\n\n{examples}",
        },
    }


def _yaml(text: str) -> str:
    return f"```yaml\n{text}\n```"


def _location(place: Location, uri: str, address: str | None) -> Json:
    region: Json = {"startLine": place.line, "startColumn": place.column}
    if place.end_line is not None:
        region["endLine"] = place.end_line
    if place.end_column is not None:
        region["endColumn"] = place.end_column
    location: Json = {"physicalLocation": {"artifactLocation": _artifact(uri), "region": region}}
    if address is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": address}]
    return location


def _artifact(uri: str) -> Json:
    if uri.startswith("/"):  # outside of the sources
        return {"uri": f"file://{quote(uri)}"}
    if uri[1:3] == ":/":  # and on a drive of Windows
        return {"uri": f"file:///{quote(uri, safe='/:')}"}
    return {"uri": quote(uri), "uriBaseId": _ROOT}
