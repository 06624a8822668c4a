"""What a clean-up may delete, and whether a channel is still what a probe made of it."""

from __future__ import annotations

from lxml import etree

from provisioner.components.meaning import digest
from provisioner.components.snapshot import Component, OrgFacts, Snapshot, Unreadable
from provisioner.components.xml import copy, new_component, set_text
from provisioner.experiments import parts
from provisioner.experiments.cleaning import _is_of_probe, _with_blanks, foreign_users, leftovers
from provisioner.model.types import TYPES, MetadataType

KEY, KEYSET, CHANNEL = MetadataType.KEY, MetadataType.KEYSET, MetadataType.CHANNEL


def channel(keyset: str | None) -> etree._Element:
    element = new_component(CHANNEL)
    set_text(element, "masterLabel", "A channel")
    return parts.verifying(element, [("login", keyset)] if keyset else [])


def snapshot(*components: Component | tuple[MetadataType, str, Unreadable]) -> Snapshot:
    types: dict[MetadataType, dict[str, Component | Unreadable]] = {kind: {} for kind in TYPES}
    for each in components:
        if isinstance(each, Component):
            types[each.type][each.full_name] = each
        else:
            types[each[0]][each[1]] = each[2]
    return Snapshot(OrgFacts("00D5g000000ABCD", "https://x", True, False), "67.0", "67.0", types, {})


def component(part: parts.Part) -> Component:
    (kind, name), element = part
    return Component(kind, name, element)


MADE = (component(parts.key("{}")), component(parts.keyset(parts.KEY)))


def test_only_names_with_the_prefix_are_leftovers() -> None:
    others = (component(parts.key("{}", "my_uvprobe_key")), component(parts.keyset(name="uvprobekeyset")))
    assert leftovers(snapshot(*MADE, *others)) == [(KEYSET, parts.KEYSET), (KEY, parts.KEY)]


def test_a_probe_s_own_components_are_no_foreign_users() -> None:
    org = snapshot(*MADE)
    assert foreign_users(org, (KEY, parts.KEY)) == []
    assert foreign_users(org, (KEYSET, parts.KEYSET)) == []


def test_a_foreign_user_is_found_directly_and_through_a_keyset() -> None:
    org = snapshot(*MADE, Component(CHANNEL, "Theirs", channel(parts.KEYSET)))
    assert foreign_users(org, (KEYSET, parts.KEYSET)) == ["channel.Theirs"]
    assert foreign_users(org, (KEY, parts.KEY)) == ["channel.Theirs"]
    org = snapshot(*MADE, component(parts.keyset(parts.KEY, name="theirs")))
    assert foreign_users(org, (KEY, parts.KEY)) == ["keyset.theirs"]
    assert foreign_users(org, (KEYSET, parts.KEYSET)) == []


def test_what_cannot_be_read_may_be_a_user() -> None:
    org = snapshot(*MADE, (CHANNEL, "Hidden", Unreadable("no", "none")))
    assert foreign_users(org, (KEYSET, parts.KEYSET)) != []


def test_a_channel_of_a_probe_is_known_by_its_keyset() -> None:
    sent = parts.with_text(channel(None), "description", "uvprobe")
    assert _is_of_probe(sent, sent)
    assert _is_of_probe(channel(parts.KEYSET), sent)
    assert not _is_of_probe(channel("theirs"), sent)


def test_blanks_stand_for_what_was_not_there_before() -> None:
    before = channel(None)
    now = parts.with_text(before, "description", "uvprobe")
    blank = _with_blanks(before, now)
    found = blank.find("{*}description")
    assert found is not None
    assert not found.text
    assert digest(blank) == digest(before)
    assert digest(_with_blanks(before, copy(before))) == digest(before)
