"""One large component takes time in proportion: edited, read back in another order, and told what is lost of it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from lxml import etree

from provisioner.components import xml
from provisioner.components.channel import edit_channel
from provisioner.components.keyset import edit_keyset
from provisioner.components.meaning import digest, lost
from provisioner.model.estate import Channel, Configuration, Issuer, Keyset, UploadedKeys
from provisioner.model.types import MetadataType
from tests import growth


def keyset(size: int) -> etree._Element:
    names = tuple(f"key_{number:05}" for number in range(size))
    made = Keyset("s", Issuer("https://id.example.com"), UploadedKeys(names))
    edited = edit_keyset(None, made)
    return edit_keyset(edited, made)


def channel(size: int) -> etree._Element:
    configurations = {f"c{number:05}": Configuration(f"c{number:05}", "s", True) for number in range(size)}
    made = Channel("c", True, configurations)
    return edit_channel(edit_channel(xml.new_component(MetadataType.CHANNEL), made), made)


@pytest.mark.parametrize("make", [keyset, channel])
def test_time_does_not_grow_with_the_square(
    make: Callable[[int], etree._Element],
) -> None:
    def seconds(size: int) -> float:
        began = time.process_time()
        sent = make(size)
        read = xml.copy(sent)
        for part in read.iter():
            part[:] = list(reversed(part))
        assert lost(sent, read) == []
        assert digest(sent) == digest(read)
        return time.process_time() - began

    assert growth.at_most(24, seconds, 500, 4_000)
