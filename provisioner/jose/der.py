"""Walks DER (X.690) without decoding it: distinguishes structures, and bounds the cost of a passphrase."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

INTEGER, OCTETS, OID, SEQUENCE = 0x02, 0x04, 0x06, 0x30
#: A chain of certificates in a keystore has some thousands; more is no file of keys.
MOST_NODES = 20_000
_DEEPEST = 24
#: Deriving a key takes about a second at this many iterations.
MOST_ITERATIONS = 2_000_000
#: scrypt (RFC 7914) needs 128·N·r bytes; this is 64 MiB of them.
_MOST_SCRYPT = 1 << 19
_SCRYPT_OID = bytes.fromhex("06092b06010401da47040b")
#: In bytes: RSA of 32768 bits.
_LONGEST = 4097


@dataclass(frozen=True, slots=True)
class Node:
    """One element: its tag, its content, and how many bytes it takes with its head."""

    tag: int
    content: bytes
    length: int

    def children(self) -> Iterator[Node]:
        """Yield the readable elements of a constructed element."""
        at = 0
        while at < len(self.content) and (found := read(self.content, at)) is not None:
            yield found
            at += found.length


def read(content: bytes, at: int = 0) -> Node | None:
    """Return the element that begins at ``at``; None if it is no whole element of definite length."""
    head = content[at : at + 6]
    if len(head) < 2 or head[0] & 0x1F == 0x1F:
        return None
    size, begin = head[1], at + 2
    if size & 0x80:
        octets = size & 0x7F
        if not 0 < octets <= 4 or len(head) < 2 + octets:
            return None
        size, begin = int.from_bytes(head[2 : 2 + octets], "big"), at + 2 + octets
    end = begin + size
    return Node(head[0], content[begin:end], end - at) if end <= len(content) else None


def beginning(content: bytes, most: int = 3) -> tuple[tuple[int, bytes], ...]:
    """Return the tags and contents of the first elements of a sequence, of which the end may be missing."""
    at = _inside_head(content, 0)
    if at is None or content[0] != SEQUENCE:
        return ()
    found: list[tuple[int, bytes]] = []
    while len(found) < most and (inner := _inside_head(content, at)) is not None:
        whole = read(content, at)
        found.append((content[at], content[inner:] if whole is None else whole.content))
        if whole is None:
            break
        at += whole.length
    return tuple(found)


def _inside_head(content: bytes, at: int) -> int | None:
    """Return where the content of the element at ``at`` begins; None if there is no element."""
    if len(content) < at + 2:
        return None
    size = content[at + 1]
    return at + 2 + (size & 0x7F if size & 0x80 else 0)


def tags(content: bytes, most: int = 8) -> tuple[int, ...]:
    """Return the tags of the first elements of the sequence ``content``; none if it is not a sequence."""
    whole = read(content)
    if whole is None or whole.tag != SEQUENCE:
        return ()
    found = []
    for child in whole.children():
        found.append(child.tag)
        if len(found) == most:
            break
    return tuple(found)


def is_costly(content: bytes) -> bool:
    """Return whether a passphrase for this PKCS #8 or PKCS #12 would take longer or more memory than any real one.

    A number beside a salt (an octet string) is an iteration count or a length.
    """
    nodes = _walk(content)
    if len(nodes) > MOST_NODES:
        return True
    for node in nodes:
        if node.tag != SEQUENCE:
            continue
        parts = list(islice(node.children(), 8))
        numbers = [int.from_bytes(part.content[:32], "big") for part in parts if part.tag == INTEGER]
        if any(part.tag == OCTETS for part in parts) and any(number > MOST_ITERATIONS for number in numbers):
            return True
        if node.content.startswith(_SCRYPT_OID) and _scrypt_cost(parts) > _MOST_SCRYPT:
            return True
    return False


def has_huge_number(content: bytes) -> bool:
    """Return whether an integer is longer than any key's: OpenSSL computes with them when it reads some kinds."""
    nodes = _walk(content)
    return len(nodes) > MOST_NODES or any(node.tag == INTEGER and len(node.content) > _LONGEST for node in nodes)


def _walk(content: bytes) -> list[Node]:
    """Return the elements of a structure, outermost first; at most one more than ``MOST_NODES``."""
    whole = read(content)
    waiting = [(whole, 0)] if whole is not None else []
    seen: list[Node] = []
    while waiting and len(seen) <= MOST_NODES:
        node, depth = waiting.pop()
        seen.append(node)
        if depth < _DEEPEST:
            waiting += [(each, depth + 1) for each in islice(_inside(node), MOST_NODES)]
    return seen


def _inside(node: Node) -> Iterator[Node]:
    """Yield the children of a constructed element, and of an octet string with a sequence (PKCS #12's safes)."""
    if node.tag & 0x20:
        yield from node.children()
    elif node.tag == OCTETS and node.content[:1] == b"\x30" and (held := read(node.content)) is not None:
        yield held


def _scrypt_cost(algorithm: list[Node]) -> int:
    numbers = [
        int.from_bytes(each.content[:16], "big")
        for each in (algorithm[1].children() if len(algorithm) > 1 else ())
        if each.tag == INTEGER
    ]
    cost = 1
    for number in numbers[:3]:
        cost *= max(number, 1)
    return cost
