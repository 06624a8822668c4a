"""A refusal is shown in the org's words, with its place; its cause is named only if the words or the line name it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from provisioner.components.package import Package
from provisioner.diagnostics import Location
from provisioner.execution.refusals import SentPackage, explain
from provisioner.model.estate import Channel, Estate, Places
from provisioner.model.types import MetadataType
from provisioner.salesforce import DeployProblem, DeployStatus
from provisioner.salesforce.refusal_texts import Cause, text_of
from tests.execution.deploy_texts import TEXTS, DeployText

OWN = Location("config/user-verification.yaml", 10, 3)
AUTH, MINUTES = replace(OWN, line=12), replace(OWN, line=15)
PLACES = Places(OWN, {("user_verification", "enabled"): AUTH, ("token_expiration_minutes", "verified"): MINUTES})
XML = """<MessagingChannel xmlns="http://soap.sforce.com/2006/04/metadata">
    <automatedResponses>
        <response>Hello</response>
        <type>StartResponse</type>
    </automatedResponses>
    <embeddedConfig>
        <authMode>Auth</authMode>
        <chatAbandonmentTimeout>10</chatAbandonmentTimeout>
        <messagingAuthorizations>
            <authIdentifier>login</authIdentifier>
            <enabled>true</enabled>
            <publicKeyCertificateSetName>web</publicKeyCertificateSetName>
        </messagingAuthorizations>
        <verifiedUserJwtExpirationTime>60</verifiedUserJwtExpirationTime>
    </embeddedConfig>
    <sessionHandlerQueue>Web_Queue</sessionHandlerQueue>
