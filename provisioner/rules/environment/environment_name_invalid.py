"""Found while listing the environment files (``declaration.load``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="environment-name-invalid",
    severity=Severity.ERROR,
    what="The name of an environment file has characters that an environment's name may not have.",
    why="""
        An environment's name is its file's name without .yaml. It is printed in logs and in commands to copy, and
        --env takes lists and globs of names. So it has only the letters A-Z and a-z, digits, dots, underscores and
        hyphens. A file of another name is not read.
    """,
    fix="Rename the file, for example to sandbox.yaml.",
    good="""
        # config/environments/sandbox-2.yaml
        embedded_org: .localorg
    """,
    bad="""
        # config/environments/sandbox+2.yaml
        embedded_org: .localorg
    """,
)
