"""Labels of keys and keysets."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule

LONGEST = 80

RULE = Rule(
    id="label-length",
    severity=Severity.ERROR,
    what="A label is empty, or longer than 80 characters.",
    why="""
        Salesforce requires a label (Metadata API Developer Guide: masterLabel). On other components it holds 80
        characters, and more is not proven for keys and keysets. If the field is omitted, the label is the API name
        with spaces.
    """,
    fix="Write 1 to 80 characters, or remove `label`; `description` has room for more.",
    good="""
        version: 1
        keys:
          shop:
            label: Shop 2026
            certificate: keys/shop.crt
            kid: shop-1
    """,
    bad="""
        version: 1
        keys:
          shop:
            label: ""  # wrong
            certificate: keys/shop.crt
            kid: shop-1
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    estate = context.estate
    for kind, things in (("key", estate.keys), ("keyset", estate.keysets)):
        for name, thing in things.items():
            label = thing.label
            if label is None or is_open(label) or 0 < len(label) <= LONGEST:
                continue
            problem = f"has {len(label)} characters; the maximum is {LONGEST}" if label else "is empty"
            yield RULE.finding(f"The label {problem}.", thing.places.of("label"), f"{kind}.{name}")
