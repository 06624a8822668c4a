"""Found by ``keys.jwk_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-placeholders",
    severity=Severity.WARNING,
    what="A JWK has the placeholder members of Salesforce's own tool.",
    why="""
        The key-command-line-utility writes y, crv, d and k, each with its own name as value. They mean nothing,
        but d and k are names of private members and alarm every scanner. They are not sent.
    """,
    fix="Remove them from the file; `provisioner diagnose key FILE --repair` writes it as it should be.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…",
         "e": "AQAB", "y": "y", "crv": "crv", "d": "d", "k": "k"}
    """,
)
