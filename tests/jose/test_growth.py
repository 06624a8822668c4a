"""Reading a key takes time in proportion to its size: nobody's file may stop the machine that checks it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from provisioner.jose.file_kinds import take
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


#: Beginnings of what the recogniser looks for, many times.
PIECES = [
    b"[Interface]\nPrivateKey", b"Key: (private-key", b"30 82 ", b"1\n", b"&#43;", b"\\/", b"d: 1", b"Primes:[",
    b"PrivateKey(1,", b"n=1", bytes.fromhex("308204bd020100300d06092a864886f70d01010105000482"),
    b"A: b\n", b"[a]\n", b"\0\0\0\x07ssh-rsa", b"-----BEGIN A-----&quot;", b"<Buffer 30 ", b"private exponent: ",
]  # fmt: skip


@pytest.mark.parametrize("begin", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\x30\x82\xff\xff\x02\x01\x03"])
@pytest.mark.parametrize("piece", PIECES)
def test_any_text_is_recognised_in_linear_time(piece: bytes, begin: bytes) -> None:
    def seconds(size: int) -> float:
        content = begin + piece * (size // len(piece))
        start = time.process_time()
        take(content)
        return time.process_time() - start

    assert growth.at_most(40, seconds, 20_000, 200_000)


@pytest.mark.parametrize("kind", GROWN)
def test_time_does_not_grow_with_the_square(kind: str) -> None:
    def seconds(size: int) -> float:
        source = jwk_source(GROWN[kind](size))
        start = time.process_time()
        derive(source, NOW)
        return time.process_time() - start

    assert growth.at_most(40, seconds, 2_000, 20_000)
