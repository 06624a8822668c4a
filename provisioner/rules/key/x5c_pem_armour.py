"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="x5c-pem-armour",
    severity=Severity.ERROR,
    what="A JWK's x5c holds the PEM lines (-----BEGIN CERTIFICATE-----).",
    why="""
        x5c takes the certificate's DER in base64 alone (RFC 7517 §4.7). Source: Salesforce Help,
        "Troubleshooting User Verification": the PEM lines are added only for testing a certificate with
        keytool.
    """,
    fix="Leave the PEM lines and the line breaks out.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig",
         "x5c": ["-----BEGIN CERTIFICATE-----\\nMII…\\n-----END CERTIFICATE-----"], "n": "xGn…", "e": "AQAB"}
    """,
)
