"""One combination of a journey, a request and a fault; and what is wrong with how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import requests

from provisioner import localorg
from provisioner.model.types import TYPES
from tests.faults import journeys
from tests.faults.journeys import Journey
from tests.faults.kinds import FAULTS
from tests.faults.orgs import ORG_FAULTS
from tests.faults.stage import Components, Held, Ran, Stage, held
from tests.faults.wire import Meddle, Seen, Send, Wire, tapped

#: The only end that is neither done nor one of these is the journey's own.
_STATUSES = frozenset({0, 3, 4, 5, 6})
_ERROR = ("message", "next")
#: Not ours in the channel: somebody's own change of it must survive.
NOTE = "Edited by somebody in between."


@dataclass(frozen=True, slots=True)
class Combination:
    """``stays``: the fault stays from that request on. Without a request the fault is the org's own."""

    journey: str
    request: Seen | None
    fault: str
    stays: bool = False

    def __str__(self) -> str:
        if self.request is None:
            return f"{self.journey} | the org | {self.fault}"
        return f"{self.journey} | {self.request} | {self.fault}{' from there on' if self.stays else ''}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A journey without any fault: where it begins and ends, and what it sends."""

    journey: Journey
    words: tuple[str, ...]
    before: Components
    after: Held
    requests: tuple[Seen, ...]
    deployed: int

    def as_before_the_edit(self, now: Held) -> Held:
        """What the org holds, with the description that the channel had before anybody edited it."""
        description = describes(self.before)
        return {name: (xml.replace(NOTE, description), active) for name, (xml, active) in now.items()}

    @property
    def before_the_last_step(self) -> Held:
        """What the org holds when only the activation of channels is left."""
        was = held(self.before)
        return {name: (xml, active and was.get(name, ("", False))[1]) for name, (xml, active) in self.after.items()}

    @property
    def packaged(self) -> Held:
        """What the org holds after the package: web deployments, which no package carries, are left, too."""
        was = held(self.before)
        return {
            name: found
            for name, found in self.before_the_last_step.items()
            if name in was or "<deploymentType>Web</deploymentType>" not in found[0]
        }

    def combinations(self) -> Iterator[Combination]:
        for seen in self.requests:
            for fault in FAULTS:
                yield Combination(self.journey.name, seen, fault.name)
                if fault.lasts:
                    yield Combination(self.journey.name, seen, fault.name, stays=True)
            yield Combination(self.journey.name, seen, "edited in between")
        for each in ORG_FAULTS if self.deployed else ():
            yield Combination(self.journey.name, None, each.name)


def record(stage: Stage, journey: Journey) -> Recorded:
    """Go the journey once, and keep the stage as it was at its beginning."""
    words = journeys.begin(stage, journey)
    stage.keep()
    before, earlier = stage.components(), _deployed(stage)
    wire = Wire()
    with tapped(wire):
        ran = stage.run(*words)
    assert ran.status == 0, f"{journey.name}\n{ran.out}{ran.err}"
    requests_made = tuple(sorted(set(wire.seen), key=lambda seen: (seen.purpose, seen.number)))
    return Recorded(journey, words, before, held(stage.components()), requests_made, _deployed(stage) - earlier)


def attempt(stage: Stage, recorded: Recorded, combination: Combination) -> list[str]:
    """Go the journey with the fault, then once more without; what is wrong, in sentences. Empty is good."""
    stage.put_back(recorded.before)
    stage.restore()
    earlier = _deployed(stage)
    of_the_org = next(
        (each for each in ORG_FAULTS if combination.request is None and each.name == combination.fault), None
    )
    wire = Wire(combination.request, None if of_the_org else _meddle(stage, combination), combination.stays)
    with tapped(wire):
        if of_the_org is not None:
            localorg.break_(stage.org, of_the_org.name)
        first = stage.run(*recorded.words)
        stage.settled()
        wrong = list(_ended(stage, recorded, first))
        if of_the_org is not None:
            localorg.mend(stage.org, of_the_org.name)
            if of_the_org.loses and first.status == 5:
                return wrong  # what is not ours and is lost, no second run can bring back
        wrong += _state(stage, recorded, first, combination)
        wire.meddle = None
        second = stage.run(*recorded.words)
    stage.settled()
    if wire.struck == 0 and of_the_org is None:
        return ["the request was never made"] if first.status != 0 else []
    wrong += _converged(stage, recorded, second, combination)
    if _deployed(stage) - earlier > recorded.deployed:
        wrong.append(f"{_deployed(stage) - earlier} deployments succeeded, where {recorded.deployed} do it")
    return wrong


