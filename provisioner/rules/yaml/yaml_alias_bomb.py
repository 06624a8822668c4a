"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-alias-bomb",
    severity=Severity.ERROR,
    what="Aliases unfold to more than 100,000 values, the file to 200,000, or it is nested deeper than 100 levels.",
    why="""
        A few lines of aliases can unfold to more values than the machine has memory. A pull request must not be
        able to stop the machine that checks it.
    """,
    fix="Write the values out instead of nesting aliases.",
    good="""
        version: 1
        issuers:
          shop: &shop https://id.example.com
          app: *shop
    """,
    bad="""
        version: 1
        issuers: &all
          shop: *all  # wrong
    """,
)
