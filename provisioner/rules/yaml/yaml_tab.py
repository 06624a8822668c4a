"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-tab",
    severity=Severity.ERROR,
    what="A tab stands where YAML takes spaces only.",
    why="""
        Editors show a tab as any number of columns, so an indentation by tabs does not say what belongs to
        what. Source: YAML 1.2.2 §6.1.
    """,
    fix="Indent with spaces.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com
    """,
    bad="""
        version: 1
        issuers:
        \tshop: https://id.example.com  # wrong
    """,
)
