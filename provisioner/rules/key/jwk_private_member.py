"""Found by ``keys.jwk_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-private-member",
    severity=Severity.ERROR,
    what="A JWK file holds private members.",
    why="""
        Whoever has d, p, q, dp, dq, qi, oth (RFC 7518 §6.3.2) or k can sign tokens for any customer. Salesforce
        needs the public part alone, and a config directory is committed and reviewed. The value is never shown.
    """,
    fix="Remove the private members. If the file was ever committed or shared, make a new pair and revoke this one.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…",
         "e": "AQAB", "d": "X4cTteJY_gn4FYPsXB8r"}
    """,
)
