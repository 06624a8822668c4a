"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-modulus-missing",
    severity=Severity.WARNING,
    what="A JWK lacks n or e.",
    why="""
        They stand in the certificate as well and are filled in from there before the key is sent. Salesforce's
        own sample has them (RFC 7518 §6.3.1 requires them).
    """,
    fix="Nothing need be done; `provisioner diagnose key FILE --repair` writes them into the file.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"]}
    """,
)
