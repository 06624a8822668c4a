"""Found by ``declaration.key_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="key-file-outside",
    severity=Severity.ERROR,
    what="A key's path leads out of the declaration's folder.",
    why="""
        What is deployed is what is in the reviewed folder, links resolved. A path that leads elsewhere could
        also make a pull request read any file of the machine that checks it.
    """,
    fix="Copy the certificate or the public JWK into the folder.",
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
          shop:
            certificate: keys/../../elsewhere.crt  # wrong
            kid: shop-1
    """,
)
