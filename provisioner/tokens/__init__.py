"""Identity tokens: minting and explaining.

What stands in ``__all__`` is for other programs, too: a server mints with it (docs/server.md). Importing this package
costs nothing; what it offers is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provisioner.tokens.claims import MintingError
    from provisioner.tokens.intercom import intercom_settings, intercom_user_jwt
    from provisioner.tokens.minter import IdentityTokenMinter

__all__ = ["IdentityTokenMinter", "MintingError", "intercom_settings", "intercom_user_jwt"]
_HOMES = {"IdentityTokenMinter": "minter", "MintingError": "claims"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'intercom')}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
