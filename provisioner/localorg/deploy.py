"""One deployment as a transaction: a package is processed on a draft, and every component gets its message."""

from __future__ import annotations

from dataclasses import dataclass, field

from provisioner.localorg.package import MANIFEST, STEPS, Listed, Package
from provisioner.localorg.pending_deploy import Draft, SavedChange
from provisioner.localorg.records import Message, MetadataType
from provisioner.localorg.xmltree import METADATA_NAMESPACE, XmlProblem, parse

FORBIDDEN = "insufficient access rights on cross-reference id"


@dataclass(slots=True)
class Run:
    """The processing of a package on a draft.

    ``offered`` are the types that the org can deploy, ``forbidden`` those that need a permission that the user lacks.
    """

    draft: Draft
    package: Package
    offered: frozenset[MetadataType]
    ignore_warnings: bool
    forbidden: frozenset[MetadataType] = frozenset()
    messages: list[Message] = field(default_factory=list)

    def work(self) -> list[Message]:
        """Return a message for each component, and one for the manifest."""
        self.messages.append(Message("", MANIFEST, MANIFEST, changed=True))
        for step in STEPS:
            if step is None:
                self._components()
            else:
                for entry in self.package.deletions.get(step, ()):
                    self._delete(step, entry)
        return self.messages

    def _components(self) -> None:
        files = self.package.component_files()
        wanted: dict[tuple[MetadataType, str], str] = {}
        for entry in self.package.listed:
            kind = self._kind(entry, MANIFEST)
            if kind is None:
                continue
            if entry.member == "*":
                wanted |= {key: path for key, path in files.items() if key[0] is kind}
            elif (kind, entry.member) in files:
                wanted[kind, entry.member] = files[kind, entry.member]
            else:
                problem = (
                    f"An object '{entry.member}' of type {entry.type_name} was named in package.xml, "
                    "but was not found in zipped directory"
                )
                self._fail(entry.type_name, entry.member, MANIFEST, problem)
        named = {(entry.type_name, entry.member) for entry in self.package.listed}
        for (kind, name), path in files.items():
            if not named & {(kind.xml_name, name), (kind.xml_name, "*")}:
                self._warn(kind.xml_name, name, path, "Not in package.xml")
        order = list(MetadataType)
        for (kind, name), path in sorted(wanted.items(), key=lambda item: order.index(item[0][0])):
            self._put(kind, name, path)
        self.draft.complete()

    def _kind(self, entry: Listed, file: str) -> MetadataType | None:
        """Return the entry's type if it can be deployed; else add a message with the reason."""
        kind = MetadataType.named(entry.type_name)
        if kind is None:
            self._fail(
                entry.type_name, entry.member, file, f"Unknown type name '{entry.type_name}' specified in {file}"
            )
        elif kind.since > self.draft.version:
            self._fail(entry.type_name, entry.member, file, "Not available for deploy for this API version")
        elif kind not in self.offered:
            self._fail(entry.type_name, entry.member, file, "Not available for deploy for this organization")
        elif kind in self.forbidden:
            self._fail(entry.type_name, entry.member, file, FORBIDDEN)
        else:
            return kind
        return None

    def _put(self, kind: MetadataType, name: str, path: str) -> None:
        try:
            root = parse(self.package.files[path])
        except XmlProblem as problem:
            text = f"Error parsing file: {problem.message}"
            self._fail(kind.xml_name, name, path, text, line=problem.line, column=problem.column)
            return
        if (root.namespace, root.name) != (METADATA_NAMESPACE, kind.root_name):
            text = f"Error parsing file: Element {{{root.namespace}}}{root.name} invalid at this location"
            self._fail(kind.xml_name, name, path, text, line=root.line, column=root.column)
            return
        self._report(kind, name, path, self.draft.put(kind, name, root))

    def _delete(self, file: str, entry: Listed) -> None:
        kind = self._kind(entry, file)
        if kind is None:
            return
        change = self.draft.delete(kind, entry.member)
        if change is None:
            self._warn(entry.type_name, file, file, f"No {entry.type_name} named: {entry.member} found")
        else:
            self._report(kind, entry.member, file, change)
            if kind is MetadataType.ECA and change.deleted and self.draft.faults.argument("eca-delete") == "warns":
                self._warn(entry.type_name, entry.member, file, "The app's settings and policies are deleted, too")

    def _report(self, kind: MetadataType, name: str, path: str, change: SavedChange) -> None:
        for problem in change.problems:
            self._fail(kind.xml_name, name, path, problem.text, line=problem.line, column=problem.column)
        if not change.problems:
            self.messages.append(
                Message(
                    kind.xml_name, name, path, id=change.id,
                    created=change.created, changed=change.changed, deleted=change.deleted,
                )
            )  # fmt: skip

    def _fail(
        self, type_name: str, name: str, file: str, problem: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        self.messages.append(
            Message(
                type_name, name, file, problem=problem, problem_type="Error", line=line, column=column, success=False
            )
        )

    def _warn(self, type_name: str, name: str, file: str, problem: str) -> None:
        self.messages.append(
            Message(type_name, name, file, problem=problem, problem_type="Warning", success=self.ignore_warnings)
        )
