"""Found while checking the shape (``declaration.shape``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="version-unsupported",
    severity=Severity.ERROR,
    what="The declaration's version is not 1.",
    why="""
        The version says what the fields mean. A file of a later version could mean something else by the same
        words, so it is not guessed at.
    """,
    fix="Write `version: 1`; for a later version, install a newer provisioner.",
    good="""
        version: 1
    """,
    bad="""
        version: 2  # wrong
    """,
)
