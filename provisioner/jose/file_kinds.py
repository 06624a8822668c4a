"""The recogniser of key material: the kind of a file, its owner, whether it is private, and its wrappings.

It sees through the wrappings that key material comes in: PEM and DER, keystores, JSON, base64 of any of these, quotes,
escaped or lost line breaks, percent escapes, UTF-16. ``keys inspect``, ``diagnose key``, ``validate``, the login,
``token mint``, ``verify``, ``keys generate --from`` and ``--repair`` all go by this answer; ``cures`` says what to do.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from provisioner.jose import embedded
from provisioner.jose.defects import Findings
from provisioner.jose.known_json import of_compact, of_json
from provisioner.jose.known_keys import of_damaged_der, of_der, of_keystore, of_pem, within
from provisioner.jose.known_text import SOPS, of_beginning, of_mask, of_text
from provisioner.jose.microsoft_keys import of_microsoft
from provisioner.jose.pem import CONTINUED_LINE, ESCAPED_BREAK, Block, pem_blocks, with_frames, without_edges
from provisioner.jose.printed_keys import of_printed
from provisioner.jose.recognition import Form, Kind, Recognition, Wrapping

#: A chain of certificates has some kilobytes; a larger file is not a key.
LARGEST_FILE = 1 << 20
#: Bytes that show UTF-16 without a byte order mark: each second one is zero.
_UTF16_SEEN = 40
_UTF16, _BYTE_ORDER_MARK = (b"\xff\xfe", b"\xfe\xff"), b"\xef\xbb\xbf"
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}".encode()
_JWT = re.compile(rb"(?:[Bb]earer\s+|JWT\s*:\s*)?(ey[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4})")
_BANNER = re.compile(r"^[ \t]*JWK\s{0,20}:\s*(?=\{)", re.M)
_METADATA_BEGIN, _METADATA_END = re.compile(r"<(?:\w{1,20}:)?jsonWebKey>"), re.compile(r"</(?:\w{1,20}:)?jsonWebKey>")
#: A key's frame, also with lost dashes, in a string of JSON, or among other text.
_PRIVATE_FRAME = re.compile(rb"BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|--[ ]?[Bb]egin [A-Za-z0-9 ]{0,40}[Pp]rivate [Kk]ey")
_PERCENT = re.compile(rb"-----BEGIN(?:%20|\+)|%0[AaDd]|%2[BbFf]|%3[Dd]")
#: `\/` of PHP and `\u003d` of Gson; `&#43;` and `&#x2B;` of templates.
_JSON_ESCAPE = re.compile(rb"\\(?:/|u00(2[bBfF]|3[dD]))")
_HTML_ESCAPE = re.compile(rb"&(?:#(?:43|47|61|x2[BbFf]|x3[Dd])|plus|sol|equals|quot|amp|lt|gt);")
#: The name of a member of each JWK between escaped quotation marks.
_ESCAPED_NAME = re.compile(rb"(?<![A-Za-z])kty(\\{1,4}\"|\"\"|&quot;|&#34;|%22)\s{0,9}(?::|%3[Aa])", re.I)
#: The name of a section, as INI and TOML have it.
_SECTION = re.compile(rb"\[[A-Za-z_][\w .:-]{0,80}\][ \t]*(?:\r?\n|\Z)")
#: Plain quotes, back quotes, and the typographic ones in UTF-8.
_QUOTES = rb"(?:[\"'`]|\xe2\x80[\x98-\x9f]|\xc2[\xab\xbb])"
_QUOTED = re.compile(rb"b?" + _QUOTES + rb"{1,3}(.*?)" + _QUOTES + rb"{0,3}|(.*?)" + _QUOTES + rb"{1,3}", re.S)
#: The bytes that quoted text can begin with, and those that it can end with: a quick look before the expression.
_QUOTED_FIRST, _QUOTED_LAST = frozenset(b"\"'`b\xe2\xc2"), frozenset(b"\"'`\xab\xbb") | frozenset(range(0x98, 0xA0))
_PYTHON_BYTE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[ntr\\'\"])")
_PYTHON_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\\": b"\\", b"'": b"'", b'"': b'"'}
_PRIVATE_KINDS = (Kind.PRIVATE_KEY, Kind.PKCS12, Kind.KEYSTORE)
#: Base64 in base64 in a string of JSON: a secret store's file, put into another one.
_DEEPEST = 3
_SHORTEST_KEY = 40
#: JSON objects among other text that are looked at.
_MOST_OBJECTS = 20
#: Wrappings that readers of keys accept, and those that ``what`` already names.
_NOT_AROUND = (Wrapping.BYTE_ORDER_MARK, Wrapping.CRLF, Wrapping.BASE64, Wrapping.NO_PEM_LINES)


def take(content: bytes) -> Recognition:
    """Return what ``content`` is. Never raises, whatever the bytes."""
    return _recognised(content, 0)


def private_part(taken: Recognition) -> str:
    """Return the name of the private material of a file that is private."""
    named = taken.kind in _PRIVATE_KINDS or taken.form in (Form.PRIVATE_JSON, Form.PRIVATE_JWK)
    return taken.what if named else f"private key material in {taken.what}"


def call_private(taken: Recognition, path: str, found: Findings) -> None:
    """Add the finding about a file of private material. It names no part of it."""
    found.error(
        "certificate-is-private-key",
        f"{path} holds {private_part(taken)}; only public material belongs in the config directory.",
        "Move the file out of the config directory, and name the public certificate or JWK instead. If it was ever "
        "committed or shared, make a new pair and revoke this one (`provisioner keys rotate KEYSET --revoke KEY`).",
    )


def _recognised(content: bytes, depth: int) -> Recognition:
    encoding = _utf16(content)
    if encoding is not None:
        # PowerShell's `>` writes it. The content is judged, and its encoding is reported.
        inner = _recognised(content.decode(encoding, "replace").encode("utf-8", "replace"), depth)
        around = "it is saved as UTF-16, not as UTF-8" if inner.around is None else f"it is UTF-16, and {inner.around}"
        return replace(inner, around=around, wrappings=(Wrapping.UTF16, *inner.wrappings))
    if _NO_BREAK_SPACE in content and b"-----BEGIN" in content:  # copied from a page or a document
        inner = _recognised(content.replace(_NO_BREAK_SPACE, b" "), depth)
        return _around(replace(inner, wrappings=(Wrapping.NO_BREAK_SPACES, *inner.wrappings)))
    taken = _take(content, depth)
    if not taken.is_private and _PRIVATE_FRAME.search(content) is not None:
        taken = replace(taken, is_private=taken.form is not Form.MASK)
    if content.startswith(_BYTE_ORDER_MARK):
        taken = replace(taken, wrappings=(Wrapping.BYTE_ORDER_MARK, *taken.wrappings))
    return taken


def _utf16(content: bytes) -> str | None:
    """Return the name of UTF-16 in the form that the content has; None for another encoding."""
    if content.startswith(_UTF16):
        return "utf-16"
    head = content[:_UTF16_SEEN]
    if len(head) == _UTF16_SEEN and any(head):
        if not any(head[1::2]) and all(head[0::2]):
            return "utf-16-le"
        if not any(head[0::2]) and all(head[1::2]):
            return "utf-16-be"
    return None


def _take(content: bytes, depth: int) -> Recognition:
    stripped = content.removeprefix(_BYTE_ORDER_MARK).strip()
    if not stripped:
        return Recognition(Kind.OTHER, "nothing: it is empty", Form.EMPTY)
    found = of_keystore(content) or of_microsoft(content) or of_beginning(stripped) or of_mask(stripped)
    if found is not None:
        return found
    if stripped[:1] in (b"{", b"["):
        found = of_json(content, lambda text: _deeper(text, depth))
        if found.is_broken and (inner := _not_of_json(content, stripped, depth)) is not None:
            return inner
        if found.is_broken and not found.is_private and _SECTION.match(stripped) is not None:
            return of_text(stripped)
        return found if found.is_private or SOPS not in content else of_text(stripped)
    found = _quoted(stripped, depth) or _percent_encoded(stripped, depth) or _character_escapes(stripped, depth)
    if found is not None:
        return found
    if b"-----BEGIN " in content:
        return _pem_or_beside(content, depth)
    if _PRIVATE_FRAME.search(content):
        what = "a private key without the dashes of PEM"
        damaged = Recognition(Kind.PRIVATE_KEY, what, Form.DAMAGED_KEY, is_private=True)
        return _mended(content, depth) or damaged
    token = _JWT.fullmatch(stripped)
    if token is not None:
        return of_compact(token[1]) or Recognition(Kind.JWT, "a token (JWT)", Form.JWT)
    return (
        _metadata(content, depth)
        or _take_wrapped(content, depth)
        or _escaped_jwk(stripped, depth)
        or of_der(content)
        or _take_base64(stripped, depth)
        or _take_numbers(stripped, depth)
        or _take_binary(content)
        or of_damaged_der(content)
        or of_printed(content)
        or _take_values(content, depth)
        or of_text(stripped)
    )


_NOTHING = Recognition(Kind.OTHER, "")


def _not_of_json(content: bytes, stripped: bytes, depth: int) -> Recognition | None:
    """Return the key material of a text that only begins as JSON does: TOML, source code, several JSON texts."""
    seen = (
        _take_wrapped(content, depth),
        _escaped_jwk(stripped, depth),
        _pem_or_beside(content, depth) if b"-----BEGIN " in content else None,
        _take_numbers(stripped, depth),
        of_printed(content),
        _take_values(content, depth),
    )
    return next((each for each in seen if each is not None and each.is_private), None)


def _pem_or_beside(content: bytes, depth: int) -> Recognition:
    """Return the PEM of a file; a private key beside it in another form, or under the damage, comes first."""
    taken = _pem(content)
    if taken.form in (Form.CUT_KEY, Form.DAMAGED_KEY):
        return _mended(content, depth) or taken
    if taken.is_private:
        return taken
    beside = _take_wrapped(content, depth), _take_values(content, depth)
    return next((each for each in beside if each is not None and each.is_private), taken)


def _mended(content: bytes, depth: int) -> Recognition | None:
    """Return the private key of a PEM file with damaged lines, if its content proves that nothing is missing."""
    framed = with_frames(content)
    for text, wrapping in ((framed, Wrapping.FRAME), (without_edges(framed), Wrapping.EDGES)):
        found = _pem(text) if text is not None and text != content else None
        if found is not None and found.core and found.private_keys == 1:
            return _around(replace(found, wrappings=(wrapping, *found.wrappings)))
    inside = _take_values(content, depth)
    return inside if inside is not None and inside.is_private and inside.private_keys == 1 else None


def _pem(content: bytes) -> Recognition:
    blocks = pem_blocks(content)
    taken = of_pem(blocks)
    main = next((block for block in blocks if block.is_private), blocks[0] if blocks else None)
    breaks = _breaks(content, main) if main is not None else []
    if main is None or (not breaks and taken.around is None):
        return taken
    return _around(replace(taken, wrappings=(*taken.wrappings, *breaks)))


def _breaks(content: bytes, block: Block) -> list[Wrapping]:
    """Return the state of the line breaks of a PEM file."""
    framed = content[content.find(b"-----BEGIN ") :]
    found = []
    if b"\\" in framed and ESCAPED_BREAK.search(framed) is not None:
        found.append(Wrapping.ESCAPES)
    if b"\\" in framed and CONTINUED_LINE.search(framed) is not None:
        found.append(Wrapping.CONTINUED)
    if b"\r\n" in framed:
        found.append(Wrapping.CRLF)
    if block.on_one_line:
        found.append(Wrapping.ONE_LINE)
    return found


def _around(taken: Recognition) -> Recognition:
    """Return the same, with its wrappings added to ``what``."""
    if taken.json is not None:
        return taken
    states = [each.state for each in taken.wrappings if each not in _NOT_AROUND]
    return replace(taken, around=f"it is {' and '.join(states)}" if states else None)


def _quoted(stripped: bytes, depth: int) -> Recognition | None:
    """Return the content of quotation marks, also of JSON and of Python's bytes, or with one mark lost."""
    if (stripped[0] not in _QUOTED_FIRST and stripped[-1] not in _QUOTED_LAST) or b"\0" in stripped:
        return None  # binary may begin or end with the same bytes
    match = _QUOTED.fullmatch(stripped)
    if match is None or depth >= _DEEPEST:
        return None
    inner = match[1] if match[1] is not None else match[2]
    if stripped[:1] == b"b" and b"\\x" in inner:  # the bytes of Python
        inner = _PYTHON_BYTE.sub(_python_byte, inner)
    if stripped[:1] == b'"':
        try:
            text = json.loads(stripped)
        except (ValueError, RecursionError):
            text = None
        # PEM is read with its escapes, so that they are named; JSON in a string of JSON needs them undone.
        if isinstance(text, str) and b"-----BEGIN " not in stripped:
            inner = text.encode("utf-8", "replace")
    return _inside(inner, Wrapping.QUOTES, depth)


