"""The keyset that a person named: declared here, external, or unknown."""

from __future__ import annotations

from provisioner import names
from provisioner.diagnostics import Location
from provisioner.errors import RefusedError
from provisioner.model.estate import Estate, Keyset, UploadedKeys
from provisioner.model.types import MetadataType


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
