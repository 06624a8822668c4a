"""The permissions that are missing if a type cannot be read.

Source: Metadata API Developer Guide, "User Permissions" and the type's pages; Salesforce Help, user verification.
"""

from __future__ import annotations

from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Unreadable
from provisioner.salesforce.api_errors import OrgFault

API_ENABLED = "API Enabled"
_NO_API = frozenset({"API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"})


def unreadable(kind: MetadataType, why: OrgFault | str) -> Unreadable:
    """Return an unreadable type or component: the org's message, or ours, and the remedy."""
    if isinstance(why, OrgFault):
        return Unreadable(why.words, API_ENABLED if why.fault_code in _NO_API else kind.permission)
    return Unreadable(why, kind.permission)
