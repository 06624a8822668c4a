"""Found by ``keys.material``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="key-kid-missing",
    severity=Severity.ERROR,
    what="A key has a certificate and no kid.",
    why="""
        Tokens name their key by the kid in their header, and a certificate has none. A JWK file carries its
        own. Source: RFC 7517 §4.5.
    """,
    fix="Add `kid:` with the key id that the tokens' header will carry.",
    good="""
        version: 1
        keys:
          shop:
            certificate: keys/shop.crt
            kid: shop-1
    """,
    bad="""
        version: 1
        keys:
          shop:  # wrong
            certificate: keys/shop.crt
    """,
)
