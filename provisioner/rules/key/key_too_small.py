"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="key-too-small",
    severity=Severity.ERROR,
    what="A key's modulus has less than 2048 bits.",
    why="""
        Salesforce asks for RSA keys of 2048 bits or more, and so does RFC 7518 §3.3. Source: Salesforce Help,
        "User Verification".
    """,
    fix="Make a new pair with `provisioner keys generate` (--bits 2048 or more).",
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
            certificate: keys/rsa-1024.crt  # wrong
            kid: shop-1
    """,
)
