"""The parts of simple-salesforce that this program uses.

The import leaves out its clients of the Metadata API and of Bulk API 2.0, whose libraries (zeep, more-itertools) take
longer to load than the rest of a small plan takes to run. Each is still loaded if something calls it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """A stand-in for a module: each of its names is a function that loads the module and calls the real one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any, **options: Any) -> Any:
            return getattr(import_module(self.__name__), name)(*arguments, **options)

        return call


@contextlib.contextmanager
def _deferred(*names: str) -> Iterator[None]:
    """Import modules inside the block without these; a module that is loaded already stays."""
    stand_ins = {name: _Deferred(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


with _deferred("simple_salesforce.metadata", "simple_salesforce.bulk2"):
    from simple_salesforce.api import Salesforce
    from simple_salesforce.exceptions import SalesforceError
    from simple_salesforce.format import format_soql

__all__ = ["Salesforce", "SalesforceError", "format_soql"]
