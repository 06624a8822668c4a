"""Who came as a guest: the judgement of counted sessions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnosis.chat.guests import AlarmKind, Expectation, Guests, Silence, judge, silence_of
from provisioner.errors import ExitStatus
from provisioner.model.estate import Channel, Configuration
from provisioner.salesforce.messaging_sessions import Sessions, Visits

TODAY = date(2026, 11, 26)
DAYS = tuple(TODAY - timedelta(days=back) for back in range(14, -1, -1))
LOGIN = Configuration("shop_login", "shop")
VERIFIES = Channel("Web", enabled=True, configurations={"shop_login": LOGIN})


def sessions(*days: Visits, sees_all: bool | None = True, named: int = 0) -> Sessions:
    """Sessions on the channel Web; the last of ``days`` is today, and those before the first had ten verified."""
    earlier = [Visits(verified=10)] * (len(DAYS) - len(days))
    visits = {("Web", day): each for day, each in zip(DAYS, [*earlier, *days], strict=True)}
    return Sessions(DAYS, "UTC", ("Other", "Web"), visits, {("Web", "shop_login"): named}, sees_all=sees_all)


def judged(found: Sessions, channel: Channel = VERIFIES, since: date | None = None) -> Guests:
    return judge("local", {channel.name: channel}, found, since)


def kinds(guests: Guests) -> list[AlarmKind]:
    return [alarm.kind for alarm in guests.alarms]


def test_verified_customers_raise_no_alarm() -> None:
    found = judged(sessions(named=150))
    assert found.exit_status is ExitStatus.DONE
    web = next(each for each in found.channels if each.channel == "Web")
    assert (web.sum, web.configurations, web.former) == (Visits(verified=150), {"shop_login": 150}, 0)


def test_a_guest_today_is_an_alarm_with_its_day() -> None:
    found = judged(sessions(Visits(9, 1)))
    assert kinds(found) == [AlarmKind.GUESTS]
    assert found.exit_status is ExitStatus.CHANGES_PENDING
    assert "guests began 1 session on it, on 2026-11-26" in found.alarms[0].message


def test_guests_from_before_a_day_do_not_count() -> None:
    found = sessions(Visits(9, 2), Visits(10), Visits(10))
    assert kinds(judged(found)) == [AlarmKind.GUESTS]
    assert kinds(judged(found, since=DAYS[-3])) == [AlarmKind.GUESTS]
    assert kinds(judged(found, since=DAYS[-2])) == []


@pytest.mark.parametrize(
    ("channel", "expectation"),
    [(Channel("Web", enabled=False), Expectation.GUESTS), (Channel("Web"), Expectation.NOT_DECLARED)],
)
def test_other_channels_raise_no_alarm(channel: Channel, expectation: Expectation) -> None:
    found = judged(sessions(Visits(0, 9), Visits(), Visits(), Visits()), channel)
    assert found.exit_status is ExitStatus.DONE
    assert found.channels[0].expectation is expectation


def test_an_undeclared_channel_is_shown_without_judgement() -> None:
    found = judge("local", {}, sessions(Visits(0, 9)))
    assert [each.channel for each in found.channels] == ["Other", "Web"]
    assert found.alarms == ()


def test_silence_counts_complete_days_only() -> None:
    assert kinds(judged(sessions(Visits()))) == []
    assert kinds(judged(sessions(Visits(), Visits()))) == [AlarmKind.SILENT]
    assert kinds(judged(sessions(Visits(), Visits(), Visits(1)))) == [AlarmKind.SILENT]


def test_a_declared_channel_that_the_org_lacks_is_an_alarm() -> None:
    found = judged(sessions(), Channel("Gone", enabled=True))
    assert kinds(found) == [AlarmKind.MISSING]


def test_sessions_of_former_names_are_counted_as_such() -> None:
    web = next(each for each in judged(sessions(named=120)).channels if each.channel == "Web")
    assert web.former == 30
    # A session that began between two queries never makes a negative number.
    web = next(each for each in judged(sessions(named=151)).channels if each.channel == "Web")
    assert web.former == 0


@pytest.mark.parametrize(("sees_all", "status"), [(True, 0), (False, 2), (None, 2)])
def test_no_session_proves_nothing_to_who_may_not_see_all(sees_all: bool | None, status: int) -> None:
    empty = Sessions(DAYS, "UTC", ("Web",), {}, {}, sees_all=sees_all)
    assert judged(empty).exit_status == status
    assert judged(sessions(sees_all=sees_all)).exit_status == 0


@pytest.mark.parametrize(
    ("totals", "silence"),
    [
        ([5] * 14, None),
        ([5] * 13 + [0], Silence(1, 0, 5)),
        ([4] * 13 + [0], None),
        ([4] * 12 + [0, 0], Silence(2, 0, 8)),
        ([30] * 12 + [0, 3], Silence(2, 3, 60)),
        ([30] * 12 + [0, 7], None),
        ([30] * 11 + [0, 0, 9], Silence(3, 9, 90)),
        ([1] * 7 + [0] * 7, Silence(7, 0, 7)),
        # A weekend without sessions is one of every week.
        ([9, 9, 9, 9, 9, 0, 0] * 2, None),
        ([9] * 7, None),
        ([9] * 7 + [0], Silence(1, 0, 9)),
        ([0] * 14, None),
    ],
)
def test_silence(totals: list[int], silence: Silence | None) -> None:
    assert silence_of(totals) == silence


@given(st.lists(st.integers(0, 50), min_size=7, max_size=7))
def test_the_same_week_again_is_never_silent(week: list[int]) -> None:
    assert silence_of(week * 3) is None


@given(st.lists(st.integers(0, 50), min_size=8, max_size=30))
def test_a_silence_is_what_it_says(totals: list[int]) -> None:
    silence = silence_of(totals)
    if silence is not None:
        assert silence.sessions == sum(totals[-silence.days :])
        assert silence.before >= max(5, 10 * silence.sessions)