def _ended(stage: Stage, recorded: Recorded, ran: Ran) -> Iterator[str]:
    """How a run must end, whatever it met."""
    if ran.status not in _STATUSES | recorded.journey.statuses:
        yield f"ended with {ran.status}"
    said = ran.out + ran.err
    if "Traceback" in said or "Internal error" in said:
        yield f"a defect: {said[-600:]}"
    if ran.json is None:
        yield f"stdout is not one JSON document: {ran.out[:200]!r}"
    elif ran.status and not all(ran.json.get("error", {"message": 1, "next": 1}).get(each) for each in _ERROR):
        yield f"an error without a message or a next step: {ran.json}"
    if ran.status == 0 and ran.json is not None and ran.json.get("converged") is False:
        yield "status 0, and not converged"
    if any(token in said for token in stage.tokens()):
        yield "an access token is shown"


def _state(stage: Stage, recorded: Recorded, ran: Ran, combination: Combination) -> Iterator[str]:
    """The org is as before, as planned, or, after a phase that was named, each component is the one or the other.

    Before the last steps a channel that is activated is there and inactive, and a web deployment is not there yet.
    """
    now = recorded.as_before_the_edit(held(stage.components()))
    before, inactive = held(recorded.before), recorded.before_the_last_step
    if now in (before, recorded.packaged, inactive, recorded.after):
        if ran.status == 0 and now != recorded.after:
            yield "status 0, and the org is not as planned"
        return
    mixed = [name for name in now.keys() | before.keys() | recorded.after.keys()
             if now.get(name) not in (before.get(name), inactive.get(name), recorded.after.get(name))]  # fmt: skip
    if mixed:
        yield f"the org has what nobody planned: {', '.join(sorted(mixed))}"
    elif not _names_a_phase(ran):
        yield "the org is half way, and no phase is named"


def _names_a_phase(ran: Ran) -> bool:
    document = ran.json or {}
    outcomes = [document, *(document.get("outcomes") or ())]
    return any(each.get("phase") for each in outcomes) or "Phase" in ran.out or "phase" in str(document.get("error"))


def _converged(stage: Stage, recorded: Recorded, ran: Ran, combination: Combination) -> Iterator[str]:
    """The same command once more, with nothing in its way."""
    if ran.status != 0:
        yield f"the second run ended with {ran.status}: {(ran.out + ran.err)[-900:]}"
    now = held(stage.components())
    if recorded.as_before_the_edit(now) != recorded.after:
        yield "after the second run the org is not as planned"
    if combination.fault == "edited in between" and not _follows_the_last_reading(combination.request):
        edited = any(NOTE in xml for xml, _ in now.values())
        if not edited:
            yield "somebody's change of what is not ours is gone"


def _follows_the_last_reading(request: Seen | None) -> bool:
    """Whether nobody can keep an edit at a request, because an org knows no conditional deployment.

    Apply lists the types of new components after it read the components that it changes. Only the first list, of all
    types, precedes a reading.
    """
    purpose = str(request)
    is_first = request is not None and request.number == 1 and all(kind.xml_name in purpose for kind in TYPES)
    return "deploy" in purpose.lower() or ("listMetadata" in purpose and not is_first)


def _deployed(stage: Stage) -> int:
    """How many deployments changed the org."""
    return sum(each.success and not each.check_only for each in stage.deployments())


def _meddle(stage: Stage, combination: Combination) -> Meddle:
    if combination.fault != "edited in between":
        return next(fault.meddle for fault in FAULTS if fault.name == combination.fault)

    def edited(request: requests.PreparedRequest, send: Send, times: int) -> requests.Response:
        if times == 1:
            _edit(stage)
        return send()

    return edited


def _edit(stage: Stage) -> None:
    """Somebody writes a description into the channel, in Setup."""
    with stage.store() as store, store.transaction():
        for (_, name), each in store.components().items():
            if name == "Web_Chat":
                store.put_components([replace(each, xml=with_note(each.xml), modified=each.modified + 1)])


def with_note(xml: str) -> str:
    """The channel with the note in its description."""
    begin, end = xml.index("<description>"), xml.index("</description>")
    return xml[: begin + len("<description>")] + NOTE + xml[end:]


def describes(components: Components) -> str:
    """The channel's own description."""
    xml = next(each.xml for (_, name), each in components.items() if name == "Web_Chat")
    return xml[xml.index("<description>") + len("<description>") : xml.index("</description>")]
