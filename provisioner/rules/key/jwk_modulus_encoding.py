"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-modulus-encoding",
    severity=Severity.ERROR,
    what="A JWK's n or e is not base64url without padding.",
    why="""
        The numbers are big-endian octets in base64url (RFC 7518 §2 and §6.3.1): - and _ instead of + and /, and
        no = at the end. Source: Salesforce Help, "Troubleshooting User Verification".
    """,
    fix="Remove `n` and `e`: they are filled in from the certificate.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB="}
    """,
)
