"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-merge-key",
    severity=Severity.ERROR,
    what="A merge key (`<<`) stands in the file.",
    why="""
        Merge keys are an extension of YAML 1.1 that YAML 1.2 dropped; readers disagree about them. What an
        environment changes belongs in its `overrides`, where every value keeps its place.
    """,
    fix="Write the fields out, or use overrides in the environment file.",
    good="""
        version: 1
        channels:
          Web_Chat:
            token_expiration_minutes: &minutes {verified: 60}
          App_Chat:
            token_expiration_minutes: *minutes
    """,
    bad="""
        version: 1
        channels:
          Web_Chat: &chat
            token_expiration_minutes: {verified: 60}
          App_Chat:
            <<: *chat  # wrong
    """,
)
