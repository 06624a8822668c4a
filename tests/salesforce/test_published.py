"""What is published, as the chat host shows it, and publishing until it shows the right thing."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.components.deployments import Deployments, PublicConfig
from provisioner.components.snapshot import Unreadable
from provisioner.errors import UnreachableError
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.chat_answers import ChatAnswer, Kind, silence
from provisioner.salesforce.published import WAITS, Publisher, public_config, read_deployments


def shown(mode: str | None, address: str = "a-1") -> ChatAnswer:
    channel = {"channelAddressIdentifier": address, **({"authMode": mode} if mode is not None else {})}
    return ChatAnswer(Kind.GOOD, 200, "", {"embeddedServiceConfig": {"embeddedServiceMessagingChannel": channel}})


REFUSED = ChatAnswer(Kind.REFUSED, 412, "Embedded Messaging Config is not Published", {})


class Org:
    """An org with two deployments; ``answers`` are what publishing answers."""

    def __init__(self, *answers: Any, fault: Exception | None = None) -> None:
        self.answers = list(answers)
        self.fault = fault

    def query(self, soql: str, *, tooling: bool = False) -> list[dict[str, Any]]:
        if self.fault is not None:
            raise self.fault
        if tooling:
            return [{"Id": "04I1", "DeveloperName": "Shop_Web"}, {"Id": "04I2", "DeveloperName": "Shop_App"}]
        return [{"DeveloperName": "Web_Chat", "ChannelAddressIdentifier": "a-1"}]

    def sites(self, names: dict[str, str]) -> dict[str, Any]:
        assert not names
        return {}

    def publish(self, deployment_id: str) -> Any:
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("answer", "config"),
    [
        (shown("Auth"), PublicConfig(True, "Auth", "a-1")),
        (REFUSED, PublicConfig(False, why="Embedded Messaging Config is not Published")),
        (ChatAnswer(Kind.REFUSED, 400, "", {}), PublicConfig(None, why="HTTP 400")),
        (
            ChatAnswer(Kind.STRANGE, 503, "a web page (Sorry)", {}),
            PublicConfig(None, why="HTTP 503: a web page (Sorry)"),
        ),
        (silence("Nobody answers.", "unreachable"), PublicConfig(None, why="no answer: Nobody answers.")),
        (shown(None), PublicConfig(None, why="HTTP 200")),
    ],
)
def test_what_an_answer_says(answer: ChatAnswer, config: PublicConfig) -> None:
    assert public_config(answer) == config


def test_only_what_is_declared_and_there_is_asked_for() -> None:
    asked: list[str] = []

    def ask(name: str) -> ChatAnswer:
        asked.append(name)
        return shown("UnAuth")

    found = read_deployments(Org(), ask, ["Shop_Web", "Gone"])  # type: ignore[arg-type]
    assert isinstance(found, Deployments)
    assert (asked, found.ids["Shop_App"], found.addresses) == (["Shop_Web"], "04I2", {"Web_Chat": "a-1"})
    assert found.public == {"Shop_Web": PublicConfig(True, "UnAuth", "a-1")}


@pytest.mark.parametrize(
    "fault", [OrgFault("INVALID_TYPE", "no", request="it"), UnreachableError("Silence.", next="Wait.")]
)
def test_what_cannot_be_read_is_unreadable(fault: Exception) -> None:
    found = read_deployments(Org(fault=fault), lambda name: shown("Auth"), ["Shop_Web"])  # type: ignore[arg-type]
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ({"isSuccess": True, "publishStatus": "Success"}, None),
        ({"isSuccess": True}, None),
        ({"isSuccess": False, "publishStatus": "Failure"}, "isSuccess False, publishStatus Failure"),
        ({"isSuccess": "true"}, "isSuccess true"),
        ({}, "nothing"),
    ],
)
def test_success_is_what_the_org_calls_success(answer: dict[str, Any], refused: str | None) -> None:
    assert Publisher(Org(answer), lambda name: shown("Auth"), lambda _: None).publish("04I1") == refused  # type: ignore[arg-type]


def test_the_wait_for_visitors_lasts_at_most_ten_minutes() -> None:
    modes, paused = ["UnAuth", None, "Auth"], list[float]()
    publisher = Publisher(Org(), lambda name: shown(modes.pop(0)), paused.append)  # type: ignore[arg-type]
    assert publisher.wait("Shop_Web", "Auth").auth_mode == "Auth"
    assert paused == list(WAITS[:3])
    never = Publisher(Org(), lambda name: shown("UnAuth"), paused.append)  # type: ignore[arg-type]
    assert never.wait("Shop_Web", "Auth").auth_mode == "UnAuth"
    assert sum(WAITS) == 600


def test_a_host_that_shows_nothing_is_not_waited_for() -> None:
    paused = list[float]()
    publisher = Publisher(Org(), lambda name: silence("Nobody answers.", "unreachable"), paused.append)  # type: ignore[arg-type]
    assert publisher.wait("Shop_Web", "Auth").why == "no answer: Nobody answers."
    assert len(paused) == 3
