"""What an org itself can do to a deployment: the local org's own faults, standing through a whole journey."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrgFault:
    """``loses``: something that was sent is not there in the end, whatever the client does: that must end with 5."""

    name: str
    what: str
    loses: bool = False


ORG_FAULTS: tuple[OrgFault, ...] = (
    OrgFault("deploy-queued", "a deployment waits in the queue"),
    OrgFault("deploy-finalizing", "a deployment finalizes for long"),
    OrgFault("finalizing-fails", "a deployment fails while it finalizes"),
    OrgFault("deploy-error", "a deployment ends with an error of the org"),
    OrgFault("later-deploy-fails", "every deployment after the first one fails"),
    OrgFault("unreadable-after-deploy", "the org cannot be read after a deployment"),
    OrgFault("component-refused", "a component is refused"),
    OrgFault("early-poll-fails", "the first looks at a deployment fail"),
    OrgFault("deploy-answer-lost", "the deployment is accepted, and the answer lost"),
    OrgFault("deploy-not-accepted-lost", "the deployment is not accepted, and the answer lost"),
    OrgFault("poll-html", "looking at a deployment gives a page"),
    OrgFault("poll-cut", "looking at a deployment gives half an answer"),
    OrgFault("setup-locked", "somebody else holds the setup lock"),
    OrgFault("element-dropped", "an element is silently dropped", loses=True),
    OrgFault("channel-deactivated", "a channel is switched off by its deployment"),
    OrgFault("session-handler-cleared", "a channel loses the routing of its record"),
)
