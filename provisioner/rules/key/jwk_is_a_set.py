"""Found by ``keys.jwk_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-is-a-set",
    severity=Severity.ERROR,
    what="A JWK file holds a set of keys (a JWKS, or an array).",
    why="""
        Each key is a component of its own in the org and is uploaded on its own; a set is refused. Source:
        Salesforce Help, "Troubleshooting User Verification": keys cannot be uploaded in one JSON array.
    """,
    fix="Put each JWK into a file of its own and declare each under `keys`.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"keys": [{"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…",
         "e": "AQAB"}]}
    """,
)
