"""Pinned API versions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

#: Older versions have no metadata types for keys and keysets, and their channels have no verification part.
OLDEST = 62
_SHAPE = re.compile(r"[1-9][0-9]{0,3}\.0")

RULE = Rule(
    id="api-version-invalid",
    severity=Severity.ERROR,
    what="api_version is not of the form N.0, or is below 62.0.",
    why="""
        Before 62.0 an org silently omits the verification part of a channel when it is read, so a later write would
        lose it. Source: Metadata API Developer Guide, PublicKeyCertificate:
        available from API version 62.0.
    """,
    fix='Write "62.0" or later, in quotes, or remove `api_version` to use the newest version of the org.',
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        api_version: "67.0"
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        api_version: "61.0"  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    version = environment.api_version if environment is not None else None
    if environment is None or version is None:
        return
    at = environment.places.of("api_version")
    if not _SHAPE.fullmatch(version):
        yield RULE.finding(f"{version!r} is not an API version.", at)
    elif int(version.partition(".")[0]) < OLDEST:
        yield RULE.finding(f"The API version {version} does not know keys and keysets; they came with {OLDEST}.0.", at)
