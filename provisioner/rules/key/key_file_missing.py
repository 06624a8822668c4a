"""Found by ``declaration.key_files``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="key-file-missing",
    severity=Severity.ERROR,
    what="A key's file cannot be read.",
    why="""
        Paths are relative to the folder of the declaration. Files are read with the rights of whoever runs the
        command; in CI, only what is committed is there.
    """,
    fix="Check the path and the file's permissions.",
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
            certificate: keys/shap.crt  # wrong
            kid: shop-1
    """,
)
