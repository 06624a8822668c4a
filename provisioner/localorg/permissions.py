"""User permissions: which there are, which a profile gives, and which a user holds.

Source: object reference (PermissionSet, UserPermissionAccess); labels of the Metadata API Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioner.localorg.content import root_of
from provisioner.localorg.records import USER_PERMISSIONS, Component, MetadataType

EVERYTHING = frozenset(USER_PERMISSIONS) - {"ApiUserOnly"}
ADMINISTRATOR = "System Administrator"
STANDARD = "Standard User"
INTEGRATION = "Minimum Access - API Only Integrations"
PROFILES: Mapping[str, frozenset[str]] = {
    ADMINISTRATOR: EVERYTHING,
    STANDARD: frozenset(),
    INTEGRATION: frozenset(("ApiEnabled", "ApiUserOnly")),
}
#: What an org asks for beside a permission.
NEEDS = {"ViewSetup": ("ViewRoles",)}
#: The license that an integration user has, and the one that a permission set for such users may name.
INTEGRATION_LICENSE, INTEGRATION_SET_LICENSE = "Salesforce Integration", "Salesforce API Integration"
#: Who may deploy and delete which types: any one of these permissions will do.
_DEPLOYS: Mapping[MetadataType, frozenset[str]] = {
    MetadataType.PERMISSION_SET: frozenset(("ManageProfilesPermissionsets",)),
    MetadataType.ECA: frozenset(("ExternalClientAppDeveloper",)),
    MetadataType.ECA_OAUTH: frozenset(("ExternalClientAppDeveloper",)),
    MetadataType.ECA_GLOBAL: frozenset(("ExternalClientAppDeveloper",)),
    MetadataType.ECA_OAUTH_POLICY: frozenset(("ExternalClientAppAdmin",)),
    MetadataType.ECA_POLICY: frozenset(("ExternalClientAppAdmin",)),
    MetadataType.CONNECTED_APP: frozenset(("ManageRemoteAccess",)),
}
#: What the license of integration users does not allow, in an org where it does not.
NOT_FOR_INTEGRATION = frozenset(("ConfigureLiveMessage",))
LABELS = {"ConfigureLiveMessage": "Configure Messaging"}
ASSIGN = frozenset(("AssignPermissionSets", "ManageUsers", "ManageProfilesPermissionsets"))


def in_set(permission_set: Component) -> frozenset[str]:
    """The permissions that a permission set gives."""
    return frozenset(
        (node.value("name") or "").strip()
        for node in root_of(permission_set).all("userPermissions")
        if node.value("enabled") == "true"
    )


def without(held: frozenset[str], *lost: str | None) -> frozenset[str]:
    """Fewer permissions; who may not change metadata may not change all data either."""
    gone = {name for name in lost if name is not None}
    return held - gone - ({"ModifyAllData"} if "ModifyMetadata" in gone else set())


def may_not_deploy(held: Iterable[str]) -> frozenset[MetadataType]:
    """The types that a user with these permissions may not deploy."""
    held = frozenset(held)
    return frozenset(kind for kind, needed in _DEPLOYS.items() if not needed & held)