def _python_byte(found: re.Match[bytes]) -> bytes:
    escape = found[1]
    return bytes([int(escape[1:], 16)]) if escape[:1] == b"x" else _PYTHON_ESCAPES.get(escape, found[0])


def _percent_encoded(stripped: bytes, depth: int) -> Recognition | None:
    """Return the decoded content of a form's or a URL's encoding."""
    if depth >= _DEEPEST or not (b"%" in stripped or b"BEGIN+" in stripped) or stripped[:1] == b"<":
        return None
    if not stripped.isascii():  # binary may hold the same bytes
        return None
    if _PERCENT.search(stripped) is None:
        return None
    text = stripped.replace(b"+", b" ") if b"BEGIN+" in stripped else stripped
    return _inside(unquote_to_bytes(text), Wrapping.PERCENT, depth)


def _character_escapes(stripped: bytes, depth: int) -> Recognition | None:
    """Return PEM with its characters `/`, `+` and `=` as JSON or HTML escape them: PHP, Gson, templates of Go."""
    if depth >= _DEEPEST or b"-----BEGIN " not in stripped:
        return None
    if _JSON_ESCAPE.search(stripped) is not None:
        inner = _JSON_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else b"/", stripped)
        return _inside(inner, Wrapping.JSON_ESCAPES, depth)
    if _HTML_ESCAPE.search(stripped) is not None:
        text = stripped.decode("utf-8", "replace")
        return _inside(html.unescape(text).encode("utf-8", "replace"), Wrapping.HTML_ESCAPES, depth)
    return None


