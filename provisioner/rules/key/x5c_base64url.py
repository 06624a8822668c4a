"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="x5c-base64url",
    severity=Severity.ERROR,
    what="A JWK's x5c is base64url.",
    why="""
        Everything else in a JWK is base64url, but x5c is standard base64 (RFC 7517 §4.7: not
        base64url-encoded): with +, / and = at the end.
    """,
    fix="Write standard base64: + instead of -, / instead of _, and = at the end.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII-…"], "n": "xGn…", "e": "AQAB"}
    """,
)
