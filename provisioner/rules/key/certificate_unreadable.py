"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-unreadable",
    severity=Severity.ERROR,
    what="A certificate cannot be read.",
    why="""
        Salesforce takes the public key, and the dates it is valid for, from the X.509 certificate (RFC 5280).
        Source: Salesforce Help, "Troubleshooting User Verification": `keytool -printcert -file FILE` must print
        it.
    """,
    fix="Name the certificate: a file that begins with -----BEGIN CERTIFICATE-----, or its DER.",
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
            certificate: keys/request.csr  # wrong
            kid: shop-1
    """,
)
