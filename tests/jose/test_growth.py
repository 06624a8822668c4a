"""Reading a key takes time in proportion to its size: nobody's file may stop the machine that checks it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from provisioner.jose.material import derive
from tests import growth
from tests.jose.making import NOW, jwk_members, jwk_source

GROWN: dict[str, Callable[[int], bytes]] = {
    "members": lambda size: b"{" + b",".join(b'"%d":1' % number for number in range(size)) + b"}",
    "lines": lambda size: b"{" + b",\n".join(b'"%d":1' % number for number in range(size)) + b"}",
    "duplicates": lambda size: b"{" + b",".join(b'"a%d":1,"a%d":1' % (number, number) for number in range(size)) + b"}",
    "certificates": lambda size: json.dumps(jwk_members(x5c=["!"] * size)).encode(),
    "backslashes": lambda size: b'{"a":"' + b'\\"' * (10 * size) + b'"}',
}


@pytest.mark.parametrize("kind", GROWN)
def test_time_does_not_grow_with_the_square(kind: str) -> None:
    def seconds(size: int) -> float:
        source = jwk_source(GROWN[kind](size))
        start = time.process_time()
        derive(source, NOW)
        return time.process_time() - start

    assert growth.at_most(40, seconds, 2_000, 20_000)
