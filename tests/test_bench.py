"""The figures of ``make bench``: what is counted, and what the table says of it."""

from __future__ import annotations

from pathlib import Path

from bench.measure import Comparison, Latencies, compare, table


def test_the_sides_take_turns_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []

    compared = compare(
        "x",
        lambda: calls.append("ours"),
        lambda: calls.append("theirs"),
        goal=1,
        rounds=2,
        before_ours=lambda: calls.append("prepare ours"),
        before_theirs=lambda: calls.append("prepare theirs"),
    )

    assert calls == ["prepare ours", "ours", "prepare theirs", "theirs"] * 3
    assert (len(compared.ours), len(compared.theirs)) == (2, 2)


def test_medians_are_compared_so_one_slow_round_does_not_decide() -> None:
    compared = Comparison("x", (1.0, 1.0, 9.0), (4.0, 4.0, 4.0), goal=0.5)

    assert (compared.ratio, compared.met) == (0.25, True)


def test_a_goal_that_is_just_reached_is_not_met() -> None:
    assert not Comparison("x", (1.0,), (2.0,), goal=0.5).met


def test_waiting_is_counted_in_latencies() -> None:
    counted = Latencies("plan", quick=(0.5, 0.5, 0.7), slow=(2.1, 2.1, 2.2), latency=0.4, goal=4)

    assert round(counted.waited_for, 6) == 4.0
    assert counted.met
    assert not Latencies("plan", quick=(0.5,), slow=(2.6,), latency=0.4, goal=4).met


def test_the_table_says_which_goals_are_not_met() -> None:
    rows = table([Comparison("start", (0.1,), (1.0,), 0.5), Comparison("plan", (3.0,), (1.0,), 0.3)], [])

    assert [line.split()[0] for line in rows.splitlines() if "NOT MET" in line] == ["plan"]
    assert "0.10" in rows


def test_each_kind_of_sides_has_its_own_head() -> None:
    with_cli = Comparison("a", (1.0,), (4.0,), goal=0.5)
    fleet = Comparison("b", (1.0,), (2.0,), goal=0.6, sides=("one run", "each"))

    lines = [line.split() for line in table([with_cli, with_cli, fleet], []).splitlines()]

    assert [lines[number][0] for number in (0, 3)] == ["ours", "one"]
    assert [line[0] for line in lines] == ["ours", "a", "a", "one", "b"]
    assert lines[-1][-3:] == ["0.50", "<0.6", "met"]


def test_equal_costs_of_components_are_linear_growth() -> None:
    from bench.load import Growth, Run
    from bench.load import table as growth_table

    level = Growth("plan", {100: Run(1, 50), 1_000: Run(1.9, 59), 9_500: Run(10.4, 144)})
    steep = Growth("apply", {100: Run(1, 50), 1_000: Run(1.9, 59), 9_500: Run(30.0, 900)})
    assert (level.is_linear, steep.is_linear) == (True, False)
    shown = growth_table([level, steep])
    assert "1.00 ms, 10 kB, linear" in shown
    assert "NOT LINEAR" in shown


def test_a_small_estate_is_measured() -> None:
    from bench.load import growths

    for each in growths((12,)):
        assert each.runs[12].seconds > 0
        assert each.runs[12].megabytes > 10  # at least; a child's figure counts what its parent held when it began


def test_the_page_says_what_was_measured_with(tmp_path: Path) -> None:
    from bench.page import page

    package = tmp_path / "node_modules/@salesforce/cli/package.json"
    package.parent.mkdir(parents=True)
    package.write_text('{"version": "2.1.0"}')
    text = page("compared", "grown", tmp_path)
    assert "official Salesforce CLI 2.1.0" in text
    assert "compared" in text
    assert "grown" in text