def _inside(inner: bytes, wrapping: Wrapping, depth: int) -> Recognition | None:
    found = _recognised(inner, depth + 1)
    if found.kind is Kind.OTHER and not found.is_private:
        return None
    found = replace(found, wrappings=(wrapping, *found.wrappings))
    if found.json is not None:
        around = f"it is {wrapping.state}" if found.around is None else found.around
        return replace(found, around=around)
    return _around(found)


def _take_base64(stripped: bytes, depth: int) -> Recognition | None:
    """Base64 or base64url, also with escaped line breaks, of anything that is known."""
    text = b"".join(ESCAPED_BREAK.sub(b"", stripped).split())
    text = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    if depth >= _DEEPEST or len(text) < _SHORTEST_KEY or b"-----" in stripped:
        return None
    text = text[: len(text) - (len(text) % 4 == 1)]  # the last character of a text that was cut there
    try:
        inner = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None
    found = _recognised(inner, depth + 1)
    if not _is_known(found) and found.form is not Form.COMPRESSED:
        return None
    escapes = (Wrapping.ESCAPES,) if ESCAPED_BREAK.search(stripped) is not None else ()
    return _in_base64(inner, found, *escapes)


def _take_numbers(stripped: bytes, depth: int) -> Recognition | None:
    """Bytes in hexadecimal, or as a list of numbers in the source code of a program."""
    for decode, wrapping in ((embedded.hexadecimal, Wrapping.HEXADECIMAL), (embedded.numbers, Wrapping.NUMBERS)):
        octets = decode(stripped) if depth < _DEEPEST else None
        if octets is not None:
            return _inside(octets, wrapping, depth)
    run = embedded.hexadecimal_run(stripped) if depth < _DEEPEST else None
    found = _inside(run, Wrapping.HEXADECIMAL, depth) if run is not None else None
    return _around(replace(found, wrappings=(Wrapping.EMBEDDED, *found.wrappings))) if found is not None else None


