"""Unknown names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import UsageError
from provisioner.names import MOST_LISTED, Nearest, listed, nearest, one_of


def test_a_name_that_differs_by_case_is_nearest() -> None:
    assert nearest("WEB_CHAT", ["Web_Chat", "WEB_CHAD"]) == "Web_Chat"
    assert nearest("zzz", ["Web_Chat"]) is None


@given(st.lists(st.text(min_size=1), unique=True))
def test_every_known_name_is_its_own_nearest(known: list[str]) -> None:
    for name in known:
        near = nearest(name, known)
        assert near is not None
        assert near.casefold() == name.casefold()


@pytest.mark.parametrize(
    ("name", "found"),
    [("--enviroment", "--env"), ("--jx", None), ("-vvvvvvvvvvv", None)],
)
def test_the_longest_beginning_is_near(name: str, found: str | None) -> None:
    assert nearest(name, ["--env", "--for", "--format", "-v"]) == found


def test_hints_are_limited() -> None:
    names = Nearest(["storefront", "mobile"])
    offered = [names.hint("storefrnt") for _ in range(Nearest.MOST_HINTS + 5)]
    assert offered == [" Did you mean storefront?"] * Nearest.MOST_HINTS + [""] * 5
    assert Nearest(["storefront"]).hint("zzz") == ""


def test_a_long_list_is_counted() -> None:
    assert listed([]) == "none"
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(number) for number in range(MOST_LISTED + 3)]).endswith("18, 19 and 3 more")


def test_an_unknown_name_is_a_usage_error() -> None:
    assert one_of({"shop": 1}, "shop", "keyset", place="the declaration") == 1
    with pytest.raises(UsageError) as caught:
        one_of({"shop": 1}, "shpo", "keyset", place="the declaration", advice="Leave it out.")
    assert caught.value.message == "There is no keyset shpo in the declaration. Did you mean shop?"
    assert caught.value.next == "Keysets there: shop. Leave it out."
    assert caught.value.code == "unknown-keyset"
