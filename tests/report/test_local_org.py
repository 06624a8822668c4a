"""The state of a local org, for a person."""

from __future__ import annotations

from provisioner.report.local_org import local_org_status


def test_no_value_is_shown_as_python_writes_it() -> None:
    shown = local_org_status({
        "running": False, "url": None, "components": {"MessagingChannel": 5, "ConnectedApp": 1}, "faults": [],
    })  # fmt: skip
    assert shown == "running: no\nurl: none\ncomponents: 5 MessagingChannel, 1 ConnectedApp\nfaults: none"


def test_a_fault_is_shown_with_what_it_does() -> None:
    faults = [{"name": "slow", "argument": "3", "what": "late"}, {"name": "cut", "argument": None, "what": "gone"}]
    assert local_org_status({"faults": faults}) == "faults: slow=3 (late), cut (gone)"
