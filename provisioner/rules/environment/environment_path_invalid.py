"""Found while reading an environment file (``declaration.environments``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="environment-path-invalid",
    severity=Severity.ERROR,
    what="The text of embedded_org or ca_bundle cannot be a path.",
    why="""
        A path is relative to the environment file, or begins with / or with ~ for a home folder. It has no NUL
        character, and a user that ~NAME names has a home folder on the machine that the command runs on.
    """,
    fix="Write a path relative to this file.",
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: ~no-such-user-of-the-example/org  # wrong
    """,
)
