"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-duplicate-key",
    severity=Severity.ERROR,
    what="A field or a name stands twice in one mapping.",
    why="""
        Most YAML readers silently keep the last one. A key or a channel that was declared twice, often by a
        merge in git, would then be deployed as only one of its halves. Source: YAML 1.2.2 §3.2.1.1.
    """,
    fix="Keep one of the two.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com
          app: https://app.example.com
    """,
    bad="""
        version: 1
        issuers:
          shop: https://id.example.com
          shop: https://app.example.com  # wrong
    """,
)
