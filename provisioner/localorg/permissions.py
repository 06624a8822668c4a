"""User permissions: those of profiles and permission sets, and those that calls need.

Source: object reference (PermissionSet, UserPermissionAccess); labels of the Metadata API Developer Guide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from provisioner.localorg.content import root_of
from provisioner.localorg.faults import Faults
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
#: The permissions that another one depends on.
NEEDS = {"ViewSetup": ("ViewRoles",)}
#: A dependency that some org may add: those of Configure Messaging are not published.
MORE_NEEDS = {"ConfigureLiveMessage": ("CustomizeApplication",)}
#: The license of an integration user, and the license that a permission set for such users may name.
INTEGRATION_LICENSE, INTEGRATION_SET_LICENSE = "Salesforce Integration", "Salesforce API Integration"
#: The permissions that allow deploying and deleting each type: any one of them is sufficient.
_DEPLOYS: Mapping[MetadataType, frozenset[str]] = {
    MetadataType.PERMISSION_SET: frozenset(("ManageProfilesPermissionsets",)),
    MetadataType.ECA: frozenset(("ExternalClientAppDeveloper",)),
    MetadataType.ECA_OAUTH: frozenset(("ExternalClientAppDeveloper",)),
    MetadataType.ECA_GLOBAL: frozenset(("ExternalClientAppDeveloper",)),
    MetadataType.ECA_OAUTH_POLICY: frozenset(("ExternalClientAppAdmin",)),
    MetadataType.ECA_POLICY: frozenset(("ExternalClientAppAdmin",)),
    MetadataType.CONNECTED_APP: frozenset(("ManageRemoteAccess",)),
}
#: The permissions that the license of integration users may exclude.
NOT_FOR_INTEGRATION = frozenset(("ConfigureLiveMessage",))
LABELS = {"ConfigureLiveMessage": "Configure Messaging"}
ASSIGN = frozenset(("AssignPermissionSets", "ManageUsers", "ManageProfilesPermissionsets"))


def in_set(permission_set: Component) -> frozenset[str]:
    """Return the permissions of a permission set."""
    return frozenset(
        (node.value("name") or "").strip()
        for node in root_of(permission_set).all("userPermissions")
        if node.value("enabled") == "true"
    )


def without(held: frozenset[str], *lost: str | None) -> frozenset[str]:
    """Return ``held`` without ``lost``; ModifyAllData goes with ModifyMetadata, because it allows the same."""
    gone = {name for name in lost if name is not None}
    return held - gone - ({"ModifyAllData"} if "ModifyMetadata" in gone else set())


def missing(given: Collection[str], faults: Faults) -> dict[str, list[str]]:
    """Return, for each permission, the dependencies that are missing."""
    needs = {**NEEDS, **(MORE_NEEDS if faults.on("permission-depends-on-more") else {})}
    lacking = {name: [each for each in needs.get(name, ()) if each not in given] for name in given}
    return {name: lacked for name, lacked in lacking.items() if lacked}


def may_not_deploy(held: Iterable[str]) -> frozenset[MetadataType]:
    """Return the types that a user with these permissions may not deploy."""
    held = frozenset(held)
    return frozenset(kind for kind, needed in _DEPLOYS.items() if not needed & held)
