"""Experiments with the borrowed channel, which must be inactive. Each begins with its original content."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from provisioner.components import xml
from provisioner.components.meaning import lost
from provisioner.experiments import parts
from provisioner.experiments.bench import Bench
from provisioner.experiments.experiment import Experiment, Found, Side, UndecidedError
from provisioner.experiments.uploads import deletion
from provisioner.model.types import MetadataType

_KEYSET = MetadataType.KEYSET
_ONE = ((parts.CONFIGURATION, parts.KEYSET),)
_TEXT = "uvprobe"
_VERIFIED, _UNVERIFIED = "verifiedUserJwtExpirationTime", "anonymousUserJwtExpirationTime"
#: Verified expirations outside 60 to 240 minutes.
_TRIED = (241, 300, 30)
_OLD_VERSION = "62.0"
#: Elements of channels that 62.0 does not know. Source: WSDLs of 63 and later, published channel files.
_NEWER = (
    "endUserIdleTimeOut", "isEstimatedWaitTimeEnabled", "isQueuePositionEnabled", "isSynchronousChatEnabled",
    "isVoiceModeEnabled", "sessionHandlerAsa", "endInactiveSessionTimeOut", "endUserIdleAction",
    "isAgentMessageResetInactivityEnabled", "allowedFileTypes", "isAbandonedChatsEnabled", "isAgentAvlCheckEnabled",
    "isFileAttachmentExtUnrestricted", "maxFileSize", "presenceTimeout", "queueLimitType", "queueThreshold",
    "chatAbandonmentTimeout", "isFallbackMessageEnabled",
)  # fmt: skip
#: Elements of a channel's metadata that name the target of its chats.
_HANDLERS = ("sessionHandlerAsa", "sessionHandlerFlow", "sessionHandlerQueue")
_NEWER_ELEMENT = "isQueuePositionEnabled"


def _keyset_in_same_package(bench: Bench) -> Found:
    bench.must("Deployed a key.", parts.key(bench.material.first.to_json()))
    keyset, channel = parts.keyset(parts.KEY), bench.channel_part(parts.verifying(bench.channel, _ONE))
    if bench.send(
        "Deployed a keyset and the channel with a configuration of it in one package.", keyset, channel
    ).success:
        return Found("found")
    bench.must("Deployed the keyset alone.", keyset)
    bench.must("Deployed the channel alone.", channel)
    return Found("not-found")


def _verify_by_keyset(bench: Bench, verified: int = 60) -> etree._Element:
    """Make the channel verify by a keyset, and return it as it was sent."""
    bench.keys_in_use()
    element = parts.verifying(bench.channel, _ONE, verified=verified)
    bench.must("Deployed the channel with user verification and a configuration.", bench.channel_part(element))
    return element


def _delete_keyset_in_use(bench: Bench) -> Found:
    _verify_by_keyset(bench)
    status = bench.send("Deleted the keyset, which the channel still uses.", delete=((_KEYSET, parts.KEYSET),))
    return deletion(bench, status.success, _KEYSET, parts.KEYSET)


def _omitted_element(bench: Bench) -> Found:
    return _after_omission(bench, "description", _TEXT, omitted=("description",))


def _older_version(bench: Bench) -> Found:
    return _after_omission(bench, _NEWER_ELEMENT, "true", omitted=_NEWER, version=_OLD_VERSION)


def _after_omission(
    bench: Bench, name: str, value: str, *, omitted: Sequence[str], version: str | None = None
) -> Found:
    """Deploy the channel with an element, then without the ``omitted`` ones at ``version``; return whether the org
    keeps it.
    """
    whole = parts.with_text(bench.channel, name, value)
    bench.must(f"Deployed the channel with {name}: {value}.", bench.channel_part(whole))
    if xml.text_of(bench.read_channel(), name) != value:
        raise UndecidedError(f"The org did not keep {name} in the first place.")
    what = f"the channel without {name}" + (f" at version {version}" if version is not None else "")
    part = bench.channel_part(parts.without(whole, omitted))
    if not bench.send(f"Deployed {what}.", part, version=version).success:
        raise UndecidedError(f"The org does not accept {what}.")
    kept = xml.text_of(bench.read_channel(), name) == value
    bench.note("Read the channel back.", f"{name} is {'kept' if kept else 'reset'}.")
    return Found("kept" if kept else "reset")


def _expiration_range(bench: Bench) -> Found:
    _verify_by_keyset(bench)
    if parts.embedded_text(bench.read_channel(), _VERIFIED) != "60":
        raise UndecidedError("The org did not keep an expiration of 60 minutes in the first place.")
    taken: list[str] = []
    refused: list[str] = []
    for minutes in _TRIED:
        element = parts.verifying(bench.channel, _ONE, verified=minutes)
        status = bench.send(f"Deployed the channel with verified: {minutes}.", bench.channel_part(element))
        kept = status.success and parts.embedded_text(bench.read_channel(), _VERIFIED) == str(minutes)
        if status.success and not kept:
            bench.note("Read the channel back.", "It has another expiration.")
        (taken if kept else refused).append(str(minutes))
    if taken and refused:
        return Found("some", f"taken: {', '.join(taken)}; not taken: {', '.join(refused)}")
    return Found("taken" if taken else "refused")


def _element_dropped(bench: Bench) -> Found:
    bench.keys_in_use()
    sent = parts.with_text(parts.verifying(bench.channel, _ONE), "description", _TEXT)
    bench.must("Deployed the channel with a description and a configuration.", bench.channel_part(sent))
    missing = lost(parts.without(sent, [_UNVERIFIED]), bench.read_channel())
    bench.note("Read the channel back.", f"Missing: {', '.join(missing) or 'nothing'}.")
    return Found("dropped", missing[0].rpartition("/")[2]) if missing else Found("kept")


def _two_configurations(bench: Bench) -> Found:
    _verify_by_keyset(bench)
    bench.must("Deployed another key.", parts.key(bench.material.second.to_json(), parts.OTHER_KEY))
    bench.must("Deployed another keyset.", parts.keyset(parts.OTHER_KEY, name=parts.OTHER_KEYSET))
    both = (*_ONE, (parts.OTHER_CONFIGURATION, parts.OTHER_KEYSET))
    element = bench.channel_part(parts.verifying(bench.channel, both))
    if not bench.send("Deployed the channel with a configuration of each keyset.", element).success:
        return Found("refused")
    names = parts.configuration_names(bench.read_channel())
    bench.note("Read the channel back.", f"Its configurations are {', '.join(names) or 'none'}.")
    return Found("taken" if sorted(names) == sorted(name for name, _ in both) else "dropped")


def _other_expiration(bench: Bench) -> Found:
    bench.keys_in_use()
    sent = parts.verifying(bench.channel, _ONE, verified=61)
    part = xml.child(sent, "embeddedConfig")
    assert part is not None
    xml.set_text(part, _UNVERIFIED, 361)
    bench.must("Deployed the channel in Auth with both expirations.", bench.channel_part(sent))
    read = bench.read_channel()
    if parts.embedded_text(read, _VERIFIED) != "61":
        raise UndecidedError("The org did not keep the expiration of the mode in force.")
    other = parts.embedded_text(read, _UNVERIFIED)
    bench.note("Read the channel back.", f"The expiration of the other mode is {other or 'missing'}.")
    return Found("kept" if other else "dropped")


def _routing_of_record(bench: Bench) -> Found:
    borrowed = bench.borrowed
    assert borrowed is not None
    bound = {name: value for name, value in borrowed.routing.items() if value is not None}
    if not bound:
        raise UndecidedError("The channel's record binds no routing, or the org does not show it.")
    described = parts.with_text(bench.channel, "description", _TEXT)
    bench.must("Deployed the channel with a description.", bench.channel_part(described))
    record = bench.org.channel_records().get(borrowed.name)
    if record is None:
        raise UndecidedError("The org no longer shows the channel's record.")
    cleared = [name for name in bound if record.routing.get(name) is None]
    bench.note("Read the channel's record.", f"Cleared: {', '.join(cleared) or 'nothing'}.")
    if not cleared and any(xml.text_of(bench.channel, name) for name in _HANDLERS):
        raise UndecidedError("The channel's metadata names its routing, so the record cannot tell whether it is kept.")
    return Found("cleared" if cleared else "kept")


EXPERIMENTS = (
    Experiment(
        "keyset-in-same-package", 1, "Is a channel's keyset found in the same package?",
        (Side("found", "A channel's keyset is found in the same package."),
         Side("not-found", "A channel's keyset must be deployed before the channel.", ("keyset-same-package",))),
        _keyset_in_same_package, needs_channel=True,
    ),
    Experiment(
        "delete-keyset-in-use", 2, "Is the deletion of a keyset that a channel uses refused?",
        (Side("refused", "The org refuses to delete a keyset that a channel uses."),
         Side("deleted", "The org deletes a keyset although a channel uses it.", ("delete-in-use",))),
        _delete_keyset_in_use, needs_channel=True,
    ),
    Experiment(
        "omitted-element", 7, "Is an element reset that a channel's file omits?",
        (Side("reset", "What a channel's file omits is reset."),
         Side("kept", "What a channel's file omits keeps its value.", ("omitted-kept",))),
        _omitted_element, needs_channel=True,
    ),
    Experiment(
        "older-version", 8, "Does a deployment at an older version reset newer elements?",
        (Side("kept", "A deployment at an older version keeps newer elements."),
         Side("reset", "A deployment at an older version resets newer elements.", ("newer-omitted-gone",))),
        _older_version, needs_channel=True,
    ),
    Experiment(
        "expiration-range", 11, "Are verified expirations of 241, 300 and 30 minutes taken?",
        (Side("taken", "Expirations outside 60 to 240 are taken."),
         Side("refused", "Expirations outside 60 to 240 are not taken.", ("expiration-range",)),
         Side("some", "Some expirations outside 60 to 240 are taken.", None)),
        _expiration_range, needs_channel=True,
    ),
    Experiment(
        "element-dropped", 18, "Does a channel that succeeds lose elements?",
        (Side("kept", "The channel kept everything that was sent."),
         Side("dropped", "The channel lost an element although the deployment succeeded.", ("element-dropped={}",))),
        _element_dropped, needs_channel=True,
    ),
    Experiment(
        "two-configurations", 21, "Does a channel take two configurations?",
        (Side("taken", "A channel takes several configurations (whether each verifies, only the chat can tell)."),
         Side("refused", "The org refuses a second configuration.", ("one-configuration",)),
         Side("dropped", "The org accepts a second configuration and does not keep it.", None)),
        _two_configurations, needs_channel=True,
    ),
    Experiment(
        "other-expiration", 45, "Does a channel keep the expiration of the mode that is off?",
        (Side("dropped", "Only the expiration of the mode in force is kept."),
         Side("kept", "The expiration of the mode that is off is kept, too.", ("other-expiration-kept",))),
        _other_expiration, needs_channel=True,
    ),
    Experiment(
        "routing-of-record", 46, "Does a deployment keep the routing that only the channel's record binds?",
        (Side("kept", "A deployment keeps the routing that only the channel's record binds."),
         Side("cleared", "A deployment clears the routing of the channel's record.", ("session-handler-cleared",))),
        _routing_of_record, needs_channel=True,
    ),
)  # fmt: skip
