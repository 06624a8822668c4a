"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-ends-within-30-days",
    severity=Severity.WARNING,
    what="A key's certificate is valid for less than thirty days.",
    why="""
        Within twenty days it can no longer be uploaded, to a second org or after a mistake, and a rotation
        needs time: both keys side by side until the last old token has ended. Source: Salesforce Help,
        "Troubleshooting User Verification" (ten days).
    """,
    fix="Plan its rotation now: put a new key, with a new name and kid, beside it; switch the signer; then retire it.",
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
            certificate: keys/ends-in-29-days.crt  # wrong
            kid: shop-1
    """,
)
