"""Refusals of apps and permission sets.

Texts that users have quoted are exact; the others follow the generic patterns. Source: Metadata API Developer Guide,
ExternalClientApplication and the ExtlClntApp types, ConnectedApp, PermissionSet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.localorg import permissions
from provisioner.localorg.apps import PARENT, apps_of, names, satellites
from provisioner.localorg.certificates import read_certificate
from provisioner.localorg.content import root_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.ids import same
from provisioner.localorg.records import SATELLITES, USER_PERMISSIONS, Component, MetadataType
from provisioner.localorg.schema import SchemaProblem, problem_at, schema
from provisioner.localorg.xmltree import Node, branch

_POLICIES = (MetadataType.ECA_OAUTH_POLICY, MetadataType.ECA_POLICY)
_NO_CREATION = (
    "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support."
)
_NO_OAUTH = (
    "The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration"
)
_NO_PARENT = "Enter the name of the parent external client app"
_SCOPES = frozenset((
    "Basic", "OfflineAccess", "DataCloudUserClaims", "Email", "Address", "CDPSegment", "Chatbot", "CustomApplications",
    "Full", "Profile", "CDP", "CDPProfile", "RefreshToken", "Phone", "PwdlessLogin", "Interaction", "Pardot",
    "CDPIngest", "CDPIdentityResolution", "CustomPermissions", "ForgotPassword", "UserRegistration", "OpenID",
    "Chatter", "Wave", "SFApiPlatform", "SCRT", "Web", "EinsteinGPT", "Lightning", "Content", "CDPCalculatedInsight",
    "Eclair", "Api", "MCP", "CDPQuery",
))  # fmt: skip
_LARGEST_CERTIFICATE, _SMALLEST_KEY = 4096, 2048
_LONGEST_LABEL, _LONGEST_DESCRIPTION = 80, 255


@dataclass(frozen=True, slots=True)
class Scene:
    """The context of a component.

    ``before``: the components before the package; ``assigned``: the names of the permission sets that a user holds.
    """

    components: Mapping[tuple[MetadataType, str], Component]
    before: Mapping[tuple[MetadataType, str], Component]
    faults: Faults
    org_id: str
    assigned: frozenset[str]


def in_order(kind: MetadataType, root: Node, faults: Faults) -> list[SchemaProblem]:
    """Drop or refuse elements of an external client app that are not in the schema's order."""
    if kind not in (MetadataType.ECA, *SATELLITES) or not faults.on("eca-order"):
        return []
    place = {name: number for number, name in enumerate(sorted(schema().types[kind.xml_name]))}
    kept: list[Node] = []
    problems = []
    for child in root.children:
        if kept and place.get(child.name, 0) < place.get(kept[-1].name, 0):
            where = f"Element {{{child.namespace}}}{child.name}"
            text = f"Error parsing file: {where} invalid at this location in type {kind.xml_name}"
            problems.append(problem_at(child, text))
        else:
            kept.append(child)
    if faults.argument("eca-order") == "rejects":
        return problems
    root.children = kept
    return []


def worded(kind: MetadataType, problems: list[SchemaProblem]) -> list[SchemaProblem]:
    """Return the schema's problems with the messages of the type."""
    if kind not in SATELLITES:
        return problems
    missing = f"Required field is missing: {PARENT}"
    return [SchemaProblem(_NO_PARENT, each.line, each.column) if each.text == missing else each for each in problems]


def check(kind: MetadataType, name: str, new: Node, old: Node | None, scene: Scene) -> list[SchemaProblem]:
    """Return every reason why the org refuses ``new``."""
    checks: Mapping[MetadataType, Callable[[], list[SchemaProblem]]] = {
        MetadataType.PERMISSION_SET: lambda: _permission_set(new, scene),
        MetadataType.ECA: lambda: _header(name, new, old, scene),
        MetadataType.ECA_OAUTH: lambda: _oauth(new, scene),
        MetadataType.ECA_GLOBAL: lambda: _global(new, old, scene),
        MetadataType.ECA_OAUTH_POLICY: lambda: _gates(new, "commaSeparatedPermissionSet", scene),
        MetadataType.CONNECTED_APP: lambda: _connected(name, new, old, scene),
    }
    return _parent(kind, name, new, scene) or checks.get(kind, list)()


