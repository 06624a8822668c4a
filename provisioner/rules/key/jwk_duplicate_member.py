"""Found by ``keys.jwk_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-duplicate-member",
    severity=Severity.ERROR,
    what="A JWK file has a member twice.",
    why="""
        One reader takes the first of the two and another the last, so that the key that was reviewed need not
        be the key that verifies. Source: RFC 7517 §4: member names are unique.
    """,
    fix="Keep one of the two.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "kid": "shop-2", "alg": "RS256", "use": "sig", "x5c": ["MII…"],
         "n": "xGn…", "e": "AQAB"}
    """,
)
