"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-ends-within-10-days",
    severity=Severity.ERROR,
    what="A key's certificate is valid for less than ten days.",
    why="""
        Salesforce refuses an upload whose certificate ends within ten days. From the plan on it stops only a
        key that would be sent. Source: Salesforce Help, "Troubleshooting User Verification".
    """,
    fix="Make a new pair with `provisioner keys generate`, or have the certificate renewed.",
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
            certificate: keys/ends-in-9-days.crt  # wrong
            kid: shop-1
    """,
)
