"""Rules about names and labels that Salesforce refuses, or that could not be used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.characters import all_named, unusual
from provisioner.model.estate import Channel, Deployment, External, Key, Keyset, Removed
from provisioner.model.names import LONGEST
from provisioner.model.types import TYPES, MetadataType
from provisioner.rules.context import RuleCheck, RuleInput
from provisioner.rules.examples import CHANNEL, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import length_problem

_CONFIGURATION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

CONFIGURATION_NAME_INVALID = Rule(
    id="configuration-name-invalid",
    severity=Severity.ERROR,
    what="A Configuration Name contains other characters than letters, digits and underscores, or does not begin "
    "with a letter.",
    why="""
        The Configuration Name becomes part of every verified customer's key in the org
        (`v2/iamessage/AUTH/<Configuration Name>/uid:<sub>`), and Salesforce accepts no other characters there
        (Metadata API Developer Guide, MessagingChannel: authIdentifier).
    """,
    fix="Choose a name such as storefront_login. A name that is already in use by customers must not change.",
    good=CHANNEL,
    bad=changed(CHANNEL, "shop_login: {keyset: shop}", "shop-login: {keyset: shop}  # wrong"),
)


def configuration_name_invalid(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        for name in channel.configurations or ():
            if not _CONFIGURATION_NAME.fullmatch(name):
                strange = unusual(name)
                yield CONFIGURATION_NAME_INVALID.finding(
                    f"Salesforce refuses {name!r} as a Configuration Name: only letters, digits and underscores are "
                    f"allowed, a letter first." + (f" It contains {all_named(strange)}." if strange else ""),
                    channel.places.of("user_verification", "configurations", name),
                    channel.address,
                )


ISSUER_NAME_INVALID = Rule(
    id="issuer-name-invalid",
    severity=Severity.ERROR,
    what="A name under issuers contains a colon or a dot.",
    why="""
        In a keyset, an issuer with a colon or a dot is taken literally. `issuer: id.example.com` would therefore
        never refer to the entry of that name, and no token would match.
    """,
    fix="Choose a name without colons and dots, here and in the keysets that use it.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com
    """,
    bad="""
        version: 1
        issuers:
          id.example.com: https://id.example.com  # wrong
    """,
)


def issuer_name_invalid(context: RuleInput) -> Iterator[Diagnostic]:
    for name in context.estate.issuers:
        if ":" in name or "." in name:
            yield ISSUER_NAME_INVALID.finding(
                f"No keyset can use the issuer {name!r} by its name: with a colon or a dot it is taken literally.",
                context.estate.issuer_places.of(name),
            )


LONGEST_LABEL = 80

LABEL_LENGTH = Rule(
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


def label_length(context: RuleInput) -> Iterator[Diagnostic]:
    labelled: list[Key | Keyset] = [*context.estate.keys.values(), *context.estate.keysets.values()]
    for component in labelled:
        problem = length_problem(component.label, LONGEST_LABEL) if component.label is not None else None
        if problem is not None:
            yield LABEL_LENGTH.finding(f"The label {problem}.", component.places.of("label"), component.address)


NAME_DIFFERS_BY_CASE = Rule(
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


def name_differs_by_case(context: RuleInput) -> Iterator[Diagnostic]:
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
            yield NAME_DIFFERS_BY_CASE.finding(
                f"The {kind}s {excerpt(other)} and {excerpt(name)} differ only by upper and lower case.",
                at,
                address or f"{kind}.{name}",
            )


_API_NAME = re.compile(r"[A-Za-z](_?[A-Za-z0-9])*")

NAME_INVALID = Rule(
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


def name_invalid(context: RuleInput) -> Iterator[Diagnostic]:
    estate = context.estate
    for kind in (*TYPES, MetadataType.DEPLOYMENT):
        for name, component in estate.components(kind).items():
            is_created = not isinstance(component, Channel | Deployment) or component.create is not None
            if is_created and (problem := name_problem(name)) is not None:
                message = f"Salesforce refuses {excerpt(name)} as the API name of a {kind.word}: {problem}."
                yield NAME_INVALID.finding(message, component.places.own, component.address)


def name_problem(name: str) -> str | None:
    """Return the reason why Salesforce refuses an API name, as the end of a sentence; None if it does not."""
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, but the maximum is {LONGEST}"
    if _API_NAME.fullmatch(name):
        return None
    wrong = next((character for character in name if not re.fullmatch(r"[A-Za-z0-9_]", character)), None)
    if wrong is not None:
        return f"it contains {wrong!r}, but only letters, digits and underscores are allowed"
    if not re.match(r"[A-Za-z]", name):
        return "it does not begin with a letter"
    return "it ends with an underscore" if name.endswith("_") else "it has two underscores in a row"


CHECKS: Mapping[Rule, RuleCheck] = {
    CONFIGURATION_NAME_INVALID: configuration_name_invalid,
    ISSUER_NAME_INVALID: issuer_name_invalid,
    LABEL_LENGTH: label_length,
    NAME_DIFFERS_BY_CASE: name_differs_by_case,
    NAME_INVALID: name_invalid,
}
