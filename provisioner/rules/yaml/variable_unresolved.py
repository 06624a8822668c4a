"""Found while replacing references (``declaration.variables``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="variable-unresolved",
    severity=Severity.ERROR,
    what="A ${var:NAME} cannot be replaced under an environment.",
    why="""
        The environment's file does not define the variable, or it holds a list where only text can stand. Sent
        as it is, `${var:issuer}` would become the issuer, and no token would ever match it.
    """,
    fix="Define the variable under variables in the environment file; a literal ${ is written $${.",
    good="""
        version: 1
        issuers:
          shop: ${var:issuer}
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        variables:
          issuer: https://uat.example.com
    """,
    bad="""
        version: 1
        issuers:
          shop: ${var:isuer}  # wrong
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        variables:
          issuer: https://uat.example.com
    """,
)
