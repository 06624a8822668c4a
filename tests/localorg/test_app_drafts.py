"""Properties of apps as components: what is read can be sent back, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.localorg import app_content
from provisioner.localorg.content import rendered, root_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.pending_deploy import Draft
from provisioner.localorg.records import SATELLITES, MetadataType
from provisioner.localorg.store import Store
from provisioner.localorg.xmltree import Node, leaf, parse
from tests.localorg import logins

VERSION = 67
_TRUTH = st.sampled_from(["true", "false"])
#: Optional elements of each part, with values that the org takes.
_OPTIONAL: dict[str, dict[str, st.SearchStrategy[str]]] = {
    "ExternalClientApplication": {"description": st.text("abc <&'\"", min_size=1), "isProtected": _TRUTH},
    "ExtlClntAppOauthSettings": {"commaSeparatedOauthScopes": st.sampled_from(["Api", "Api, RefreshToken", "Web"])},
    "ExtlClntAppGlobalOauthSettings": {
        "isPkceRequired": _TRUTH, "isNamedUserJwtEnabled": _TRUTH, "shouldRotateConsumerSecret": st.just("false"),
        "consumerKey": st.sampled_from(["A" * 80, "B" * 80]),
    },
    "ExtlClntAppOauthConfigurablePolicies": {
        "permittedUsersPolicyType": st.sampled_from(["AllSelfAuthorized", "AdminApprovedPreAuthorized"]),
        "refreshTokenPolicyType": st.sampled_from(["Zero", "Infinite"]), "commaSeparatedPermissionSet": st.just("Gate"),
        "sessionTimeoutInMinutes": st.integers(1, 120).map(str),
    },
    "ExtlClntAppConfigurablePolicies": {"startPage": st.just("None"), "isOauthPluginEnabled": _TRUTH},
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("drafts") / "org.sqlite3")
    yield opened
    opened.close()


@st.composite
def files(draw: st.DrawFn) -> dict[str, Node]:
    """A file of each part, with some of its optional elements in any order."""
    whole = logins.app(key=None)
    made = {}
    for kind, optional in _OPTIONAL.items():
        root = parse(whole[f"{kind}/{logins.NAMES[kind]}"].encode())
        root.children = [child for child in root.children if child.name not in optional]
        chosen = draw(st.fixed_dictionaries({}, optional=optional))
        root.children += [leaf(name, value) for name, value in chosen.items()]
        root.children = draw(st.permutations(root.children))
        made[kind] = root
    return made


def new_draft(store: Store) -> Draft:
    draft = Draft({}, VERSION, Faults(store), "005", 0, store.new_ids, org_id="00D000000000001AAA")
    gate = draft.put(MetadataType.PERMISSION_SET, "Gate", parse(logins.permission_set().encode()))
    assert not gate.problems
    return draft


def put(draft: Draft, made: dict[str, Node]) -> dict[str, Any]:
    """Put the parts as a package does; what became of each."""
    done = {}
    for kind, root in made.items():
        found = MetadataType.named(kind)
        assert found is not None
        done[kind] = draft.put(found, logins.NAMES[kind], root)
        assert not done[kind].problems
    draft.complete()
    return done


def read(draft: Draft, kind: str) -> Node:
    found = MetadataType.named(kind)
    assert found is not None
    component = draft.components[found, logins.NAMES[kind]]
    return app_content.shown(rendered(component, VERSION, draft.faults), component, draft.faults, {})


@given(first=files())
@settings(max_examples=50, deadline=None)
def test_what_was_read_changes_nothing(store: Store, first: dict[str, Node]) -> None:
    draft = new_draft(store)
    put(draft, first)
    again = put(draft, {kind: read(draft, kind) for kind in first})
    assert {kind: change.changed for kind, change in again.items()} == dict.fromkeys(first, False)


@given(first=files(), second=files())
@settings(max_examples=50, deadline=None)
def test_an_update_keeps_keys_names_and_order(store: Store, first: dict[str, Node], second: dict[str, Node]) -> None:
    draft = new_draft(store)
    put(draft, first)
    key = read(draft, "ExtlClntAppGlobalOauthSettings").value("consumerKey")
    put(draft, second)
    assert read(draft, "ExtlClntAppGlobalOauthSettings").value("consumerKey") == key
    kept = [root_of(component) for component in draft.components.values()]
    for root in kept:
        names = [child.name for child in root.children]
        assert names == sorted(names)
    assert len([kind for kind, _ in draft.components if kind in SATELLITES]) == len(SATELLITES), "none twice"
