"""The texts of an estate that are sent to an org, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.diagnostics import Location
from provisioner.jose.defects import excerpt, shown
from provisioner.model.estate import CertificateSource, Endpoint, Estate


@dataclass(frozen=True, slots=True)
class Text:
    """``name`` begins a sentence. ``is_compared``: an issuer, a kid or an endpoint, where every byte counts."""

    name: str
    value: str
    at: Location | None
    address: str | None
    is_compared: bool

    @property
    def shown(self) -> str:
        """The value in quotes on one line, hidden characters as escapes; whole if every byte counts."""
        return shown(self.value) if self.is_compared else excerpt(self.value)


def texts(estate: Estate) -> Iterator[Text]:
    """Labels, descriptions, kids, issuers and endpoints, as far as they are declared."""
    for name, value in estate.issuers.items():
        yield Text(f"The issuer {name}", value, estate.issuer_places.of(name), None, True)
    for key in estate.keys.values():
        kid = key.source.kid if isinstance(key.source, CertificateSource) else None
        for field, text in (("label", key.label), ("description", key.description), ("kid", kid)):
            if text is not None:
                yield Text(f"The {field}", text, key.places.of(field), f"key.{key.name}", field == "kid")
    for keyset in estate.keysets.values():
        issuer = keyset.issuer.value if keyset.issuer is not None and keyset.issuer.name is None else None
        endpoint = keyset.source.url if isinstance(keyset.source, Endpoint) else None
        fields = (
            ("label", keyset.label),
            ("description", keyset.description),
            ("issuer", issuer),
            ("endpoint", endpoint),
        )
        for field, text in fields:
            if text is not None:
                at = keyset.places.of(field, "literal")  # which is the field itself where none stands below it
                yield Text(f"The {field}", text, at, f"keyset.{keyset.name}", field in ("issuer", "endpoint"))
