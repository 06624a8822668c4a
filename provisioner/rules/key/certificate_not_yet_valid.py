"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-not-yet-valid",
    severity=Severity.ERROR,
    what="A key's certificate is not valid yet.",
    why="""
        An upload needs a certificate that is valid, and a signature is not trusted before its certificate is.
        From the plan on it stops only a key that would be sent. Source: Salesforce Help, "Troubleshooting User
        Verification".
    """,
    fix="Wait until then, or have it issued with an earlier start; check this machine's clock, too.",
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
            certificate: keys/next-year.crt  # wrong
            kid: shop-1
    """,
)
