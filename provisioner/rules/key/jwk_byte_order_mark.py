"""Found by ``keys.jwk_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-byte-order-mark",
    severity=Severity.WARNING,
    what="A JWK file begins with a byte order mark.",
    why="""
        JSON has none (RFC 8259 §8.1). It is dropped here; uploaded by hand in Setup, such a file may be refused
        for no visible reason.
    """,
    fix="Save the file as UTF-8 without a byte order mark.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        \ufeff{"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
)
