"""Identity tokens: minting and explaining.

``__all__`` lists the interface for other programs: a server mints with it (docs/server.md). The import of this package
is cheap; each name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provisioner.tokens.claims import MintingError
    from provisioner.tokens.intercom import intercom_settings, intercom_user_jwt
    from provisioner.tokens.minting import IdentityTokenMinter

__all__ = ["IdentityTokenMinter", "MintingError", "intercom_settings", "intercom_user_jwt"]
_HOMES = {"IdentityTokenMinter": "minting", "MintingError": "claims"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'intercom')}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
