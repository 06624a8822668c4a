"""No name leads out of the project that an export writes."""

from __future__ import annotations

import pytest

from provisioner.components.package import Package
from provisioner.components.source_project import Layout, component_files
from provisioner.components.xml import new_component
from provisioner.model.types import MetadataType


def files(name: str) -> dict[str, bytes]:
    package = Package({(MetadataType.KEY, name): new_component(MetadataType.KEY)})
    return component_files(package, "67.0", Layout())


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "../up", "a/b", "/etc/passwd", "a\\b", "C:a", "a\nb", "a\0b", "a\x1b[2J", "a\u202eb"],
)
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it is the name, and nothing more
        files(name)


@pytest.mark.parametrize("name", ["shop", "ns__shop", "shop.v2", "Größe"])
def test_any_other_name_is_a_file_in_its_folder(name: str) -> None:
    folder = "force-app/main/default/PublicKeyCertificate"
    assert f"{folder}/{name}.PublicKeyCertificate-meta.xml" in files(name)
