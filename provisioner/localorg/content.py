"""Components as the org stores them, and as it returns them.

Stored: elements in alphabetical order, repeated blocks in the order they came, defaults filled in, no empty elements;
of a channel's two expirations only that of its authMode. Returned: the elements that the reader's API version knows,
JWKs rewritten.
"""

from __future__ import annotations

from provisioner.localorg import jwk
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import Component, MetadataType
from provisioner.localorg.schema import Element, schema
from provisioner.localorg.xmltree import Node, branch, file_text, leaf, parse

#: The values that the org fills in if a file has none: (type, element, value). Source: the types' documentation.
_DEFAULTS = (
    ("PublicKeyCertificate", "isActive", "false"),
    ("MessagingAuthorization", "enabled", "false"),
)
#: The expiration that each authMode uses, and its default: (element, minutes). Source: Salesforce Help, user
#: verification setup. Known public channel files from orgs have no other one.
_EXPIRATIONS = {
    "Auth": ("verifiedUserJwtExpirationTime", "60"),
    "UnAuth": ("anonymousUserJwtExpirationTime", "360"),
}
_TRIMMED = frozenset(("masterLabel", "jwtIssuer", "jwksEndPoint", "authIdentifier", "publicKeyCertificateSetName",
                      "publicKeyCertificate", "authProviderName"))  # fmt: skip


_MESSAGING = "enableLiveMessage"


def kept(root: Node, kind: MetadataType, version: int, old: Node | None, faults: Faults) -> Node:
    """Return the stored content of a valid file that was sent at ``version``.

    ``old`` is the content that was stored before.
    """
    root = Node(kind.root_name, children=[child.copy() for child in root.children if child.name != "fullName"])
    if old is not None:
        _carry_over(root, old, kind.root_name, version, faults)
    if kind is MetadataType.CHANNEL and faults.on("element-dropped"):
        _drop(root, faults.argument("element-dropped") or "")
    content = _canonical(root, kind.root_name)
    embedded = content.find("embeddedConfig")
    if embedded is not None:
        _settle_expirations(embedded, keep_both=faults.on("other-expiration-kept"))
    return content


def _settle_expirations(embedded: Node, *, keep_both: bool) -> None:
    """Fill in the default of the effective expiration, and drop the other one; or fill in and keep both."""
    for mode, (name, default) in _EXPIRATIONS.items():
        if mode != embedded.value("authMode") and not keep_both:
            _drop(embedded, name)
        elif embedded.find(name) is None:
            embedded.children.append(leaf(name, default))
    embedded.children.sort(key=lambda child: child.name)


def _carry_over(root: Node, old: Node, type_name: str, version: int, faults: Faults) -> None:
    """Add the parts that a file omits and the org keeps anyway."""
    elements = schema().types[type_name]
    sent = {child.name for child in root.children}
    for child in old.children:
        element = elements[child.name]
        complex_type = element.type in schema().types
        if child.name not in sent:
            newer = not element.known_at(version) and not faults.on("newer-omitted-gone")
            scalar = not element.repeated and not complex_type and faults.on("omitted-kept")
            if newer or scalar:
                root.children.append(child.copy())
        elif complex_type and not element.repeated:
            inner = root.find(child.name)
            if inner is not None:
                _carry_over(inner, child, element.type, version, faults)


def _drop(node: Node, name: str) -> None:
    node.children = [child for child in node.children if child.name != name]
    for child in node.children:
        _drop(child, name)


def _canonical(node: Node, type_name: str) -> Node:
    elements = schema().types[type_name]
    children = [_canonical_child(child, elements[child.name]) for child in node.children]
    present: list[Node] = [child for child in children if child.children or child.text]
    names = {child.name for child in present}
    present += [leaf(name, value) for owner, name, value in _DEFAULTS if owner == type_name and name not in names]
    present.sort(key=lambda child: child.name)
    return branch(node.name, present)


