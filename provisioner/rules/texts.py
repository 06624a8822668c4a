"""The texts of an estate that are sent to an org, each with its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.diagnostics import Location
from provisioner.jose.defects import excerpt, shown
from provisioner.model import characters
from provisioner.model.estate import CertificateSource, Endpoint, Estate
from provisioner.rules.context import Context, is_open


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

    @property
    def invisible(self) -> str | None:
        """The first character that must not be in it and that nobody sees; at the edges it is white space."""
        return next(filter(self._is_wrong, self.value.strip()), None)

    def _is_wrong(self, character: str) -> bool:
        # A format character, as in an emoji of a family, is part of a label; no byte-compared value has one.
        is_format = unicodedata.category(character) == "Cf"
        return characters.is_invisible(character) and (self.is_compared or not is_format)


def compared(context: Context) -> Iterator[Text]:
    """The texts that are compared byte for byte, without those that hold an open reference."""
    return (text for text in texts(context.estate) if text.is_compared and not is_open(text.value))


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
