"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-use",
    severity=Severity.WARNING,
    what="A JWK's use is absent, or not sig.",
    why="""
        The member says what the key is for; all samples of Salesforce have `sig`. A key for encryption that
        verifies signatures is most likely the wrong key. Source: RFC 7517 §4.2.
    """,
    fix='Write "use": "sig", once it is clear that this key signs.',
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
)