def _parent(kind: MetadataType, name: str, new: Node, scene: Scene) -> list[SchemaProblem]:
    if kind not in SATELLITES:
        return []
    node = new.find(PARENT) or new
    parent = node.text.strip()
    if (MetadataType.ECA, parent) not in scene.components:
        return [problem_at(node, f"In field: {PARENT} - no ExternalClientApplication named {parent} found")]
    other = satellites(scene.components, parent).get(kind)
    if other is not None and other.name != name:
        return [
            problem_at(node, f"duplicate value found: ExternalClientApplicationId duplicates value on {other.name}")
        ]
    return []


def _permission_set(new: Node, scene: Scene) -> list[SchemaProblem]:
    problems = []
    for element, longest in (("label", _LONGEST_LABEL), ("description", _LONGEST_DESCRIPTION)):
        found = new.find(element)
        if found is not None and len(found.text) > longest:
            problems.append(problem_at(found, f"{element}: data value too large: {found.text} (max length={longest})"))
    given = {(node.value("name") or "").strip(): node for node in new.all("userPermissions") if node.flag("enabled")}
    for name, node in given.items():
        if name not in USER_PERMISSIONS:
            problems.append(problem_at(node, f"Unknown user permission: {name}"))
    if not scene.faults.on("permission-dependencies-added"):
        for name, missing in permissions.missing(given, scene.faults).items():
            text = f"Permission {name} depends on permission(s): {', '.join(missing)}"
            problems.append(problem_at(given[name], text))
    return problems


def _header(name: str, new: Node, old: Node | None, scene: Scene) -> list[SchemaProblem]:
    scoped = new.find("orgScopedExternalApp")
    if scoped is not None and scoped.text.strip():
        org_id, _, app = scoped.text.strip().partition(":")
        if not same(org_id, scene.org_id) or app != name:
            text = f"The orgScopedExternalApp {scoped.text.strip()} isn't an app of this organization."
            return [problem_at(scoped, text)]
    namesake = scene.components.get((MetadataType.CONNECTED_APP, name))
    if old is None and namesake is not None:
        return [
            problem_at(new, f"duplicate value found: DeveloperName duplicates value on record with id: {namesake.id}")
        ]
    return []


def _oauth(new: Node, scene: Scene) -> list[SchemaProblem]:
    problems = []
    listed = new.find("commaSeparatedOauthScopes")
    unknown = [scope for scope in names(listed.text) if scope not in _SCOPES] if listed is not None else []
    if listed is not None and unknown:
        problems.append(problem_at(listed, f"There's a problem with your scope(s): {', '.join(unknown)}"))
    link = new.find("oauthLink")
    if link is not None and link.text.strip():
        consumer = satellites(scene.components, (new.value(PARENT) or "").strip()).get(MetadataType.ECA_GLOBAL)
        if consumer is None or link.text.strip() != link_of(scene.org_id, consumer):
            problems.append(problem_at(link, f"The OAuth link {link.text.strip()} isn't valid."))
    return problems


def link_of(org_id: str, consumer: Component) -> str:
    return f"{org_id[:15]}:{consumer.id[:15]}"


def _certificate(node: Node | None) -> list[SchemaProblem]:
    if node is None or not node.text.strip():
        return []
    text = node.text.strip()
    if len(text.encode()) > _LARGEST_CERTIFICATE:
        return [problem_at(node, f"certificate: data value too large: (max length={_LARGEST_CERTIFICATE})")]
    found = read_certificate(text)
    if found is None:
        return [problem_at(node, "The certificate isn't valid.")]
    key = found.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SMALLEST_KEY:
        return [problem_at(node, "The certificate's key is too small.")]
    return []


