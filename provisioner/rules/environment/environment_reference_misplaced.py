"""Found while reading the files (``declaration.environments``, ``declaration.variables``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="environment-reference-misplaced",
    severity=Severity.ERROR,
    what="A ${…} reference stands where none may stand.",
    why="""
        Secrets are looked up in few places only, so that a reader sees at once what a file can reach; and what
        would be sent to an org must be in the reviewed files. ${env:}, ${file:} and ${command:} are the whole
        value of username, consumer_key, private_key, private_key_passphrase, or of key_file under verify;
        ${var:} stands in the declaration and in overrides.
    """,
    fix="Write the value itself, or move the reference to where it may stand.",
    good="""
        version: 1
        issuers:
          shop: ${var:issuer}
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        variables:
          issuer: https://uat.example.com
    """,
    bad="""
        version: 1
        issuers:
          shop: ${env:ISSUER}  # wrong
        # config/environments/sandbox.yaml
        embedded_org: .localorg
    """,
)
