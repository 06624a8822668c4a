"""PEM read leniently (RFC 7468): what people paste is indented, or has its line breaks escaped."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.jose.base64_text import decode_standard

#: A chain has a handful; more than this is no file of keys.
MOST_BLOCKS = 20
_BEGIN, _END, _DASHES = b"-----BEGIN ", b"-----END ", b"-----"
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Block:
    """A block's label (``CERTIFICATE``) and its bytes, None where its base64 cannot be decoded."""

    label: str
    der: bytes | None

    @property
    def is_private(self) -> bool:
        return "PRIVATE KEY" in self.label  # PGP PRIVATE KEY BLOCK, too


def pem_blocks(content: bytes) -> tuple[Block, ...]:
    """The blocks of a file, in their order; a block that never ends has no bytes."""
    blocks: list[Block] = []
    at = 0
    while len(blocks) < MOST_BLOCKS and (begin := content.find(_BEGIN, at)) >= 0:
        label_at = begin + len(_BEGIN)
        label_end = content.find(_DASHES, label_at, label_at + _LONGEST_LABEL)
        if label_end < 0:
            at = label_at
            continue
        label = content[label_at:label_end].decode("ascii", "replace").strip()
        body_at = label_end + len(_DASHES)
        end = content.find(_END, body_at)
        next_begin = content.find(_BEGIN, body_at, end if end >= 0 else len(content))
        if end < 0 or next_begin >= 0:
            blocks.append(Block(label, None))
            at = next_begin if next_begin >= 0 else len(content)
            continue
        blocks.append(Block(label, _decoded(content[body_at:end])))
        at = end + len(_END)
    return tuple(blocks)


def _decoded(body: bytes) -> bytes | None:
    text = body.replace(b"\\r", b"").replace(b"\\n", b"").decode("ascii", "replace")
    return decode_standard("".join(text.split())).octets
