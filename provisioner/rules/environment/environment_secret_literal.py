"""Found while reading an environment file (``declaration.environments``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="environment-secret-literal",
    severity=Severity.ERROR,
    what="A secret stands in an environment file itself.",
    why="""
        Environment files are committed and reviewed. A private key in git is everybody's who ever clones it,
        and stays in its history. A path or another program's reference leaks nothing, and is not resolved either.
    """,
    fix="Write ${env:NAME}, ${file:PATH} or ${command:WORDS}; if this file was ever shared, replace the secret.",
    good="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: ${env:SF_UAT_CONSUMER_KEY}
        private_key: ${file:~/.secrets/uat.key}
        private_key_passphrase: ${env:SF_UAT_KEY_PASSPHRASE}
    """,
    bad="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: ${env:SF_UAT_CONSUMER_KEY}
        private_key: ${file:~/.secrets/uat.key}
        private_key_passphrase: letmein  # wrong
    """,
)
