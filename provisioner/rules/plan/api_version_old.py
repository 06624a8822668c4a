"""Made by ``planning``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="api-version-old",
    severity=Severity.WARNING,
    what="api_version is below the newest that the org offers.",
    why="""
        Elements that came with a later version are not read at an earlier one, and a channel that is written
        back without them loses them. Apply therefore refuses to change channels at such a version, unless
        --allow-old-api is given.
    """,
    fix="Remove `api_version`, or raise it to the org's newest.",
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        api_version: "62.0"  # wrong
    """,
)
