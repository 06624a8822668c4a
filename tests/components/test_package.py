"""A package is the same, byte for byte, however it was put together."""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provisioner.components.package import Package
from provisioner.components.snapshot import Component
from provisioner.components.xml import new_component
from provisioner.model.types import TYPES, MetadataType

NAMES = [(kind, name) for kind in TYPES for name in ("b", "a", "C")]
PACKAGE = Package(
    {name: new_component(name[0]) for name in NAMES}, [(MetadataType.KEY, "x"), (MetadataType.CHANNEL, "y")]
)


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_it_was_made_is_not_seen(chance: random.Random) -> None:
    components, deletions = list(PACKAGE.components.items()), list(PACKAGE.deletions)
    chance.shuffle(components)
    chance.shuffle(deletions)
    assert Package(dict(components), deletions).to_zip("67.0") == PACKAGE.to_zip("67.0")


def test_files_stand_by_type_and_name() -> None:
    with zipfile.ZipFile(io.BytesIO(PACKAGE.to_zip("67.0"))) as archive:
        assert archive.namelist() == [
            "package.xml",
            "destructiveChangesPost.xml",
            *(f"PublicKeyCertificate/{name}.PublicKeyCertificate" for name in "Cab"),
            *(f"PublicKeyCertificateSet/{name}.PublicKeyCertificateSet" for name in "Cab"),
            *(f"messagingChannels/{name}.messagingChannel" for name in "Cab"),
        ]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "no moment is told"
        manifest = etree.fromstring(archive.read("package.xml"))
    assert [each.text for each in manifest.iter("{*}name")] == [kind.xml_name for kind in TYPES]
    assert [each.text for each in manifest.iter("{*}members")] == [*"Cab"] * 3
    assert manifest.findtext("{*}version") == "67.0"


def test_what_refers_to_others_is_deleted_before_them() -> None:
    names = [(MetadataType.KEY, "k"), (MetadataType.KEYSET, "s"), (MetadataType.CHANNEL, "c")]
    manifest = etree.fromstring(Package({}, names).files("67.0")["destructiveChangesPost.xml"])
    assert [each.text for each in manifest.iter("{*}members")] == ["c", "s", "k"]
    assert manifest.find("{*}version") is None


def test_who_changed_a_component_last_is_no_part_of_it() -> None:
    found = Component(MetadataType.KEY, "k", new_component(MetadataType.KEY), "Ada", "2026-01-01")
    assert replace(found, last_modified_by="Bob", last_modified_date="2026-02-02") == found
    assert found.address == "key.k"
