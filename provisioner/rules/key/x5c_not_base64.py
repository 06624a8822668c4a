"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="x5c-not-base64",
    severity=Severity.ERROR,
    what="A JWK's x5c is not standard base64.",
    why="""
        It has other characters, or its padding is missing: it was cut off or changed on its way (RFC 4648 §4).
    """,
    fix="Write the certificate's DER as standard base64, with = at the end.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…*"], "n": "xGn…", "e": "AQAB"}
    """,
)