def _escaped_jwk(stripped: bytes, depth: int) -> Recognition | None:
    """Return a JWK with escaped quotation marks: in a log, a cell of CSV, a page, or a URL."""
    name = _ESCAPED_NAME.search(stripped) if depth < _DEEPEST else None
    if name is None:
        return None
    mark = name[1].lower()
    if mark == b"%22":
        return _inside(unquote_to_bytes(stripped), Wrapping.PERCENT, depth)
    wrapping = Wrapping.HTML_ESCAPES if mark[:1] == b"&" else Wrapping.JSON_ESCAPES
    return _inside(stripped.replace(name[1], b'"'), wrapping, depth)


def _take_binary(content: bytes) -> Recognition | None:
    """Return the RSA private key inside another binary file: a serialized object, an archive, a dump of memory."""
    found = within(content)
    return _around(replace(found, wrappings=(Wrapping.INSIDE,))) if found is not None else None


def _take_values(content: bytes, depth: int) -> Recognition | None:
    """Key material in base64 among other text: in YAML, a `.env` file, XML, or a PEM file without its BEGIN line."""
    if depth >= _DEEPEST:
        return None
    seen = [(each.name, _base64_of(each.octets, depth)) for each in embedded.values(content)]
    found = [(name, each) for name, each in seen if each is not None]
    private = [(name, each) for name, each in found if each.is_private]
    certificates = tuple(der for _, each in found for der in each.certificates)
    if not found or (not private and not certificates and len(found) > 1):
        return None
    name, first = (private or found)[0]
    at = f" at {name}" if name is not None else ""
    taken = replace(
        first,
        what=f"{first.what}{at}",
        certificates=certificates,
        wrappings=(Wrapping.EMBEDDED, *first.wrappings),
        private_keys=len({each.public or each.core for _, each in private if each.private_keys}),
    )
    return _around(taken)