</MessagingChannel>"""
PACKAGE = Package({(MetadataType.CHANNEL, "Web_Chat"): etree.fromstring(XML)})
SENT = SentPackage(PACKAGE, Estate(channels={"Web_Chat": Channel("Web_Chat", places=PLACES)}), (), "67.0")
FAILED = DeployStatus("0Af000000000001AAA", True, False, "Failed")
FOREIGN = "a part of the channel that provisioner does not manage"


def refused(words: str, line: int | None = None, sent: SentPackage = SENT) -> tuple[str, Location | None]:
    """Meaning and place of a refusal of the channel."""
    file = "messagingChannels/Web_Chat.messagingChannel"
    failure = DeployProblem("MessagingChannel", "Web_Chat", file, words, "Error", line)
    (problem,) = explain(replace(FAILED, failures=(failure,)), sent)
    assert (problem.problem, problem.address) == (words, "channel.Web_Chat")
    return problem.meaning, problem.declared_at


def line_of(element: str) -> int:
    content = PACKAGE.files("67.0")["messagingChannels/Web_Chat.messagingChannel"].decode()
    return next(number for number, line in enumerate(content.splitlines(), 1) if f"<{element}>" in line)


def test_there_are_some_forty_real_texts() -> None:
    assert len({text.words for text in TEXTS}) == len(TEXTS) >= 40
    assert all(text.source for text in TEXTS)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.words[:40])
def test_the_meaning_of_a_real_text(text: DeployText) -> None:
    assert text_of(text.words).cause is text.cause


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.words[:40])
def test_a_real_text_about_a_channel(text: DeployText) -> None:
    """Only what the words name is blamed on a part that is not managed here."""
    meaning, place = refused(text.words)
    named = text.cause is Cause.NOT_OURS or (text.cause is Cause.REFERENCE and " named " in text.words)
    assert (FOREIGN in meaning) is named
    assert place == OWN
    if text.cause is Cause.UNKNOWN:
        assert meaning == "This is the org's own message; its cause is unknown. The deployment changed nothing."


def test_a_deployment_of_ours_has_further_advice() -> None:
    manifest, _ = refused("Not in package.xml")
    assert "provisioner generates both" in manifest
    limit, _ = refused("REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.")
    assert limit.endswith("is used up. The deployment changed nothing. Run the command again in some minutes.")


@pytest.mark.parametrize("element", ["sessionHandlerQueue", "chatAbandonmentTimeout", "automatedResponses"])
def test_a_part_that_the_line_names(element: str) -> None:
    meaning, place = refused("Something is wrong", line_of(element))
    assert meaning.startswith(f"The error concerns {element}, {FOREIGN}")
    assert place == OWN


def test_a_part_that_holds_the_line_is_named() -> None:
    assert refused("Something is wrong", line_of("response"))[0].startswith("The error concerns automatedResponses, ")


@pytest.mark.parametrize("words", ["sessionHandlerQueue is not a queue", "In field: sessionHandlerQueue - bad"])
def test_a_part_that_the_words_name(words: str) -> None:
    assert refused(words)[0].startswith(f"The error concerns sessionHandlerQueue, {FOREIGN}")


def test_a_reference_of_a_foreign_part() -> None:
    meaning, _ = refused("In field: sessionHandlerQueue - no Queue named Web_Queue found", 1)
    assert meaning.startswith(f"The error concerns Queue Web_Queue, {FOREIGN}")
    assert meaning.endswith("The component refers to the Queue Web_Queue, which is missing in the org.")


def test_a_reference_to_a_keyset_is_ours() -> None:
    words = "In field: publicKeyCertificateSetName - no PublicKeyCertificateSet named web found"
    meaning, _ = refused(words, line_of("publicKeyCertificateSetName"))
    assert FOREIGN not in meaning
    assert "which is missing in the org" in meaning


@pytest.mark.parametrize(
    ("words", "element", "place"),
    [
        ("Something is wrong", "authMode", AUTH),
        ("Something is wrong", "verifiedUserJwtExpirationTime", MINUTES),
        ("authMode cannot be changed", "sessionHandlerQueue", AUTH),
    ],
)
def test_what_is_ours_has_its_yaml_line(words: str, element: str, place: Location) -> None:
    meaning, found = refused(words, line_of(element))
    assert (FOREIGN in meaning, found) == (False, place)


@pytest.mark.parametrize("element", ["MessagingChannel", "embeddedConfig"])
def test_a_line_that_only_holds_others_names_nothing(element: str) -> None:
    content = PACKAGE.files("67.0")["messagingChannels/Web_Chat.messagingChannel"].decode()
    line = next(number for number, text in enumerate(content.splitlines(), 1) if f"<{element}" in text)
    assert FOREIGN not in refused("invalid cross reference id", line)[0]


def test_an_internal_error_is_no_fault_of_a_part() -> None:
    words = "An unexpected error occurred. Please include this ErrorId if you contact support: 193357600-12117"
    meaning, _ = refused(words, line_of("sessionHandlerQueue"))
    assert meaning.startswith("This is an internal error of the org.")


def test_an_unknown_package_still_gives_place_and_meaning() -> None:
    meaning, place = refused("authMode cannot be changed", 9, replace(SENT, package=None))
    assert (FOREIGN in meaning, place) == (False, AUTH)


@pytest.mark.parametrize(
    ("by", "name", "said"),
    [
        ("005000000000001", "Ada Admin", "The deployment was cancelled by Ada Admin."),
        ("005000000000001", None, "The deployment was cancelled by 005000000000001."),
        (None, None, "The deployment was cancelled."),
    ],
)
def test_who_cancelled_a_deployment(by: str | None, name: str | None, said: str) -> None:
    (problem,) = explain(replace(FAILED, status="Canceled", canceled_by=by, canceled_by_name=name), SENT)
    assert (problem.problem, problem.meaning.split(".")[0]) == (said, "The deployment changed nothing")


def test_an_error_of_the_whole_deployment() -> None:
    status = replace(FAILED, error_status_code="ALREADY_IN_PROCESS", error_message="null: locked")
    (problem,) = explain(status, SENT)
    assert problem.problem == "ALREADY_IN_PROCESS: null: locked"
    assert problem.meaning.startswith("Another change holds the lock on the org's setup.")


def test_a_failure_without_a_word() -> None:
    (problem,) = explain(FAILED, SENT)
    assert problem.problem == "The deployment has the status Failed, and the org gave no reason."
