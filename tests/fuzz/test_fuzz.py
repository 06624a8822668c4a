"""The seeds, and what comes of them when bytes are lost, doubled, swapped and strewn; bounded in time and memory.

`make fuzz` searches further, guided by what it reaches in the code.
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import growth
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

MUTATIONS = 60
LARGEST = 200_000_000
#: A second of a quiet machine; a busy one is given more, a hang is a hang on both.
SECONDS = 10.0
STREWN = (b"\0", b"\xff", b"'", b'"', b"<", b">", b"&", b"${", b"\n", b"\t", b"\x1b", b"*", b"]", b"{", b"-", b"9" * 30)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few small changes."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(found) + 1)
        length = chance.choice((1, 2, 8, 64))
        match chance.randrange(5):
            case 0:
                del found[at : at + length]
            case 1:
                found[at:at] = found[at : at + length]
            case 2:
                found[at:at] = chance.choice(STREWN)
            case 3 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case _:
                del found[at:]
    return bytes(found)


def inputs(name: str) -> Iterator[bytes]:
    chance = random.Random(name)
    for seed in seeds()[name]:
        yield seed
    small = [seed for seed in seeds()[name] if 0 < len(seed) < 50_000]
    for seed in small:
        for _ in range(MUTATIONS // 4):
            yield mutated(seed, chance)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_raised_and_nothing_hangs(name: str) -> None:
    assert set(seeds()) == set(TARGETS)
    for content in inputs(name):
        began = time.monotonic()
        TARGETS[name](content)
        assert time.monotonic() - began < SECONDS, content[:80]


@pytest.mark.parametrize("name", TARGETS)
def test_no_seed_takes_much_memory(name: str) -> None:
    for content in seeds()[name]:
        tracemalloc.start()
        try:
            TARGETS[name](content)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak - len(content) < LARGEST, (peak, content[:80])


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=200))
def test_no_bytes_are_too_strange(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@given(text=st.text(max_size=100))
def test_no_text_is_too_strange(name: str, text: str) -> None:
    TARGETS[name](text.encode("utf-8", "surrogatepass"))


#: What a reader may stumble over again and again: beginnings without an end, escapes, separators, names of things.
REPEATED = (
    b"-----BEGIN ", b"-----BEGIN CERTIFICATE-----\n", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    b"[", b"]", b"{", b"[{},", b'{"a":', b'"', b"'", b"\\", b"\\u0041", b"\n", b"\r\n", b" ", b"\t", b"a", b"1", b"9,",
    b"a b ", b"a: b\n", b"- a\n", b"k: {a: ", b"&a [*a,", b"!!str ", b"${", b"${var:x}", b"$${", b"A=", b"=", b"a.",
    b"eyJhbGciOiJSUzI1NiJ9.", b"ey", b"00D", b"00D5g0000000001!", b"%41", b"&amp;", b"<", b"<a>", b"<!--", b"<![CDATA[",
    b"https://a.example.com/", b"curl -d ", b"assertion=", b'{"error":"x",', b"invalid_grant ", b"Bearer ", b"@", b"--",
    b"`", b"|", b"*", b"#", b"\x1b[", b"\xe2\x80\xae", b"\0", b"\xff", b"PK\x03\x04", b"\x30\x82",
)  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_time_grows_linearly_with_repetition(name: str) -> None:
    def seconds(part: bytes, size: int) -> float:
        content = (part * (size // len(part) + 1))[:size]
        began = time.process_time()
        TARGETS[name](content)
        return time.process_time() - began

    for part in REPEATED:
        if seconds(part, 1 << 16) < 0.3:
            continue  # what takes no time has no growth to measure
        linear = growth.at_most(24, partial(seconds, part), 1 << 13, 1 << 16)
        assert linear, (part, "eight times as much; a square would take sixty-four times as long")
