"""Found while checking the shape (``declaration.shape``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-wrong-type",
    severity=Severity.ERROR,
    what="A value is of another kind than the field takes: text, a number, true or false, a list, a mapping.",
    why="""
        Values are never bent into shape: `yes` is text in YAML 1.2, and a kid of `0123` is a number that would
        lose its zero. Source: YAML 1.2.2 §10.3 (core schema).
    """,
    fix="Write the kind of value that is named; text that looks like a number goes in quotes.",
    good="""
        version: 1
        keys:
          shop: {active: true, certificate: keys/shop.crt, kid: "0123"}
    """,
    bad="""
        version: 1
        keys:
          shop: {active: yes, certificate: keys/shop.crt, kid: "0123"}  # wrong
    """,
)
