"""frame-ancestors as browsers read it: which pages may show the site of a web deployment in a frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.salesforce.frame_ancestors import frame_ancestors, may_frame

OWN = "https://acme.my.site.com"


def allows(header: str | None, origin: str) -> bool:
    return may_frame(frame_ancestors(header), origin, OWN)


@pytest.mark.parametrize(
    ("sources", "origin"),
    [
        ("'self' https://shop.example.com", "https://shop.example.com"),
        ("shop.example.com", "https://shop.example.com"),
        ("SHOP.example.com", "https://shop.example.com"),
        ("*.example.com", "https://a.b.example.com"),
        ("https://*.example.com", "https://shop.example.com"),
        ("http://shop.example.com", "https://shop.example.com"),
        ("http://localhost:8100", "http://localhost:8100"),
        ("shop.example.com:8443", "https://shop.example.com:8443"),
        ("shop.example.com:*", "https://shop.example.com:8443"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("https:", "https://shop.example.com"),
        ("*", "http://shop.example.com"),
        ("'self'", OWN),
    ],
)
def test_pages_that_may(sources: str, origin: str) -> None:
    assert allows(f"upgrade-insecure-requests; frame-ancestors {sources}", origin)


@pytest.mark.parametrize(
    ("sources", "origin"),
    [
        ("", "https://shop.example.com"),
        ("'none'", "https://shop.example.com"),
        ("'self'", "https://shop.example.com"),
        ("*.example.com", "https://example.com"),
        ("*.example.com", "https://shopexample.com"),
        ("example.com", "https://shop.example.com"),
        ("https://shop.example.com", "http://shop.example.com"),
        ("shop.example.com", "http://shop.example.com"),
        ("shop.example.com", "https://shop.example.com:8443"),
        ("shop.example.com:8443", "https://shop.example.com"),
        ("https://shop.example.com.evil.example", "https://shop.example.com"),
        ("https:", "http://shop.example.com"),
        ("][ ://", "https://shop.example.com"),
    ],
)
def test_pages_that_may_not(sources: str, origin: str) -> None:
    assert not allows(f"frame-ancestors {sources}", origin)


@pytest.mark.parametrize("header", [None, "", "default-src 'none'; script-src https:", "frame-src 'none'"])
def test_without_the_directive_any_page_may(header: str | None) -> None:
    assert allows(header, "https://shop.example.com")


def test_each_policy_must_allow() -> None:
    both = "frame-ancestors https://a.example, frame-ancestors https://b.example https://a.example"
    assert allows(both, "https://a.example")
    assert not allows(both, "https://b.example")


def test_the_first_directive_of_a_policy_counts() -> None:
    assert not allows("frame-ancestors 'none'; Frame-Ancestors *", "https://a.example")


@given(st.text(max_size=80), st.sampled_from(["https://shop.example.com", "http://localhost:8100"]))
def test_any_header_is_read(header: str, origin: str) -> None:
    assert allows(header, origin) in (True, False)
    assert not allows(f"frame-ancestors 'none', {header}", origin)
