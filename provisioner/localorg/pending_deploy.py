"""The org's components inside one transaction: puts, deletes and renames that take effect only when they are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from provisioner.localorg import app_content, app_rules, routing, rules
from provisioner.localorg.apps import satellites
from provisioner.localorg.content import differs, kept, messaging_is_on, root_of, text_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import MESSAGING_SETTINGS, Component, MetadataType
from provisioner.localorg.schema import SchemaProblem, schema
from provisioner.localorg.store import Store
from provisioner.localorg.xmltree import Node

Key = tuple[MetadataType, str]
_BATCH = 100


@dataclass(frozen=True, slots=True)
class SavedChange:
    """The result for one component. With problems, it is unchanged."""

    id: str | None = None
    created: bool = False
    changed: bool = False
    deleted: bool = False
    problems: tuple[SchemaProblem, ...] = ()


@dataclass(slots=True)
class Draft:
    """A draft. ``components`` is the state inside the transaction, ``before`` that at its begin.

    ``deployed`` are the components that it updated, changed or not. ``assigned`` are the permission sets that a user
    holds. A blind draft applies only the schema, not the rules.
    """

    before: dict[Key, Component]
    version: int
    faults: Faults
    user_id: str
    now: int
    new_ids: Callable[[str, int], list[str]]
    blind: bool = False
    org_id: str = ""
    assigned: frozenset[str] = frozenset()
    components: dict[Key, Component] = field(init=False)
    deployed: set[Key] = field(default_factory=set)
    _ids: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.components = dict(self.before)

    def put(self, kind: MetadataType, name: str, root: Node) -> SavedChange:
        """Create or update a component from its file's root element."""
        existing = self.components.get((kind, name))
        old = root_of(existing) if existing else None
        root = root.copy() if kind.of_apps else root
        problems = app_rules.in_order(kind, root, self.faults) or self._problems(kind, name, root, existing, old)
        if problems:
            return SavedChange(existing.id if existing else None, problems=tuple(problems))
        content = kept(root, kind, self.version, old, self.faults)
        if kind.of_apps:
            content = app_content.settled(kind, name, content, root, old, self._scene())
        if existing is None or old is None:
            made = Component(
                kind, name, self._new_id(kind.prefix), text_of(content), self.now, self.user_id, self.now, self.user_id
            )
            self.components[kind, name] = made
            if kind in (MetadataType.ECA, MetadataType.ECA_OAUTH) and self.faults.on("eca-policy-name"):
                for policy, its_name, its_content in app_content.missing_policies(self.components, as_setup=True):
                    self.put(policy, its_name, its_content)
            return SavedChange(made.id, created=True, changed=True)
        self.deployed.add((kind, name))
        active = existing.active and not self.faults.on("channel-deactivated")
        changed = differs(content, old)
        if changed or active != existing.active:
            self.components[kind, name] = replace(
                existing, xml=text_of(content), modified=self.now, modified_by=self.user_id, active=active
            )
        return SavedChange(existing.id, changed=changed)

    def _problems(
        self, kind: MetadataType, name: str, root: Node, existing: Component | None, old: Node | None
    ) -> list[SchemaProblem]:
        if existing is None and (wrong := rules.name_problem(kind, name, self.faults)):
            return [SchemaProblem(wrong, root.line, root.column)]
        found = app_rules.worded(kind, schema().check(root, kind.root_name, self.version))
        if found or self.blind:
            return found
        if kind.of_apps:
            return app_rules.check(kind, name, root, old, self._scene())
        settings = self.components.get((MetadataType.SETTINGS, MESSAGING_SETTINGS))
        if kind is MetadataType.SETTINGS and existing is None:
            return [SchemaProblem(f"Not available for deploy for this organization: {name}", root.line, root.column)]
        if kind is MetadataType.CHANNEL and settings is not None and not messaging_is_on(settings, self.faults):
            return [SchemaProblem("Messaging isn't enabled for this organization.", root.line, root.column)]
        active = existing is not None and existing.active
        found = rules.check(kind, root, old, self._resolves, self.faults, active=active)
        inactive = kind is MetadataType.KEY and not root.flag("isActive")
        if inactive and not found and self.faults.on("inactive-key-in-use-refused") and self.users_of(kind, name):
            return [SchemaProblem("You can't deactivate a key that a keyset uses.", root.line, root.column)]
        return found

    def _scene(self) -> app_rules.Scene:
        return app_rules.Scene(self.components, self.before, self.faults, self.org_id, self.assigned)

    def complete(self) -> None:
        """Add default policies and links to OAuth consumers, after all components are put."""
        if not any(kind in (MetadataType.ECA, MetadataType.ECA_OAUTH) for kind, _ in self.components):
            return
        for kind, name, content in app_content.missing_policies(self.components):
            self.put(kind, name, content)
        for (kind, _), component in list(self.components.items()):
            if kind is MetadataType.ECA_OAUTH:
                self._rewrite(component, app_content.linked(component, self.components, self.org_id))

    def _rewrite(self, component: Component, content: Node | None) -> None:
        """Replace the content of a component, if there is a new one."""
        if content is not None:
            self.components[component.type, component.name] = replace(component, xml=text_of(content))

    def _new_id(self, prefix: str) -> str:
        """Return a new id. The second and later ids are drawn in batches; the rest of a batch is never used."""
        if not self._ids.get(prefix):
            self._ids[prefix] = self.new_ids(prefix, _BATCH if prefix in self._ids else 1)[::-1]
        return self._ids[prefix].pop()

    def _resolves(self, kind: MetadataType, name: str) -> bool:
        blind = {MetadataType.KEY: "key-same-package", MetadataType.CHANNEL: "channel-same-package"}
        apart = self.faults.on(blind.get(kind, "keyset-same-package"))
        return (kind, name) in (self.before if apart else self.components)

    def delete(self, kind: MetadataType, name: str) -> SavedChange | None:
        """Delete a component; None if there is none with that name."""
        existing = self.components.get((kind, name))
        if existing is None:
            return None
        together = self.faults.on("delete-together-refused")
        users = self.users_of(kind, name, self.before if together else None)
        if kind is MetadataType.ECA and self.faults.argument("eca-delete") == "in-use":
            users = list(satellites(self.components, name).values())
        if users and not self.faults.on("delete-in-use"):
            where = ", ".join(f"{user.type.xml_name} - {user.name}" for user in users)
            text = f"This {kind.xml_name} is referenced elsewhere in salesforce.com. Remove the usage and try again."
            return SavedChange(existing.id, problems=(SchemaProblem(f"{text} : {where}", 1, 1),))
        if kind is MetadataType.SETTINGS:
            return SavedChange(existing.id, problems=(SchemaProblem("Settings can't be deleted.", 1, 1),))
        if kind is MetadataType.CHANNEL and not self.faults.on("channel-deletable"):
            return SavedChange(existing.id, problems=(SchemaProblem("Messaging channels can't be deleted.", 1, 1),))
        if kind is MetadataType.CHANNEL and existing.active:
            return SavedChange(
                existing.id, problems=(SchemaProblem("Deactivate the channel before you delete it.", 1, 1),)
            )
        del self.components[kind, name]
        self._let_go(kind, name)
        return SavedChange(existing.id, changed=True, deleted=True)

    def _let_go(self, kind: MetadataType, name: str) -> None:
        """Delete the parts of a deleted app; remove a deleted permission set from the apps that name it."""
        if kind is MetadataType.ECA and self.faults.argument("eca-delete") != "parts-stay":
            for each in satellites(self.components, name).values():
                del self.components[each.type, each.name]
        elif kind is MetadataType.PERMISSION_SET:
            for each in list(self.components.values()):
                if each.type in (MetadataType.ECA_OAUTH_POLICY, MetadataType.CONNECTED_APP):
                    self._rewrite(each, app_content.without_permission_set(each, name))

    def rename(self, kind: MetadataType, old_name: str, new_name: str) -> SavedChange | None:
        """Rename a component; None if there is none with the old name."""
        existing = self.components.get((kind, old_name))
        if existing is None:
            return None
        wrong = rules.name_problem(kind, new_name, self.faults)
        if kind.of_apps:
            wrong = f"A component of type {kind.xml_name} can't be renamed."
        if wrong is None and (kind, new_name) in self.components:
            wrong = f"duplicate value found: DeveloperName {new_name}"
        if wrong is None and self.users_of(kind, old_name):
            wrong = f"This {kind.xml_name} is referenced elsewhere in salesforce.com."
        if wrong is not None:
            return SavedChange(existing.id, problems=(SchemaProblem(wrong, 1, 1),))
        del self.components[kind, old_name]
        self.components[kind, new_name] = replace(existing, name=new_name, modified=self.now, modified_by=self.user_id)
        return SavedChange(existing.id, changed=True)

    def users_of(self, kind: MetadataType, name: str, among: dict[Key, Component] | None = None) -> list[Component]:
        """Return the components that refer to this one, now or, with ``among``, in another state of the org."""
        wanted = {
            MetadataType.KEY: (MetadataType.KEYSET, "publicKeyCertificate"),
            MetadataType.KEYSET: (MetadataType.CHANNEL, "publicKeyCertificateSetName"),
        }.get(kind)
        if wanted is None:
            return []
        user_kind, element = wanted
        return [
            component
            for component in (self.components if among is None else among).values()
            if component.type is user_kind
            and any(node.name == element and node.text == name for node in root_of(component).walk())
        ]

    def save(self, store: Store) -> None:
        """Save the draft's components as the org's."""
        for kind, name in self.before.keys() - self.components.keys():
            store.delete_component(kind, name)
        before = self.before
        store.put_components(found for key, found in self.components.items() if before.get(key) is not found)
        bindings = dict(self._bindings())
        if bindings:
            store.bind_routing(bindings)

    def _bindings(self) -> Iterator[tuple[str, Mapping[str, str | None] | None]]:
        """Yield the new binding in the record of each deployed channel."""
        for kind, name in sorted(self.deployed, key=lambda key: key[1]):
            found = self.components.get((kind, name))
            if kind is not MetadataType.CHANNEL or found is None:
                continue
            if self.faults.on("session-handler-cleared"):
                yield found.id, routing.CLEARED
            elif routing.is_rerouted(self.before[kind, name], found):
                yield found.id, None
