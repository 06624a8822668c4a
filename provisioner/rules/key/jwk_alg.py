"""Found by ``keys.rsa_jwk`` and ``keys.material``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-alg",
    severity=Severity.ERROR,
    what="A key's algorithm is not RS256 or RS512.",
    why="""
        The algorithm must be the one that the tokens are signed with, and Salesforce verifies these two only.
        Source: Salesforce Help, "Set Up Token-Based User Verification"; names: RFC 7518 §3.1.
    """,
    fix="Sign tokens with RS256 or RS512, and write that here.",
    good="""
        version: 1
        keys:
          shop:
            certificate: keys/shop.crt
            kid: shop-1
            algorithm: RS512
    """,
    bad="""
        version: 1
        keys:
          shop:
            certificate: keys/shop.crt
            kid: shop-1
            algorithm: PS256  # wrong
    """,
)
