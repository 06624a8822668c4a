"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-multiple-documents",
    severity=Severity.ERROR,
    what="The file holds more than one YAML document.",
    why="""
        Everything behind a second `---` would be left out without a word, and with it keys or channels that
        somebody thinks are declared. Source: YAML 1.2.2 §9.2.
    """,
    fix="Keep one document: remove the `---` line and what does not belong.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com
    """,
    bad="""
        version: 1
        ---  # wrong
        issuers:
          shop: https://id.example.com
    """,
)
