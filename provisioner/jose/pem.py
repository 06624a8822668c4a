"""PEM read leniently (RFC 7468, RFC 1421): indented, with escaped line breaks, or with none."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

from provisioner.jose.base64_text import decode_standard

#: A chain has a few; a file with more than this is not a file of keys.
MOST_BLOCKS = 20
CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_MOST_HEADERS = 30
_BEGIN, _END, _DASHES = b"-----BEGIN ", b"-----END ", b"-----"
_LONGEST_LABEL = 60
#: The two characters \\n or \\r for a line break, also with doubled backslashes.
ESCAPED_BREAK = re.compile(rb"\\{1,4}[rn]")
#: A backslash at the end of a line, which continues it in a shell and in Java's properties.
CONTINUED_LINE = re.compile(rb"\\(?=\r?\n)")
#: RFC 1421 §4.6: the two headers of a key that OpenSSL encrypted in its old way, also where their lines were joined.
_HEADERS = re.compile(rb"\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9-]{1,40},[0-9A-Fa-f]{1,64})\s+")
_OTHER_HEADER = re.compile(rb"\s*[A-Za-z][A-Za-z0-9-]{0,40}: [^\r\n]*[\r\n]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A block's label (``CERTIFICATE``) and its bytes, None if its base64 cannot be decoded.

    ``cipher`` is the value of DEK-Info. ``ends`` says whether it has its END line, ``on_one_line`` whether it lost its
    line breaks.
    """

    label: str
    der: bytes | None = field(repr=False)
    cipher: str | None = None
    ends: bool = True
    on_one_line: bool = False

    @property
    def is_private(self) -> bool:
        return "PRIVATE KEY" in self.label  # PGP PRIVATE KEY BLOCK, too

    @property
    def is_encrypted(self) -> bool:
        return self.cipher is not None or "ENCRYPTED" in self.label

    def written(self) -> bytes:
        """Return the block as RFC 7468 has it. ``der`` must not be None."""
        assert self.der is not None
        body = base64.b64encode(self.der).decode()
        lines = [body[at : at + 64] for at in range(0, len(body), 64)]
        headers = ["Proc-Type: 4,ENCRYPTED", f"DEK-Info: {self.cipher}", ""] if self.cipher is not None else []
        framed = (f"-----BEGIN {self.label}-----", *headers, *lines, f"-----END {self.label}-----", "")
        return "\n".join(framed).encode()


def pem_blocks(content: bytes) -> tuple[Block, ...]:
    """Return the blocks of a file, in order; a block without an end has no bytes."""
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
            blocks.append(Block(label, None, ends=False))
            at = next_begin if next_begin >= 0 else len(content)
            continue
        blocks.append(_block(label, content[body_at:end]))
        at = end + len(_END)
    return tuple(blocks)


def _block(label: str, body: bytes) -> Block:
    if b"\\" in body:
        body = CONTINUED_LINE.sub(b"", ESCAPED_BREAK.sub(b"\n", body))
    headers = _HEADERS.match(body)
    cipher = headers[1].decode() if headers is not None else None
    at = headers.end() if headers is not None else 0
    for _ in range(_MOST_HEADERS if headers is None else 0):
        other = _OTHER_HEADER.match(body, at)
        if other is None:
            break
        at = other.end()
    rest = body[at:]
    on_one_line = b"\n" not in body and b"\r" not in body and len(rest) > 64
    text = rest.decode("ascii", "replace")
    return Block(label, decode_standard("".join(text.split())).octets, cipher, on_one_line=on_one_line)