def _canonical_child(child: Node, element: Element) -> Node:
    if element.type in schema().types:
        return _canonical(child, element.type)
    text = child.text
    if element.type == "boolean":
        text = {"1": "true", "0": "false"}.get(text.strip(), text.strip())
    elif element.type in ("int", "double"):
        text = str(int(text)) if element.type == "int" and text.strip() else text.strip()
    elif element.name in _TRIMMED or schema().enums.get(element.type):
        text = text.strip()
    return leaf(child.name, text)


def differs(new: Node, old: Node) -> bool:
    """Return whether two stored contents differ in more than the notation of a JWK."""
    return _without_jwk(new) != _without_jwk(old) or not jwk.same(
        new.value("jsonWebKey") or "", old.value("jsonWebKey") or ""
    )


def _without_jwk(root: Node) -> str:
    return file_text(branch(root.name, (child for child in root.children if child.name != "jsonWebKey")))


#: Stored contents by their text: recent ones are not parsed again. They must not be changed.
_parsed: dict[str, Node] = {}
_MOST_PARSED = 20_000


def text_of(content: Node) -> str:
    """Return the text that stores a content."""
    text = file_text(content)
    _remember(text, content)
    return text


def root_of(component: Component) -> Node:
    """Return the component's root element, for reading only."""
    known = _parsed.get(component.xml)
    if known is None:
        known = parse(component.xml.encode())
        _remember(component.xml, known)
    return known


def _remember(text: str, content: Node) -> None:
    if len(_parsed) >= _MOST_PARSED:
        _parsed.clear()
    _parsed[text] = content


def messaging_is_on(settings: Component, faults: Faults) -> bool:
    """Return whether Messaging is on: from the beginning, or with ``messaging-off`` after a deployment."""
    untouched = settings.modified == settings.created
    return not faults.on("messaging-off") if untouched else root_of(settings).value(_MESSAGING) == "true"


def rendered(component: Component, version: int, faults: Faults) -> Node:
    """Return the component for a reader at ``version``; those of apps are not yet as they are shown."""
    root = _known(root_of(component), component.type.root_name, version)
    if component.type is MetadataType.SETTINGS:
        root.put(_MESSAGING, "true" if messaging_is_on(component, faults) else "false")
    if component.type is MetadataType.KEY:
        root.children = [
            leaf(child.name, _jwk(child.text, faults)) if child.name == "jsonWebKey" else child
            for child in root.children
        ]
    if faults.on("elements-reordered"):
        _reverse(root)
    return root


def _jwk(text: str, faults: Faults) -> str:
    if faults.on("jwk-verbatim"):
        return text
    if faults.on("jwk-reserialised-otherwise"):
        return jwk.rewritten_reversed(text)
    return jwk.rewritten(text, drop_unknown=faults.on("jwk-drops-unknown-members"))


def rendered_file(component: Component, version: int, faults: Faults) -> str:
    """Return the file for a reader at ``version``; it is written once as long as no fault affects reading."""
    if component.type is MetadataType.SETTINGS or any(faults.on(name) for name in _READING_FAULTS):
        return file_text(rendered(component, version, faults))
    key = (component.xml, version)
    known = _files.get(key)
    if known is None:
        known = file_text(rendered(component, version, faults))
        if len(_files) >= _MOST_PARSED:
            _files.clear()
        _files[key] = known
    return known


_READING_FAULTS = ("jwk-verbatim", "jwk-reserialised-otherwise", "jwk-drops-unknown-members", "elements-reordered")
_files: dict[tuple[str, int], str] = {}


def _known(node: Node, type_name: str, version: int) -> Node:
    """Return the children of a stored element that ``version`` knows."""
    elements = schema().elements(type_name, version)
    children = []
    for child in node.children:
        element = elements.get(child.name)
        if element is not None:
            children.append(_known(child, element.type, version) if element.type in schema().types else child)
    return branch(node.name, children)


def _reverse(node: Node) -> None:
    node.children.reverse()
    for child in node.children:
        _reverse(child)
