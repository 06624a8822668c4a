"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-weak-signature",
    severity=Severity.WARNING,
    what="A certificate is signed with SHA-1 or MD5.",
    why="""
        Both are broken: a second certificate with the same signature can be made. Salesforce is not known to
        refuse it; security reviews do. Source: RFC 6151 (MD5), RFC 9155 (SHA-1).
    """,
    fix="Have it issued again with SHA-256, or make a new pair with `provisioner keys generate`.",
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
            certificate: keys/sha1.crt  # wrong
            kid: shop-1
    """,
)
