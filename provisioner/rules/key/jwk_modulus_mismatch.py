"""Found by ``keys.rsa_jwk``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="jwk-modulus-mismatch",
    severity=Severity.ERROR,
    what="A JWK's n or e is not the certificate's.",
    why="""
        The file was put together from two keys. Which of them Salesforce verifies with cannot be told from
        outside, and one half of the tokens' signers will be refused. Source: Salesforce Help, "Troubleshooting
        User Verification"; RFC 7517 §4.7: the key in the first certificate must match.
    """,
    fix="Make the JWK from the certificate of the key that signs.",
    good="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "xGn…", "e": "AQAB"}
    """,
    bad="""
        # config/keys/shop.jwk.json
        {"kty": "RSA", "kid": "shop-1", "alg": "RS256", "use": "sig", "x5c": ["MII…"], "n": "other-xGn…",
         "e": "AQAB"}
    """,
)
