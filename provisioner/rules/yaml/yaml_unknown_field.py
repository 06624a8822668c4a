"""Found while checking the shape (``declaration.shape``, ``declaration.environments``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-unknown-field",
    severity=Severity.ERROR,
    what="A field has a name that is not known at its place.",
    why="""
        A misspelt field that is passed over is the worst kind of configuration: it looks set and is not. The
        schema of both kinds of file comes from `provisioner schema`; with it, editors mark such a field while
        it is typed.
    """,
    fix="Correct the name, or remove the field.",
    good="""
        version: 1
        keys:
          shop:
            certificate: keys/shop.crt
            kid: shop-1
    """,
    bad="""
        version: 1
        keys:
          shop:
            certificat: keys/shop.crt  # wrong
            kid: shop-1
    """,
)
