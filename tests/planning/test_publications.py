"""Which deployments a plan publishes, and what it says where that is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.components.deployments import Deployments, PublicConfig
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.errors import ExitStatus
from provisioner.model.estate import Channel, Deployment, Estate
from provisioner.planning.plan import Plan
from tests.planning.test_risk import CHANNEL, ESTATE, plan, provisioned

SHOWN = PublicConfig(True, "Auth", "a-1")
GUESTS = replace(CHANNEL, enabled=False)


def estate(channel: Channel = CHANNEL, **changes: object) -> Estate:
    deployment = replace(Deployment("Shop_Web", "Web_Chat"), **changes)  # type: ignore[arg-type]
    return replace(ESTATE, channels={"Web_Chat": channel}, deployments={deployment.name: deployment})


def org(seen: PublicConfig | None = SHOWN, channel: Channel = CHANNEL, newest: str = "67.0") -> Snapshot:
    public = {} if seen is None else {"Shop_Web": seen}
    found = Deployments({"Shop_Web": "04I1", "Shop_App": "04I2"}, {"Web_Chat": "a-1"}, public)
    return replace(provisioned(channel), deployments=found, newest_api_version=newest)


def publishes(made: Plan) -> list[tuple[str, bool]]:
    return [each for change in made.changes for each in change.publishes]


def rules(made: Plan) -> list[str]:
    return [each.rule for each in made.warnings if each.rule == "deployment-not-published"]


def test_what_visitors_get_is_as_the_channel() -> None:
    made = plan(estate(), org())
    assert (made.is_empty, made.blocked, rules(made)) == (True, (), [])


def test_a_changed_mode_is_published_with_it() -> None:
    made = plan(estate(), org(PublicConfig(True, "UnAuth", "a-1"), GUESTS))
    assert publishes(made) == [("Shop_Web", True)]
    assert made.changes[0].is_deployed
    assert any("Shop_Web is published" in impact for impact in made.changes[0].impact)


def test_an_old_publication_is_renewed_without_a_deployment() -> None:
    made = plan(estate(), org(PublicConfig(True, "UnAuth", "a-1")))
    assert publishes(made) == [("Shop_Web", True)]
    assert not made.changes[0].is_deployed


def test_a_third_mode_is_no_verification_by_tokens() -> None:
    assert publishes(plan(estate(), org(PublicConfig(True, "SalesforceSessionAuth", "a-1")))) == [("Shop_Web", True)]


def test_keys_and_configurations_need_no_publishing() -> None:
    renamed = replace(CHANNEL, verified_minutes=90)
    made = plan(estate(renamed), org())
    assert made.changes
    assert publishes(made) == []


def test_never_is_never() -> None:
    made = plan(estate(publish=False), org(PublicConfig(True, "UnAuth", "a-1"), GUESTS))
    assert made.changes
    assert publishes(made) == []


def test_a_deployment_never_published_is_left_to_a_person() -> None:
    made = plan(estate(), org(PublicConfig(False, why="not published"), GUESTS))
    assert (publishes(made), rules(made)) == ([], ["deployment-not-published"])


def test_what_is_not_known_is_published_with_a_changed_mode_only() -> None:
    silent = PublicConfig(None, why="no answer")
    made = plan(estate(), org(silent))
    assert (publishes(made), rules(made)) == ([], ["deployment-not-published"])
    assert publishes(plan(estate(), org(silent, GUESTS))) == [("Shop_Web", True)]


def test_an_older_org_cannot_publish_and_it_is_said() -> None:
    made = plan(estate(), org(PublicConfig(True, "UnAuth", "a-1"), newest="66.0"))
    assert (publishes(made), rules(made)) == ([], ["deployment-not-published"])


@pytest.mark.parametrize(
    ("declared", "snapshot", "guard", "status"),
    [
        (estate(name="Shop_Wep"), org(), "deployment-missing", ExitStatus.WRONG_INPUT),
        (estate(), org(replace(SHOWN, channel_address="a-2")), "deployment-on-another-channel", ExitStatus.WRONG_INPUT),
        (estate(), provisioned(), "deployments-unreadable", ExitStatus.REFUSED),
        (
            estate(), replace(provisioned(), deployments=Unreadable("no", "View Setup")), "deployments-unreadable",
            ExitStatus.REFUSED,
        ),
    ],
)  # fmt: skip
def test_what_blocks(declared: Estate, snapshot: Snapshot, guard: str, status: ExitStatus) -> None:
    made = plan(declared, snapshot)
    (blocked,) = made.blocked
    assert (blocked.guard, blocked.exit_status) == (guard, status)
    assert publishes(made) == []
