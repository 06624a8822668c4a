"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-expired",
    severity=Severity.ERROR,
    what="A key's certificate has expired.",
    why="""
        Salesforce refuses its upload and names its expiry among what makes tokens fail. From the plan on it
        stops only a key that would be sent: an old key must not block the rotation that replaces it. Source:
        Salesforce Help, "Troubleshooting User Verification".
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
            certificate: keys/expired.crt  # wrong
            kid: shop-1
    """,
)
