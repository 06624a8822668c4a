"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-not-rsa",
    severity=Severity.ERROR,
    what="A certificate's key is not RSA.",
    why="""
        User verification knows RS256 and RS512 only, and both need an RSA key. Source: Salesforce Help,
        "Troubleshooting User Verification"; RFC 7518 §3.1.
    """,
    fix="Make an RSA pair with `provisioner keys generate`.",
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
            certificate: keys/ec.crt  # wrong
            kid: shop-1
    """,
)
