"""The keyset that a person named (declared here, external, or unknown), and the JWKs of its active keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provisioner import names
from provisioner.diagnostics import Location
from provisioner.errors import InputError, RefusedError
from provisioner.jose.certificates import DATE_RULES
from provisioner.model.estate import Endpoint, Estate, Keyset, UploadedKeys
from provisioner.model.types import MetadataType
from provisioner.report.visible import without_credentials
from provisioner.workflows.console import Console
from provisioner.workflows.load_declaration import FindingsError, load_checked

if TYPE_CHECKING:
    from provisioner.declaration.load import Loaded


def declared_keyset(estate: Estate, name: str, *, advice: str = "") -> Keyset:
    """Return the declared keyset.

    Raises :class:`RefusedError` if it is external, :class:`UsageError` if the declaration has none of that name.
    """
    refuse_external(estate, MetadataType.KEYSET, name)
    return names.one_of(estate.keysets, name, "keyset", place="the declaration", advice=advice)


def refuse_external(estate: Estate, kind: MetadataType, name: str) -> None:
    """Raise :class:`RefusedError` if the component is external."""
    external = estate.external.names(kind)
    if name in external:
        place = estate.external.places.of(kind.section, external.index(name))
        raise _owned_elsewhere(f"{kind.address(name)} is external", place)


def external_keys(estate: Estate, keyset: Keyset) -> list[str]:
    """Return the external keys that a declared keyset holds."""
    listed = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
    return [name for name in listed if name in estate.external.keys]


def refuse_external_keys(estate: Estate, keyset: Keyset) -> None:
    """Raise :class:`RefusedError` if the keyset holds an external key: its keys have several owners."""
    held = external_keys(estate, keyset)
    if held:
        raise _owned_elsewhere(f"keyset.{keyset.name} holds key.{held[0]}, which is external", keyset.places.of("keys"))


def _owned_elsewhere(what: str, place: Location | None) -> RefusedError:
    at = f" ({place})" if place is not None else ""
    return RefusedError(
        f"{what}{at}: another team owns it, and this declaration never changes it. Nothing was sent.",
        next="Run this command with the config directory of the owner: --config DIR.",
        code="external",
    )


def jwks_of(console: Console, keyset: str, environment: str | None) -> list[dict[str, Any]]:
    """Return the members of each JWK, and say which keys are left out and which certificates expire.

    Raises :class:`InputError` if the keyset has an endpoint, no active key, or a key with errors.
    """
    loaded, checked = load_checked(console, environment)
    names = _keys(keyset, loaded)
    about = {f"keyset.{keyset}", *(f"key.{key}" for key in names)}
    findings = [each for each in checked.findings if each.address in about]
    errors = [each for each in findings if each.is_error and each.rule not in DATE_RULES and _matters(each.rule)]
    if errors:
        raise FindingsError(environment, errors, subject=f"The keyset {keyset}", needs_org=False)
    served = []
    for key in names:
        jwk = checked.derivations[key].jwk if key in checked.derivations else None
        if not loaded.estate.keys[key].active:
            console.say(f"Left out: {key}, which is not active.")
        elif jwk is None:
            raise InputError(
                f"The key {key} cannot be read without an environment.",
                next="Name one with --env: its file name comes from a variable.",
            )
        else:
            served.append(jwk.members())
    if not served:
        raise InputError(
            f"The keyset {keyset} has no active key: no token would verify.",
            next="Add one with `provisioner keys generate`, or set one to active.",
            code="keyset-only-inactive-keys",
        )
    for finding in findings:
        if finding.rule in DATE_RULES:
            console.say(f"Warning: {finding.message} {finding.fix}")
    return served


def _matters(rule: str) -> bool:
    """Return whether a rule is about keys: the issuer is no part of a JWKS."""
    return not rule.startswith(("issuer-", "keyset-issuer-"))


def _keys(name: str, loaded: Loaded) -> list[str]:
    keyset = declared_keyset(loaded.estate, name)
    refuse_external_keys(loaded.estate, keyset)  # their JWKs are not known here, and a part is not the set
    if isinstance(keyset.source, Endpoint):
        url = without_credentials(keyset.source.url)
        raise InputError(
            f"The keyset {name} names the endpoint {url} and lists no keys of its own.",
            next="Declare a keyset that lists under `keys` the keys for that endpoint, and name that keyset.",
            code="keyset-is-endpoint",
        )
    listed = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
    return [key for key in listed if key in loaded.estate.keys]
