"""Rules about the keys of keysets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import UploadedKeys
from provisioner.names import Nearest
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule

KEYSET_SOURCE = Rule(
    id="keyset-source",
    severity=Severity.ERROR,
    what="A keyset has neither keys nor an endpoint, or both.",
    why="""
        The type of a keyset is either Keys or Endpoint URL; an org refuses a mixture ("You can't configure JWKS_URL
        when the key type selected is JWKS_KEY"). Source: Salesforce Help, "Set Up Token-Based User
        Verification"; Metadata API Developer Guide, PublicKeyCertificateSet.
    """,
    fix="Give either `keys: [NAME]` or `endpoint: https://…`.",
    good=KEYSET,
    bad=changed(KEYSET, "shop:", "shop:  # wrong", "    endpoint: https://id.example.com/jwks.json\n", ""),
)


def keyset_source(context: RuleInput) -> Iterator[Diagnostic]:
    for keyset in context.estate.keysets.values():
        written = context.written("keysets", keyset.name)
        given = [field for field in ("keys", "endpoint") if written is not None and written.get(field) is not None]
        if len(given) == 2:
            message, at = "The keyset has both keys and an endpoint.", keyset.places.of("endpoint")
            yield KEYSET_SOURCE.finding(message, at, keyset.address, fix="Remove one of `keys` and `endpoint`.")
        elif context.lacks(("keysets", keyset.name), "keys", "endpoint"):
            message = "The keyset has neither keys nor an endpoint."
            yield KEYSET_SOURCE.finding(message, keyset.places.own, keyset.address)


KEYSET_EMPTY = Rule(
    id="keyset-empty",
    severity=Severity.ERROR,
    what="A keyset's keys are an empty list.",
    why="""
        A keyset without keys verifies no token: every customer of the channels that use it would be locked out.
        The list under `keys` is complete, so an empty list would also remove the keys of the org.
    """,
    fix="Name at least one key, or remove the keyset and name it under removed.",
    good="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
        keysets:
          shop:
            issuer: https://id.example.com
            keys: [shop]
    """,
    bad="""
        version: 1
        keysets:
          shop:
            issuer: https://id.example.com
            keys: []  # wrong
    """,
)


def keyset_empty(context: RuleInput) -> Iterator[Diagnostic]:
    for keyset in context.estate.keysets.values():
        written = context.written("keysets", keyset.name)
        items = written.items("keys") if written is not None else None
        if isinstance(keyset.source, UploadedKeys) and items == ():
            at = keyset.places.of("keys")
            yield KEYSET_EMPTY.finding("The keyset has no keys: it would verify no token.", at, keyset.address)


