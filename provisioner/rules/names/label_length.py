"""Labels of keys and keysets."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Key, Keyset
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule
from provisioner.rules.values import length_problem

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
    labelled: list[Key | Keyset] = [*context.estate.keys.values(), *context.estate.keysets.values()]
    for component in labelled:
        problem = length_problem(component.label, LONGEST) if component.label is not None else None
        if problem is not None:
            yield RULE.finding(f"The label {problem}.", component.places.of("label"), component.address)
