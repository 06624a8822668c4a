"""The XML namespace of the Metadata API."""

from __future__ import annotations

from typing import Any

#: The XML namespace of every metadata component and of the SOAP operations.
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

#: The namespace map of a root element that has it as default; lxml's stubs know no default namespace.
NSMAP: Any = {None: NAMESPACE}


def qualified(name: str) -> str:
    """Return ``name`` in the metadata namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"
