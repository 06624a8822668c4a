"""Clues from pasted text about a deployment, or another request, that the org refused after the login."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from provisioner.diagnosis.cases import For, Mark, Source
from provisioner.diagnosis.login.evidence import LoginEvidence, PastedRefusal
from provisioner.diagnosis.pasted.refusals import NO_REASON, meaning_of
from provisioner.model.types import OTHER_TYPES, TYPES
from provisioner.salesforce.refusal_texts import Cause

_FILE = "Correct the component's file at the line and column of the message."
#: What to do, by the subject of the org's words.
STEPS: Mapping[Cause, tuple[str, ...]] = MappingProxyType(
    {
        Cause.NOT_OURS: ("Setup > Quick Find: Messaging Settings > the channel: select an active agent.",),
        Cause.SETTINGS: ("Change one of the two settings that the message names.",),
        Cause.REFERENCE: (
            "Deploy the missing component before this one or in the same package, or remove the reference to it.",
        ),
        Cause.IN_USE: ("Remove what refers to the component first, and delete it then.",),
        Cause.PERMISSION: (
            (
                "Give the user of the deployment, in a permission set: Modify Metadata Through Metadata API Functions; "
                "for channels also Configure Messaging, and View Setup and Configuration."
            ),
            "Check that the org has the feature that the type belongs to.",
        ),
        Cause.API_VERSION: (
            (
                "Deploy with an API version that the org offers; {login_url}/services/data/ lists them. Keys, keysets "
                "and the user verification of channels need 62.0 or later."
            ),
        ),
        Cause.VALUE: (
            _FILE,
            "Check that the API version of the deployment has this value, and the org the features that it needs.",
        ),
        Cause.MISSING_FIELD: (_FILE,),
        Cause.FILE: (_FILE,),
        Cause.MANAGED: ("Remove it from the package: only the publisher of the managed package can change it.",),
        Cause.PACKAGE: ("List exactly the components of the package in its package.xml.",),
        Cause.LOCKED: ("Wait until Setup > Deployment Status shows no other deployment, and deploy again.",),
        Cause.LIMIT: (
            (
                "Setup > Company Information > API Requests, Last 24 Hours shows the use and the limit: wait, or run "
                "fewer jobs."
            ),
        ),
        Cause.COVERAGE: (
            "Add Apex tests until they cover the percentage in the message.",
            "Deploy keys, keysets and channels alone: a deployment without Apex runs no tests by default.",
        ),
        Cause.OPTION: ("Omit the option that the message names.",),
        Cause.INTERNAL: (
            "Repeat the request once. If the message returns, give Salesforce support the ErrorId in it and the time.",
            "For a deployment: deploy the components one by one, to find the one that causes it.",
        ),
        Cause.UNKNOWN: (
            "Setup > Deployment Status > the deployment > View Details has the org's words about each component.",
        ),
    }
)
_OURS = (
    "If {address} is declared: provisioner plan --env {environment} compares it with the org, and provisioner apply "
    "--env {environment} sends keys, keysets and channels in the right order."
)
#: "no PublicKeyCertificateSet named shop-keys found"
_NAMED = re.compile(r"\b([A-Z][A-Za-z]{2,60}) named ([A-Za-z][\w-]{0,80})")
#: A failed login explains more than what the text says about a later request.
_POINTS, _BESIDE_A_LOGIN, _WITHOUT_WORDS = 90, 5, 40


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    for refusal in evidence.pasted.refusals if evidence.pasted is not None else ():
        if refusal == NO_REASON:
            yield from _without_words(evidence)
            continue
        known = meaning_of(refusal)
        for step in _steps(refusal, known.cause):
            yield For(
                "org-refused",
                _POINTS if evidence.answer is None else _BESIDE_A_LOGIN,
                f'The org says{_about(refusal)} "{refusal.words.rstrip(".")}".',
                Source.WORDS,
                remedy=step,
                meaning=f"The login worked. {known.meaning}",
            )


def _without_words(evidence: LoginEvidence) -> Iterator[Mark]:
    points = _WITHOUT_WORDS if evidence.answer is None else _BESIDE_A_LOGIN
    meaning = "The login worked, and the org refused a deployment. The text does not hold the org's words about it."
    yield For("org-refused", points, "The text is about a deployment that failed.", Source.WORDS, meaning=meaning)


def _steps(refusal: PastedRefusal, cause: Cause) -> tuple[str, ...]:
    """Return what to do; a component that a declaration can hold is deployed with what it refers to."""
    address = next(_addresses(refusal), None)
    if address is None:
        return STEPS[cause]
    ours = _OURS.replace("{address}", address)
    return (ours, *STEPS[cause]) if cause is Cause.REFERENCE else (*STEPS[cause], ours)


def _addresses(refusal: PastedRefusal) -> Iterator[str]:
    """Yield the address of the refused component, then of the one that its words name: an sf table has no types."""
    for kind in (*TYPES, *OTHER_TYPES):
        if kind.xml_name == refusal.type and refusal.name:
            yield kind.address(refusal.name)
    for said in _NAMED.finditer(refusal.words):
        yield from (kind.address(said[2]) for kind in (*TYPES, *OTHER_TYPES) if kind.xml_name == said[1])


def _about(refusal: PastedRefusal) -> str:
    return f" about {' '.join(filter(None, (refusal.type, refusal.name)))}:" if refusal.name else ""
