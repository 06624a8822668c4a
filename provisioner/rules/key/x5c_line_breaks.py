"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="x5c-line-breaks",
    severity=Severity.ERROR,
    what="A JWK's x5c has white space or line breaks in it.",
    why="""
        The base64 stands on one line; RFC 4648 §3.1 allows no line breaks where nothing says so, and RFC 7517
        §4.7 does not.
    """,
    fix="Write the base64 on one line, without blanks.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…\\n"], "n": "xGn…", "e": "AQAB"}
    """,
)
