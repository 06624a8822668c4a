"""Names that differ only by upper and lower case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.estate import External, Removed
from provisioner.model.types import TYPES, MetadataType
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="name-differs-by-case",
    severity=Severity.ERROR,
    what="Two names of one kind differ only by upper and lower case.",
    why="""
        It is not documented whether an org tells such API names apart. If it does not, the second component
        overwrites the first, or a deletion takes the wrong one away. People do not tell them apart either.
    """,
    fix="Give one of the two another name; if both mean one component, keep the spelling that the org has.",
    good="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1}
          shop_2: {certificate: keys/other.crt, kid: shop-2}
    """,
    bad="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1}
          Shop_1: {certificate: keys/other.crt, kid: shop-2}  # wrong
    """,
)
Named = tuple[str, Location | None]


def check(context: RuleInput) -> Iterator[Diagnostic]:
    estate = context.estate
    for kind in (*TYPES, MetadataType.DEPLOYMENT):
        declared = [(name, component.places.own) for name, component in estate.components(kind).items()]
        yield from _conflicts(kind.word, [*declared, *_listed(estate.external, kind), *_listed(estate.removed, kind)])
    for channel in estate.channels.values():
        configurations = channel.configurations or {}
        named = [(name, channel.places.of("user_verification", "configurations", name)) for name in configurations]
        yield from _conflicts("configuration", named, channel.address)


def _listed(names: External | Removed, kind: MetadataType) -> Iterator[Named]:
    for index, name in enumerate(names.names(kind)):
        yield name, names.places.of(kind.section, index)


def _conflicts(kind: str, named: Iterable[Named], address: str | None = None) -> Iterator[Diagnostic]:
    """Yield a finding for each name that equals an earlier one except for case. Another rule finds exact duplicates."""
    first: dict[str, str] = {}
    for name, at in named:
        other = first.setdefault(name.casefold(), name)
        if other != name:
            yield RULE.finding(
                f"The {kind}s {excerpt(other)} and {excerpt(name)} differ only by upper and lower case.",
                at,
                address or f"{kind}.{name}",
            )
