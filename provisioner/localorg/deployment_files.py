"""The file of a chat deployment as Setup makes it. Source: retrieved EmbeddedServiceConfig files."""

from __future__ import annotations

from provisioner.localorg.xmltree import Node, branch, leaf

#: The store's name for the published parts of deployments, by their ids.
PUBLISHED = "published"
#: Elements that a new deployment does not have, and that an org requires anyway.
FLAGS = (
    "areGuestUsersAllowed", "isEnabled", "isTermsAndConditionsEnabled", "isTermsAndConditionsRequired",
    "shouldHideAuthDialog",
)  # fmt: skip
#: Features that custom clients and mobile apps cannot have.
CHAT_FLAGS = (
    "isChatInvitationCustomizable", "isInvitationEnabled", "isSendInvtAllowedAfterAccept",
    "isSendInvtAllowedAfterReject", "shouldShowAgentforceTagline", "shouldShowDeliveryReceipts",
    "shouldShowEmojiSelection", "shouldShowReadReceipts", "shouldShowTypingIndicators", "shouldStartNewLineOnEnter",
)  # fmt: skip


def deployment_file(label: str, channel: str, kind: str, site: str | None, client_version: str | None) -> Node:
    """Return the content of a deployment of that type; ``site`` and ``client_version`` are of web deployments."""
    chat = [leaf(name, "false") for name in CHAT_FLAGS]
    chat += [leaf("isEnabled", "true"), leaf("messagingChannel", channel)]
    fields = [leaf(name, "true" if name == "isEnabled" else "false") for name in FLAGS]
    fields += [
        leaf("deploymentFeature", "EmbeddedMessaging"), leaf("deploymentType", kind), leaf("masterLabel", label),
        branch("embeddedServiceMessagingChannel", _sorted(chat)),
    ]  # fmt: skip
    for name, value in (("site", site), ("clientVersion", client_version)):
        if value is not None:
            fields.append(leaf(name, value))
    return branch("EmbeddedServiceConfig", _sorted(fields))


def _sorted(nodes: list[Node]) -> list[Node]:
    return sorted(nodes, key=lambda each: each.name)
