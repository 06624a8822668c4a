"""Found by ``keys.jwk_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-kty",
    severity=Severity.ERROR,
    what="A JWK is not an RSA key.",
    why="""
        User verification knows RS256 and RS512 only, and both need an RSA key of 2048 bits or more. Source:
        Salesforce Help, "Troubleshooting User Verification"; RFC 7518 §6.
    """,
    fix="Make an RSA pair with `provisioner keys generate`.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "EC", "kid": "shop-1", "alg": "ES256", "use": "sig", "crv": "P-256", "x": "f83O…", "y": "x_FE…"}
    """,
)
