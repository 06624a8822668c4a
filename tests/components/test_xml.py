"""Small edits of XML, and the file that is made of it."""

from __future__ import annotations

import pytest
from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import NAMESPACE
from provisioner.model.types import MetadataType


def component(content: str) -> etree._Element:
    return etree.fromstring(f'<MessagingChannel xmlns="{NAMESPACE}">{content}</MessagingChannel>'.encode())


def body(element: etree._Element) -> str:
    """What stands in the file between the root's tags."""
    return xml.to_file(element).decode().partition(f'xmlns="{NAMESPACE}">')[2].rpartition("</MessagingChannel>")[0]


@pytest.mark.parametrize(("text", "number"), [("60", 60), (" 60 ", 60), ("", None), ("many", None), ("6.5", None)])
def test_a_number_is_a_number_or_nothing(text: str, number: int | None) -> None:
    assert xml.number_of(component(f"<minutes>{text}</minutes>"), "minutes") == number


def test_a_number_that_is_not_there_is_nothing() -> None:
    assert xml.number_of(component(""), "minutes") is None
    assert xml.number_of(None, "minutes") is None


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("1", True), ("TRUE", True), ("false", False), ("", False)])
def test_a_flag_is_on_or_off(text: str, flag: bool) -> None:
    assert xml.flag_of(component(f"<isActive>{text}</isActive>"), "isActive") is flag


def test_a_new_element_is_put_in_alphabetical_order() -> None:
    element = component("<b>1</b><b>2</b><d/>")
    for name in ("c", "a", "e"):
        xml.set_text(element, name, name)
    second = etree.Element(f"{{{NAMESPACE}}}b")
    second.text = "3"
    xml.insert(element, second)
    found = [(xml.name_of(each), each.text) for each in element]
    assert found == [("a", "a"), ("b", "1"), ("b", "2"), ("b", "3"), ("c", "c"), ("d", None), ("e", "e")]


def test_what_is_written_again_keeps_its_place() -> None:
    element = component("<z>1</z><a>2</a>")
    xml.set_text(element, "z", 3)
    xml.set_text(element, "a", False)
    assert [(xml.name_of(each), each.text) for each in element] == [("z", "3"), ("a", "false")]


def test_a_file_has_one_element_a_line_and_no_other_blanks() -> None:
    element = component("\n\t<a>\n\t\t<b> 1 </b>\n\n<b>  </b></a>\n  <!-- one -->\n  <c/>  <!-- two -->  ")
    assert body(element) == (
        "\n    <a>\n        <b> 1 </b>\n        <b>  </b>\n    </a>\n    <!-- one -->\n    <c/>\n    <!-- two -->\n"
    )


def test_text_beside_elements_is_kept() -> None:
    assert "said <a>" in body(component("<mixed>said <a>1</a></mixed>"))


def test_a_file_knows_nothing_of_the_envelope() -> None:
    envelope = etree.fromstring(
        f'<e:Envelope xmlns:e="urn:e" xmlns:xsi="urn:x">'
        f'<m:c xmlns:m="{NAMESPACE}"><m:a xsi:b="1">1</m:a></m:c></e:Envelope>'
    )
    text = xml.to_file(envelope[0]).decode()
    assert "urn:e" not in text
    assert text.startswith(f'<?xml version="1.0" encoding="UTF-8"?>\n<c xmlns="{NAMESPACE}">\n')
    assert text.endswith("</c>\n")


@pytest.mark.parametrize("inside", ["<a>1</a> text", "<a>1</a><!-- note --> text", "<b><a>1</a> text</b>"])
def test_text_after_an_element_is_no_part_of_a_file(inside: str) -> None:
    assert b"text" not in xml.to_file(component(inside))


def test_the_names_in_a_file_do_not_depend_on_prefixes() -> None:
    plain = component("<a>xmlns</a><b><c>1</c></b>")
    prefixed = etree.fromstring(
        f'<m:Thing xmlns:m="{NAMESPACE}"><m:a>xmlns</m:a><m:b><m:c>1</m:c></m:b></m:Thing>'.encode()
    )
    prefixed.tag = plain.tag
    assert xml.to_file(prefixed) == xml.to_file(plain)


def test_a_new_component_is_empty_and_of_its_type() -> None:
    made = xml.new_component(MetadataType.KEYSET)
    assert made.tag == f"{{{NAMESPACE}}}PublicKeyCertificateSet"
    assert len(made) == 0
