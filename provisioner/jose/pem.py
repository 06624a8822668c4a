"""PEM read leniently (RFC 7468, RFC 1421): indented, with escaped line breaks, or with none."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

from provisioner.jose.base64_text import decode_standard
from provisioner.jose.der import read

#: A chain has a few; a file with more than this is not a file of keys.
MOST_BLOCKS = 20
#: OpenSSL's form of a certificate with its trust settings behind it.
_TRUSTED = "TRUSTED CERTIFICATE"
CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE", _TRUSTED)
_MOST_HEADERS = 30
_BEGIN, _END, _DASHES = b"-----BEGIN ", b"-----END ", b"-----"
_LONGEST_LABEL = 60
#: The two characters \\n or \\r for a line break, also with doubled backslashes.
ESCAPED_BREAK = re.compile(rb"\\{1,4}[rn]")
#: A backslash at the end of a line, which continues it in a shell and in Java's properties.
CONTINUED_LINE = re.compile(rb"\\(?=\r?\n)")
#: RFC 1421 §4.6: the two headers of a key that OpenSSL encrypted in its old way, also where their lines were joined.
_HEADERS = re.compile(rb"\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9-]{1,40},[0-9A-Fa-f]{1,64})\s+")
#: The frame of a private key with other dashes, too few of them, or small letters.
_LOOSE_FRAME = re.compile(
    rb"(?:-|\xe2\x80[\x90-\x95]|\xe2\x88\x92|[ \t]){0,16}\b(BEGIN|END) ((?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY)\b"
    rb"(?:-|\xe2\x80[\x90-\x95]|\xe2\x88\x92){0,12}",
    re.I,
)
_BEGIN_LINE = re.compile(rb"-----BEGIN [A-Z0-9 ]{1,40}-----")
_END_LINE = re.compile(rb"-----END [A-Z0-9 ]{1,40}-----")
_RUN = re.compile(rb"[A-Za-z0-9+/]{4,}={0,2}|[A-Za-z0-9+/]{1,3}={1,2}")
#: Lines that `/n` separates: `/` is a character of base64, so the width of the lines must prove it.
_SLASHED = re.compile(rb"(?:/n[A-Za-z0-9+/=]{64})+(?:/n[A-Za-z0-9+/=]{1,63})?/n")
#: Other texts for a line break on one line.
_SEPARATORS = (
    rb"\012",
    rb"\u000a",
    rb"\u000A",
    rb"\x0a",
    rb"\x0A",
    b"<br>",
    b"<br/>",
    b"<br />",
    b"|",
    b",",
    b";",
    b"^M",
    b"`n",
)
_COLOUR = re.compile(rb"\x1b\[[0-9;]{0,20}m")
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
        if content[body_at : body_at + _LONGEST_LABEL].lstrip().startswith(_BEGIN):
            at = body_at  # the BEGIN line is doubled
            continue
        end = content.find(_END, body_at)
        next_begin = content.find(_BEGIN, body_at, end if end >= 0 else len(content))
        if end < 0 or next_begin >= 0:
            blocks.append(Block(label, None, ends=False))
            at = next_begin if next_begin >= 0 else len(content)
            continue
        blocks.append(_block(label, content[body_at:end]))
        at = end + len(_END)
    return tuple(blocks)


def with_frames(content: bytes) -> bytes:
    """Return the text with the BEGIN and END lines of private keys as RFC 7468 writes them."""
    return _LOOSE_FRAME.sub(lambda found: b"-----" + found[1].upper() + b" " + found[2].upper() + b"-----", content)


def without_edges(content: bytes) -> bytes | None:
    """Return the first block without the characters around its lines: quotation marks, `>`, `+`, line numbers.

    None if its lines are not of one width, so that nothing says where they begin.
    """
    begin = _BEGIN_LINE.search(content)
    end = _END_LINE.search(content, begin.end()) if begin is not None else None
    if begin is None or end is None:
        return None
    lines = _lines(_COLOUR.sub(b"", content[begin.end() : end.start()]))
    if len(lines) > 2 and all(line.startswith(b"+") for line in lines):  # a difference between two versions
        lines = [line[1:] for line in lines]
    if not lines or len({len(line) for line in lines[:-1]}) != 1 or len(lines[-1]) > len(lines[0]):
        return None
    return b"\n".join((begin[0], *lines, end[0], b""))


def _lines(inside: bytes) -> list[bytes]:
    """Return the base64 of each line between BEGIN and END: its longest run."""
    body = inside.strip()
    if _SLASHED.fullmatch(body):
        return [body[at + 2 : at + 66].removesuffix(b"/n") for at in range(0, len(body) - 2, 66)]
    separator = next((each for each in _SEPARATORS if body.startswith(each) and body.endswith(each)), None)
    if separator is not None and b"\n" not in body:
        return [line.strip() for line in body.split(separator) if line.strip()]
    text = ESCAPED_BREAK.sub(b"\n", inside)
    before_end = text.rpartition(b"\n")[0] or text  # what is before END on its own line belongs to no line
    runs = [found for line in before_end.splitlines() if (found := _RUN.findall(line))]
    # The last line may be shorter than a time stamp before it.
    return [*(max(each, key=len) for each in runs[:-1]), *(each[-1] for each in runs[-1:])]


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
    octets = decode_standard("".join(text.split())).octets
    first = read(octets) if label == _TRUSTED and octets is not None else None
    der = octets[: first.length] if first is not None and octets is not None else octets
    return Block(label, der, cipher, on_one_line=on_one_line)
