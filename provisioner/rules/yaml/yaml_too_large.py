"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-too-large",
    severity=Severity.ERROR,
    what="The file is larger than 8 MiB.",
    why="""
        No declaration that people review is near that size. Something else was saved under its name, or a
        program wrote without end.
    """,
    fix="Split off what is not configuration.",
    good="""
        version: 1
    """,
    bad="""
        version: 1
        # followed by 8 MiB of anything
    """,
)
