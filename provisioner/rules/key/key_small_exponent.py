"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="key-small-exponent",
    severity=Severity.WARNING,
    what="A key's public exponent is smaller than 65537.",
    why="""
        Mistakes in padding that are harmless with 65537 let signatures be forged with 3 (Bleichenbacher's
        attack of 2006). NIST FIPS 186-5 asks for more than 65536.
    """,
    fix="Make a new pair with `provisioner keys generate` when you next rotate.",
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
            certificate: keys/exponent-3.crt  # wrong
            kid: shop-1
    """,
)
