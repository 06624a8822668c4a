"""A deployment that failed: the org is looked at before anything is said about it."""

from __future__ import annotations

from dataclasses import replace

from provisioner.components.snapshot import Component, Unreadable
from provisioner.components.xml import new_component, set_text
from provisioner.errors import UnreachableError
from provisioner.execution.aftermath import Aftermath, digests, look
from provisioner.execution.refusals import explain
from provisioner.model.types import MetadataType
from provisioner.salesforce import DeployProblem
from tests.execution.test_refusals import FAILED, SENT

KEY, SHOP, WEB = MetadataType.KEY, (MetadataType.KEY, "shop"), (MetadataType.KEY, "web")


def component(label: str) -> Component:
    root = new_component(KEY)
    set_text(root, "masterLabel", label)
    return Component(KEY, "shop", root)


class Fake:
    """An org that reads as it is told."""

    def __init__(self, **found: object) -> None:
        self.found = found

    def read(self, names: object) -> object:
        if "error" in self.found:
            raise UnreachableError("No answer.", next="Try again.")
        return {(KEY, name): each for name, each in self.found.items()}


BEFORE = digests({SHOP: component("Shop"), WEB: None}, [SHOP, WEB])


def seen(**found: object) -> Aftermath:
    return look(Fake(**found), BEFORE, None)  # type: ignore[arg-type]


def test_an_org_that_is_as_before() -> None:
    found = seen(shop=component("Shop"), web=None)
    assert (found.is_nothing, found.words) == (True, "The deployment changed nothing.")


def test_an_org_that_changed_is_told() -> None:
    found = seen(shop=component("Shop"), web=component("Web"))
    assert found.applied == (WEB,)
    assert found.words == "The org reports a failure, but key.web changed in it."
    assert seen(shop=None, web=None).applied == (SHOP,)


def test_an_org_that_cannot_be_read() -> None:
    for found in (seen(error=True), seen(shop=component("Shop"), web=Unreadable("It is hidden.", "none"))):
        assert not found.is_nothing
        assert "is not known" in found.words


def test_a_refusal_of_a_foreign_part_tells_it_too() -> None:
    words = "sessionHandlerAsa: no such agent"
    failure = DeployProblem("MessagingChannel", "Web_Chat", "", words, "Error")
    (problem,) = explain(replace(FAILED, failures=(failure,)), SENT, Aftermath(applied=(WEB,)))
    assert problem.meaning.endswith("key.web changed in it.")


def test_no_refusal_says_that_nothing_was_applied() -> None:
    left = Aftermath(applied=(WEB,))
    for status in (FAILED, replace(FAILED, error_status_code="X")):
        (problem,) = explain(status, SENT, left)
        assert "changed nothing" not in problem.meaning
        assert "key.web changed" in problem.meaning
