"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="x5c-not-array",
    severity=Severity.ERROR,
    what="A JWK's x5c is not an array of texts, or an empty one.",
    why="""
        x5c is an array even for one certificate (RFC 7517 §4.7): the key's own certificate first, then those
        that vouch for it, if any. Salesforce reads the first.
    """,
    fix='Write an array with the certificate as one text: "x5c": ["MII…"].',
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": "MII…", "n": "xGn…", "e": "AQAB"}
    """,
)
