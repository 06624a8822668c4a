"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-member-missing",
    severity=Severity.ERROR,
    what="A JWK lacks kty, kid, alg or x5c, or one of them is empty or not text.",
    why="""
        Salesforce requires these four. It is reported, not proven, that an org takes a key without x5c and then
        verifies nothing with it, silently. Source: Salesforce Help, "Troubleshooting User Verification".
    """,
    fix="Add the member; `provisioner keys inspect FILE` shows what a file holds.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
)
