"""API names of the components that this program creates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.estate import Channel, Deployment
from provisioner.model.names import LONGEST
from provisioner.model.types import TYPES, MetadataType
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

_SHAPE = re.compile(r"[A-Za-z](_?[A-Za-z0-9])*")

RULE = Rule(
    id="name-invalid",
    severity=Severity.ERROR,
    what="Salesforce refuses the API name of a key, of a keyset, or of a channel or a deployment to create.",
    why="""
        An API name has only ASCII letters, digits and underscores, begins with a letter, does not end with an
        underscore, has no two of them in a row, and has at most 80 characters (Metadata API Developer Guide,
        the rule for DeveloperName). The name of an existing channel or deployment only has to exist in the org.
    """,
    fix="Choose a name such as storefront_2026_11; the label allows any character.",
    good="""
        version: 1
        keys:
          shop_2026:
            certificate: keys/shop.crt
            kid: shop-2026
    """,
    bad="""
        version: 1
        keys:
          shop-2026:  # wrong
            certificate: keys/shop.crt
            kid: shop-2026
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    estate = context.estate
    for kind in (*TYPES, MetadataType.DEPLOYMENT):
        for name, component in estate.components(kind).items():
            is_created = not isinstance(component, Channel | Deployment) or component.create is not None
            if is_created and (problem := name_problem(name)) is not None:
                message = f"Salesforce refuses {excerpt(name)} as the API name of a {kind.word}: {problem}."
                yield RULE.finding(message, component.places.own, component.address)


def name_problem(name: str) -> str | None:
    """Return the reason why Salesforce refuses an API name, as the end of a sentence; None if it does not."""
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, but the maximum is {LONGEST}"
    if _SHAPE.fullmatch(name):
        return None
    wrong = next((character for character in name if not re.fullmatch(r"[A-Za-z0-9_]", character)), None)
    if wrong is not None:
        return f"it contains {wrong!r}, but only letters, digits and underscores are allowed"
    if not re.match(r"[A-Za-z]", name):
        return "it does not begin with a letter"
    return "it ends with an underscore" if name.endswith("_") else "it has two underscores in a row"