def _base64_of(octets: bytes, depth: int) -> Recognition | None:
    """Return the key material that bytes from base64 hold; None if they hold none."""
    found = _recognised(octets, depth + 1)
    if not _is_known(found) or (found.kind in (Kind.PLACEHOLDER, Kind.JWT) and not found.is_private):
        return None
    return _in_base64(octets, found)


def _is_known(found: Recognition) -> bool:
    """Return whether decoded bytes are of a known kind: random ones may begin as JSON does."""
    return found.is_private or (found.kind is not Kind.OTHER and not found.is_broken)


def _in_base64(octets: bytes, found: Recognition, *escapes: Wrapping) -> Recognition:
    """Return the same with the wrapping of base64, or of PEM lines that are missing."""
    if "(DER" in found.what and octets[:1] == b"\x30":
        what = re.sub(r"\(DER(?:, ([^)]*))?\)", "(base64 without its PEM lines)", found.what)
        return _around(replace(found, what=what, wrappings=(*escapes, Wrapping.NO_PEM_LINES, *found.wrappings)))
    around = "the whole file is base64" if found.json is not None else found.around
    return replace(
        found, what=f"base64 of {found.what}", around=around, wrappings=(*escapes, Wrapping.BASE64, *found.wrappings)
    )


def _metadata(content: bytes, depth: int) -> Recognition | None:
    """Return the JWK in the element ``jsonWebKey`` of a retrieved PublicKeyCertificate."""
    text = content.decode("utf-8", "replace")
    begin = _METADATA_BEGIN.search(text) if "jsonWebKey>" in text else None
    end = _METADATA_END.search(text, begin.end()) if begin is not None else None
    if begin is None or end is None:
        return None
    blank = re.sub(r"[^\n]", " ", text[: begin.end()])
    element = html.unescape(text[begin.end() : end.start()])
    inner = of_json((blank + element).encode("utf-8", "replace"), lambda found: _deeper(found, depth))
    around = "it is a metadata component, and its JWK is in the element jsonWebKey"
    return replace(inner, kind=Kind.METADATA, around=around)


def _deeper(content: bytes, depth: int) -> Recognition:
    return _recognised(content, depth + 1) if depth < _DEEPEST else _NOTHING


def _take_wrapped(content: bytes, depth: int) -> Recognition | None:
    """Return a JWK with other text around it, as Salesforce's tool prints it: ``JWK : {...}`` among other lines."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    banner = _BANNER.search(text)
    around = (
        "Salesforce's own tool printed other lines around it" if banner is not None else "there is other text around it"
    )
    first = None
    for begin, end in _objects(text, banner.end() if banner is not None else 0):
        blank = re.sub(r"[^\n]", " ", text[:begin])
        inner = of_json((blank + text[begin:end]).encode(), lambda found: _deeper(found, depth))
        first = first or inner
        if inner.is_private:  # generators print the public half of a pair beside the private one
            return replace(inner, around=around)
    return replace(first, around=around) if first is not None else None


def _objects(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the beginning and the end of each JWK and set in a text."""
    for _ in range(_MOST_OBJECTS):
        begin = text.find("{", at)
        if begin < 0:
            return
        try:
            value, at = json.JSONDecoder().raw_decode(text, begin)
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict) and {"kty", "keys", "x5c"} & value.keys():
            yield begin, at
