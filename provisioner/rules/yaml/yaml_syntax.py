"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-syntax",
    severity=Severity.ERROR,
    what="The file is not YAML.",
    why="""
        Nothing in the file can be trusted where its text cannot be read, so nothing of it is used. Source: YAML
        1.2.2.
    """,
    fix="Check quotes, colons and indentation at the place, and on the line above it.",
    good="""
        version: 1
        issuers:
          shop: "https://id.example.com"
    """,
    bad="""
        version: 1
        issuers:
          shop: "https://id.example.com" /  # wrong
    """,
)
