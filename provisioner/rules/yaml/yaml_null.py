"""Found while checking the shape (``declaration.shape``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-null",
    severity=Severity.ERROR,
    what="Nothing stands after a colon, or the value is null.",
    why="""
        Empty could mean "leave it to the org" or "none", and these are far apart: the second deletes. A field
        that is left out is not managed; `{}` or `[]` means none; null has a meaning only in overrides, where it
        removes an entry.
    """,
    fix="Write a value; `{}` or `[]` for none; or remove the field.",
    good="""
        version: 1
        keys: {}
    """,
    bad="""
        version: 1
        keys:  # wrong
    """,
)