KEYSET_ONLY_INACTIVE_KEYS = Rule(
    id="keyset-only-inactive-keys",
    severity=Severity.WARNING,
    what="All keys of a keyset are inactive.",
    why="""
        An inactive key verifies no token, so the keyset verifies none either, and the customers of its channels
        are locked out. Source: Metadata API Developer Guide, PublicKeyCertificate: isActive.
    """,
    fix="Set `active: true` on the key that signs, or first remove the keyset from the channels.",
    good="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1, active: false}
          shop_2: {certificate: keys/other.crt, kid: shop-2}
        keysets:
          shop: {issuer: https://id.example.com, keys: [shop_1, shop_2]}
    """,
    bad="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1, active: false}
        keysets:
          shop: {issuer: https://id.example.com, keys: [shop_1]}  # wrong
    """,
)


def keyset_only_inactive_keys(context: RuleInput) -> Iterator[Diagnostic]:
    keys = context.estate.keys
    for keyset in context.estate.keysets.values():
        names = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
        if names and all(name in keys and not keys[name].active for name in names):
            which = f"The only key of the keyset, {names[0]}, is" if len(names) == 1 else "All keys of the keyset are"
            message = f"{which} inactive: it would verify no token."
            yield KEYSET_ONLY_INACTIVE_KEYS.finding(message, keyset.places.of("keys"), keyset.address)


KEYSET_UNKNOWN_KEY = Rule(
    id="keyset-unknown-key",
    severity=Severity.ERROR,
    what="A keyset names a key that the declaration does not have.",
    why="""
        The deployment would fail; or, if the org already has a key of that name, an unreviewed key would verify tokens.
    """,
    fix="Declare the key under keys, correct the name, or list it under external if another team owns it.",
    good="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
        keysets:
          shop:
            issuer: https://id.example.com
            keys: [shop]
    """,
    bad="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
        keysets:
          shop:
            issuer: https://id.example.com
            keys:
              - shop
              - shap  # wrong
    """,
)


def keyset_unknown_key(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.referable("keys")
    nearest = Nearest(known or ())
    for keyset in context.estate.keysets.values():
        if known is None or not isinstance(keyset.source, UploadedKeys):
            continue
        for index, name in enumerate(keyset.source.names):
            if name not in known and not is_open(name):
                message = f"There is no key {name!r} under keys or external.keys.{nearest.hint(name)}"
                yield KEYSET_UNKNOWN_KEY.finding(message, keyset.places.of("keys", index), keyset.address)


KEYSET_DUPLICATE_KID = Rule(
    id="keyset-duplicate-kid",
    severity=Severity.ERROR,
    what="Two keys of a keyset have the same kid, or the keyset lists a key twice.",
    why="""
        A token identifies its key only by the kid. With two keys of one kid, it is undefined which one verifies the
        token, and half of the customers may be refused. Source: RFC 7517 §4.5; Salesforce Help,
        "Troubleshooting User Verification".
    """,
    fix="Give each key its own kid, in the token's header and here; never reuse a kid for a new key.",
    good="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1}
          shop_2: {certificate: keys/other.crt, kid: shop-2}
        keysets:
          shop:
            issuer: https://id.example.com
            keys: [shop_1, shop_2]
    """,
    bad="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1}
          shop_2: {certificate: keys/other.crt, kid: shop-1}
        keysets:
          shop:
            issuer: https://id.example.com
            keys:
              - shop_1
              - shop_2  # wrong
    """,
)


def keyset_duplicate_kid(context: RuleInput) -> Iterator[Diagnostic]:
    keys = context.estate.keys
    for keyset in context.estate.keysets.values():
        names = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
        owners: dict[str, str] = {}
        seen: set[str] = set()
        for index, name in enumerate(names):
            kid = context.kid(keys[name]) if name in keys else None
            at, address = keyset.places.of("keys", index), keyset.address
            if name in seen:
                yield KEYSET_DUPLICATE_KID.finding(
                    f"The keyset lists the key {name} twice.", at, address, fix="Remove one of the two."
                )
            elif kid is not None and kid in owners:
                yield KEYSET_DUPLICATE_KID.finding(
                    f"The keys {owners[kid]} and {name} have the same kid {kid!r}.", at, address
                )
            elif kid is not None:
                owners[kid] = name
            seen.add(name)


KEYSET_KID_CONFLICT = Rule(
    id="keyset-kid-conflict",
    severity=Severity.WARNING,
    what="Two keysets of one issuer have different keys under the same kid.",
    why="""
        A token contains only its issuer and its kid. Signed with one of the keys, it verifies on one channel and is
        refused on the other, and it does not show why. Source: RFC 7517 §4.5.
    """,
    fix="Give each key its own kid.",
    good="""
        version: 1
        keys:
          web: {certificate: keys/shop.crt, kid: web-1}
          app: {certificate: keys/other.crt, kid: app-1}
        keysets:
          web: {issuer: https://id.example.com, keys: [web]}
          app: {issuer: https://id.example.com, keys: [app]}
    """,
    bad="""
        version: 1
        keys:
          web: {certificate: keys/shop.crt, kid: shop-1}
          app: {certificate: keys/other.crt, kid: shop-1}
        keysets:
          web: {issuer: https://id.example.com, keys: [web]}
          app: {issuer: https://id.example.com, keys: [app]}  # wrong
    """,
)


def keyset_kid_conflict(context: RuleInput) -> Iterator[Diagnostic]:
    keys = context.estate.keys
    owners: dict[tuple[str, str], tuple[str, str]] = {}  # issuer and kid: keyset and key
    for keyset in context.estate.keysets.values():
        issuer = keyset.issuer.value if keyset.issuer is not None else None
        if issuer is None or not isinstance(keyset.source, UploadedKeys):
            continue
        for index, name in enumerate(keyset.source.names):
            kid = context.kid(keys[name]) if name in keys else None
            if kid is None:
                continue
            other_keyset, other = owners.setdefault((issuer, kid), (keyset.name, name))
            if other != name and other_keyset != keyset.name and not _same_key(context, name, other):
                yield KEYSET_KID_CONFLICT.finding(
                    f"The key {name} has the kid {kid!r}, and so does the key {other} of the keyset {other_keyset}, "
                    f"which has the same issuer {issuer}.",
                    keyset.places.of("keys", index),
                    keyset.address,
                )


def _same_key(context: RuleInput, one: str, other: str) -> bool:
    derivations = [context.derivations.get(name) for name in (one, other)]
    jwks = [derivation.jwk for derivation in derivations if derivation is not None and derivation.jwk is not None]
    return len(jwks) == 2 and jwks[0].thumbprint == jwks[1].thumbprint


CHECKS: Mapping[Rule, RuleCheck] = {
    KEYSET_SOURCE: keyset_source,
    KEYSET_EMPTY: keyset_empty,
    KEYSET_ONLY_INACTIVE_KEYS: keyset_only_inactive_keys,
    KEYSET_UNKNOWN_KEY: keyset_unknown_key,
    KEYSET_DUPLICATE_KID: keyset_duplicate_kid,
    KEYSET_KID_CONFLICT: keyset_kid_conflict,
}
