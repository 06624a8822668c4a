"""Characters that look right and are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.model import characters

TEXTS = st.text(max_size=30)


@given(TEXTS)
def test_each_part_of_a_text_is_of_one_kind(text: str) -> None:
    """Quotation marks at the ends, white space, invisible and unusual characters: none is called two things."""
    unusual = set(characters.unusual(text))
    assert not unusual & {each for each in text if each.isspace() or each.isascii() or characters.is_invisible(each)}
    inner = characters.without_quotes(text.strip())
    assert unusual <= set(inner)
    assert not characters.quotes_around(inner)
    space = characters.space_inside(text)
    assert space is None or (space in text.strip() and space.isspace())


@given(TEXTS)
def test_a_text_with_twins_is_ascii_and_as_long(text: str) -> None:
    written = characters.with_twins(text)
    if written is not None:
        assert written.isascii()
        assert len(written) == len(text)
        assert [one for one, other in zip(text, written, strict=True) if one.isascii() and one != other] == []


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_ascii_has_nothing_unusual(text: str) -> None:
    assert characters.unusual(text) == ()
    assert characters.with_twins(text) == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("https://YOUR_DOMAIN.auth0.com/", "YOUR_DOMAIN"),
        ("https://MY-TENANT.okta.com", "MY-TENANT"),
        ("https://your-tenant.auth0.com", "your-tenant"),
        ("https://yourdomain.com", "yourdomain"),
        ("https://login.microsoftonline.com/{tenantid}/v2.0", "{tenantid}"),
        (
            "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0",
            "00000000-0000-0000-0000-000000000000",
        ),
        ("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_XXXXXXXXX", "XXXXXXXXX"),
        ("https://<host>/", "<host>"),
        ("https://id.acme.com/[realm]", "[realm]"),
        ("https://%TENANT%/", "%TENANT%"),
        ("changeme", "changeme"),
        ("TODO", "TODO"),
    ],
)
def test_placeholders(text: str, part: str) -> None:
    assert characters.placeholder(text) == part


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/",
        "https://id.example.com",
        "https://my-shop.acme.com/",
        "https://your-parking.com",
        "https://todo.acme.com",
        "https://xxx.acme.com",
        "https://acme.com/a?b=%20c",
        "https://[::1]:8443/jwks",
        "https://login.microsoftonline.com/8b3f9a3c-0000-4c11-9d7e-000000000000/v2.0",
        "YOURS",
        "MYTHOS-1",
    ],
)
def test_values_that_only_resemble_placeholders(text: str) -> None:
    assert characters.placeholder(text) is None


@pytest.mark.parametrize("mark", [*"\"'`", *"“”‘’„‚«»‹›「」『』〝〞＂＇´"])
def test_quotation_marks_of_every_script(mark: str) -> None:
    assert characters.quotes_around(f"{mark}a{mark}") == mark * 2
    assert characters.without_quotes(f"{mark}{mark}a{mark}") == "a"
    assert characters.quotes_around(mark) == mark
