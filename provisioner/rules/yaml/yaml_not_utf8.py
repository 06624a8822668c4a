"""Found while reading YAML (``declaration.yaml_text``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="yaml-not-utf8",
    severity=Severity.ERROR,
    what="The file is not UTF-8.",
    why="""
        In another encoding the same bytes are other characters: a label would arrive in the org as something
        that nobody wrote. Windows editors and PowerShell's `>` write other encodings unasked.
    """,
    fix="Save the file as UTF-8.",
    good="""
        version: 1
        issuers:
          büro: https://id.example.com
    """,
    bad="""
        version: 1
        issuers:
          b\\xfcro: https://id.example.com  # wrong
    """,
)