def _global(new: Node, old: Node | None, scene: Scene) -> list[SchemaProblem]:
    parts = satellites(scene.components, (new.value(PARENT) or "").strip())
    problems = _certificate(new.find("certificate"))
    if not (new.value("label") or "").strip():
        problems.append(problem_at(new, "Required field is missing: label"))
    if MetadataType.ECA_OAUTH not in parts:
        problems.append(problem_at(new, _NO_OAUTH))
    if old is None and new.value("consumerKey") and scene.faults.argument("eca-consumer-key") == "refused":
        problems.append(problem_at(new.find("consumerKey") or new, "You can't set the consumer key."))
    return problems + _consumer_key(new, old.value("consumerKey") if old is not None else None, scene)


def _consumer_key(node: Node, old: str | None, scene: Scene) -> list[SchemaProblem]:
    found = node.find("consumerKey")
    sent = found.text.strip() if found is not None else ""
    if found is None or not sent or sent == old:
        return []
    if old is None:
        taken = any(app.consumer_key == sent for app in apps_of(scene.components))
        return [problem_at(found, "The consumer key is already taken")] if taken else []
    if scene.faults.on("consumer-key-update-refused"):
        return [problem_at(found, "You can't change the consumer key of an existing app.")]
    return []


def permission_set(text: str, components: Mapping[tuple[MetadataType, str], Component]) -> Component | None:
    """Return the permission set of a name or id."""
    found = components.get((MetadataType.PERMISSION_SET, text))
    if found is not None:
        return found
    sets = (each for (kind, _), each in components.items() if kind is MetadataType.PERMISSION_SET)
    return next((each for each in sets if same(each.id, text)), None)


def _gates(new: Node, element: str, scene: Scene) -> list[SchemaProblem]:
    """Return the problems of the permission sets that an app's policy names."""
    known = scene.before if scene.faults.on("eca-permission-set-same-package") else scene.components
    problems = []
    for node in new.all(element):
        for text in names(node.text) if element.startswith("comma") else [node.text.strip()]:
            found = permission_set(text, known)
            if text and found is None:
                problems.append(problem_at(node, f"In field: {element} - no PermissionSet named {text} found"))
            elif found is not None and (wrong := _no_gate(found, scene)):
                problems.append(problem_at(node, wrong))
    return problems


def _no_gate(found: Component, scene: Scene) -> str | None:
    """Return the reason why a permission set cannot be bound to an app, if there is one."""
    if scene.faults.on("eca-policy-needs-assignment") and found.name not in scene.assigned:
        return f"The permission set {found.name} isn't assigned to any user."
    licensed = root_of(found).value("license") == permissions.INTEGRATION_SET_LICENSE
    if licensed and scene.faults.on("integration-license"):
        return f"The permission set license of {found.name} doesn't allow access to apps."
    return None


def _connected(name: str, new: Node, old: Node | None, scene: Scene) -> list[SchemaProblem]:
    if old is None and not scene.faults.on("connected-app-creation"):
        return [problem_at(new, _NO_CREATION)]
    if old is None and (MetadataType.ECA, name) in scene.components:
        return [problem_at(new, f"duplicate value found: DeveloperName {name}")]
    config = new.find("oauthConfig") or branch("oauthConfig", ())
    problems = _certificate(config.find("certificate")) + _gates(new, "permissionSetName", scene)
    approved = config.flag("isAdminApproved")
    for element in ("permissionSetName", "profileName"):
        given = [node.text.strip() for node in new.all(element) if node.text.strip()]
        if given and not approved:
            problems.append(problem_at(new, f"{element} can be set only if isAdminApproved is true"))
        if len(set(given)) < len(given):
            problems.append(problem_at(new, f"duplicate value found: {element}"))
    return problems + _consumer_key(config, old.value("oauthConfig", "consumerKey") if old is not None else None, scene)
