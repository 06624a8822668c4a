"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-member-missing",
    severity=Severity.ERROR,
    what="A JWK lacks kty, kid, alg or x5c, or one of them is empty or not text.",
    why="""
        Salesforce requires these four. A key without x5c was seen to be taken and then to verify nothing,
        without any message. Source: Salesforce Help, "Troubleshooting User Verification".
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
