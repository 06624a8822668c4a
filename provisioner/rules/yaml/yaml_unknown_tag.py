"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-unknown-tag",
    severity=Severity.ERROR,
    what="A value has a YAML tag that is not known here.",
    why="""
        Tags are how other programs load objects, files and secrets from YAML. Here only plain values are read;
        a tag that was passed over would mean something else than its writer thought. Source: YAML 1.2.2 §10.3.
    """,
    fix="Remove the tag and write the plain value; ${var:NAME} stands for a value that differs by environment.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com
    """,
    bad="""
        version: 1
        issuers:
          shop: !ENV ISSUER  # wrong
    """,
)
