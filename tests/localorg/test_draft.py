"""Whatever is put into an org is either kept, and then the same when it is put again, or refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from provisioner.localorg import package
from provisioner.localorg.content import rendered
from provisioner.localorg.faults import Faults
from provisioner.localorg.pending_deploy import Draft
from provisioner.localorg.records import MetadataType
from provisioner.localorg.schema import Element, schema
from provisioner.localorg.store import Store
from provisioner.localorg.xmltree import Node, branch, leaf
from tests.localorg import material
from tests.localorg.client import zipped

VERSION = 67
_TEXTS = st.one_of(
    st.sampled_from(["true", "60", "-3", "x", " y ", "", "{}", "[]", "https://x.example/", material.jwk()]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
)
#: What makes a value of a type, or of an element, that the org takes.
_GOOD = {
    "boolean": st.sampled_from(["true", "false", "1", " 0"]),
    "int": st.integers(-5, 5000).map(str),
    "authMode": st.sampled_from(["Auth", "UnAuth"]),
    "jsonWebKey": st.just(material.jwk()),
    "authIdentifier": st.sampled_from(["shop", "app"]),
    "jwksEndPoint": st.just("https://x.example/"),
}


def _value(element: Element) -> st.SearchStrategy[Node]:
    """A child of that kind: mostly as it should be."""
    if element.type in schema().types:
        return _tree(element.type, element.name)
    values = schema().enums.get(element.type)
    good = _GOOD.get(element.name, _GOOD.get(element.type, st.just("text")))
    if values:
        good = st.sampled_from(sorted(values))
    return st.one_of(good, good, good, _TEXTS).map(lambda text: leaf(element.name, text))


def _tree(type_name: str, name: str) -> st.SearchStrategy[Node]:
    """The elements that a type requires, and some that it allows or that no one knows."""
    elements = list(schema().types[type_name].values())
    required = st.tuples(*[_value(element) for element in elements if element.required])
    more = st.lists(st.sampled_from([*elements, Element("unknown", "string")]), max_size=3).flatmap(
        lambda chosen: st.tuples(*[_value(element) for element in chosen])
    )
    return st.deferred(lambda: st.builds(lambda one, other: branch(name, [*one, *other]), required, more))


def _components() -> st.SearchStrategy[tuple[MetadataType, Node]]:
    return st.sampled_from(list(MetadataType)).flatmap(
        lambda kind: _tree(kind.root_name, kind.root_name).map(lambda root: (kind, root))
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "org.sqlite3")
    yield made
    made.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(_components(), st.sampled_from([62, 63, 66, 67]))
def test_whatever_is_put_is_kept_or_refused(store: Store, component: tuple[MetadataType, Node], version: int) -> None:
    kind, root = component
    draft = Draft({}, version, Faults(store), "005", 0, store.new_ids, org_id="00D000000000001AAA")
    change = draft.put(kind, "Name", root.copy())
    assert change.created is not bool(change.problems)
    assert all(problem.text for problem in change.problems)
    event("created" if change.created else "refused")
    if change.created:
        held = draft.components[kind, "Name"]
        read = rendered(held, version, draft.faults)
        again = draft.put(kind, "Name", read)
        assert again.problems == ()
        assert again.changed is False
        assert draft.components[kind, "Name"] == held


@given(st.one_of(st.binary(), st.builds(
    lambda texts: zipped({"package.xml": texts[0], "destructiveChanges.xml": texts[1]}),
    st.tuples(*[st.one_of(st.binary(), st.just(material.manifest({"PublicKeyCertificate": ["k1", "*"]})))] * 2),
)))  # fmt: skip
def test_whatever_comes_as_a_package_is_read_or_refused(content: bytes) -> None:
    try:
        read = package.read(content, VERSION)
    except package.PackageProblem as problem:
        reason: str | None = problem.text
    else:
        reason = None
        assert read.version == VERSION
    assert reason is None or reason
