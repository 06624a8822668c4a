"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-is-public-key",
    severity=Severity.ERROR,
    what="A bare public key stands where a certificate belongs.",
    why="""
        Salesforce requires the whole certificate (x5c), with its dates; a bare public key has none. Source:
        Salesforce Help, "Troubleshooting User Verification".
    """,
    fix="Name the certificate: a file that begins with -----BEGIN CERTIFICATE-----.",
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
            certificate: keys/shop.pub  # wrong
            kid: shop-1
    """,
)
