"""Found while checking the shape (``declaration.shape``, ``declaration.environments``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-missing-field",
    severity=Severity.ERROR,
    what="A field is missing that must be there.",
    why="""
        Without it the entry says nothing that could be done: a configuration without a keyset verifies nobody,
        an environment without a login URL reaches no org.
    """,
    fix="Add the field.",
    good="""
        version: 1
        keysets:
          shop:
            issuer: https://id.example.com
            endpoint: https://id.example.com/jwks.json
        channels:
          Web_Chat:
            user_verification:
              configurations:
                shop_login: {keyset: shop}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat:
            user_verification:
              configurations:
                shop_login: {active: true}  # wrong
    """,
)
