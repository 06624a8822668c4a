"""Found by ``keys.certificates``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="certificate-is-private-key",
    severity=Severity.ERROR,
    what="A private key stands where a certificate or a JWK belongs.",
    why="""
        A config directory is committed, reviewed and copied; with the private key anybody can sign tokens for
        any customer. Source: Salesforce Help, "Troubleshooting User Verification": don't use the private
        certificate.
    """,
    fix="Move the private key out of the config directory and name the certificate. "
    "If the file was ever committed or shared, make a new pair.",
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
            certificate: keys/shop.key  # wrong
            kid: shop-1
    """,
)
