"""The metadata types of logins: external client apps in their five parts, connected apps, permission sets.

The fields of an app are rows of :mod:`provisioner.components.login_app`, because one app has five components.
Source: Metadata API Developer Guide; the metadata registry of the official CLI (directories and suffixes).
"""

from __future__ import annotations

from provisioner.model.types import MetadataType, type_of_xml_name

_METADATA = "API Enabled and Modify Metadata Through Metadata API Functions"
_APPS = f"{_METADATA}, and Create, edit, and delete External Client Apps"
_POLICIES = f"{_METADATA}, and View all External Client Apps, view their settings, and edit their policies"


def _type(xml_name: str, directory: str, suffix: str, word: str, permission: str) -> MetadataType:
    return MetadataType(xml_name, directory, suffix, word, "logins", permission, True, ())


PERMISSION_SET = _type(
    "PermissionSet", "permissionsets", "permissionset", "permission_set",
    f"{_METADATA}, and Manage Profiles and Permission Sets",
)  # fmt: skip
HEADER = _type("ExternalClientApplication", "externalClientApps", "eca", "app", _APPS)
OAUTH = _type("ExtlClntAppOauthSettings", "extlClntAppOauthSettings", "ecaOauth", "app_oauth", _APPS)
GLOBAL = _type("ExtlClntAppGlobalOauthSettings", "extlClntAppGlobalOauthSets", "ecaGlblOauth", "app_global", _APPS)
OAUTH_POLICY = _type(
    "ExtlClntAppOauthConfigurablePolicies", "extlClntAppOauthPolicies", "ecaOauthPlcy", "app_oauth_policy", _POLICIES
)
POLICY = _type("ExtlClntAppConfigurablePolicies", "extlClntAppPolicies", "ecaPlcy", "app_policy", _POLICIES)
CONNECTED_APP = _type("ConnectedApp", "connectedApps", "connectedApp", "app", f"{_METADATA}, and Manage Connected Apps")
#: Not metadata: the record that assigns a permission set to a user.
ASSIGNMENT = MetadataType(
    "PermissionSetAssignment", "", "", "assignment", "logins", "Assign Permission Sets", True, ()
)  # fmt: skip

#: The parts of an external client app, in the order of a package.
PARTS = (HEADER, OAUTH, GLOBAL, OAUTH_POLICY, POLICY)
#: All types that a plan of logins reads.
LOGIN_TYPES = (PERMISSION_SET, *PARTS, CONNECTED_APP)
_BY_XML_NAME = {kind.xml_name: kind for kind in LOGIN_TYPES}


def known_type(xml_name: str) -> MetadataType:
    """Return the type of an XML name, of logins or managed. Raises :class:`KeyError` for any other name."""
    return _BY_XML_NAME.get(xml_name) or type_of_xml_name(xml_name)
