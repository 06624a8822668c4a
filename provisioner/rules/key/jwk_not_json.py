"""Found by ``keys.jwk_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-not-json",
    severity=Severity.ERROR,
    what="A JWK file is not a JSON object.",
    why="""
        Salesforce takes a key as one JSON object. What cannot be read strictly (RFC 8259: UTF-8, no NaN, no
        comments, no comma at the end) another reader may read as something else. Source: Salesforce Help,
        "Troubleshooting User Verification".
    """,
    fix="Name a file that holds one JWK: a JSON object with kty, kid, alg and x5c.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"],}
    """,
)
