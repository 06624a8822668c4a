"""Origins: which are taken, when two are one, and the names of their entries in CORS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.components.origins import cors_name, frame_of, is_origin, is_trusted, new_cors_origin, same_origin
from provisioner.rules.names.name_invalid import name_problem

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
ORIGINS = st.builds(lambda host, port: f"https://{host}{port}", HOSTS, st.sampled_from(["", ":8443", ":443"]))


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example.com/", "https://shop.example.com/a", "https://*.example.com", "shop.example.com",
        "http://shop.example.com", "https://shop.example.com:0", "https://shop.example.com:65536", "https://",
        "https://shop_a.example.com", "https://u:p@shop.example.com", "https://shop.example.com?a", "https://-a.b",
        "https://shop.example.com\n", "HTTPS//shop", "https://a..b", "wss://shop.example.com", "http://localhost/",
    ],
)  # fmt: skip
def test_what_is_no_origin(text: str) -> None:
    assert not is_origin(text)


@pytest.mark.parametrize(
    "text", ["http://localhost", "http://localhost:3000", "https://localhost", "HTTPS://A.Example"]
)
def test_what_is_one(text: str) -> None:
    assert is_origin(text)


@given(ORIGINS)
def test_every_origin_is_one_and_equals_itself(origin: str) -> None:
    assert is_origin(origin)
    assert same_origin(origin, origin.upper().replace("HTTPS", "https"))
    assert is_trusted(origin, [frame_of(origin)])
    assert is_trusted(origin, [frame_of(origin).partition("://")[2]])
    assert not is_trusted(origin, [f"*.{origin.partition('://')[2]}", "https://other.invalid"])


@given(st.lists(ORIGINS, max_size=8))
def test_names_are_api_names_and_differ(origins: list[str]) -> None:
    taken: list[str] = []
    for origin in origins:
        taken.append(cors_name(origin, taken))
    assert len({name.casefold() for name in taken}) == len(origins)
    assert [name for name in taken if name_problem(name)] == []


def test_the_name_is_as_setup_chooses_it() -> None:
    assert cors_name("https://skywave.flights", ()) == "https_skywave_flights"
    assert cors_name("https://skywave.flights", ["HTTPS_skywave_flights"]) == "https_skywave_flights_2"


def test_the_entry_has_the_url_alone() -> None:
    assert [each.text for each in new_cors_origin("https://a.example")] == ["https://a.example"]


def test_a_port_is_a_part_and_the_default_one_is_not() -> None:
    assert same_origin("https://a.example:443", "https://a.example/")
    assert not same_origin("https://a.example:8443", "https://a.example")
    assert frame_of("http://localhost:3000") == "localhost:3000"
