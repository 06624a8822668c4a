"""Hostile values, as data: the texts that an org can answer, and the texts that a file can hold."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

#: A word that no program prints by itself. It is part of each value, so that a test can see where the value arrives.
MARK = "hostile7193"
#: The name of a file that a traversal would create.
TRAVERSAL = f"../../../../../../{MARK}-file"


@dataclass(frozen=True, slots=True)
class Value:
    """One hostile value. ``text`` makes it from the session in use (empty before the login)."""

    name: str
    text: Callable[[str], str]


def _always(text: str) -> Callable[[str], str]:
    return lambda session: text


def _percent(session: str) -> str:
    return f"{MARK} {quote(session, safe='')}"


def _entities(session: str) -> str:
    return f"{MARK} {html.escape(session)} {session.replace('!', '&#33;')}"


def _backslashes(session: str) -> str:
    return f"{MARK} {session.replace('!', chr(92) + 'u0021')}"


def _without_org(session: str) -> str:
    return f"{MARK} {session.partition('!')[2]}"


def _base64(session: str) -> str:
    return f"{MARK} {base64.b64encode(session.encode()).decode()}"


#: What an org can answer in the place of any text.
ANSWERS: tuple[Value, ...] = (
    Value("control characters", _always(f"{MARK}\x1b[2J\x07\x9b\u202e\u2066\ufeff\x00end")),
    Value("the session", lambda session: f"{MARK} {session}"),
    Value("the session, percent-encoded", _percent),
    Value("the session, with HTML entities", _entities),
    Value("the session, with backslashes", _backslashes),
    Value("the session without its org", _without_org),
    Value("the session, in base64", _base64),
    Value("a path that leads elsewhere", _always(TRAVERSAL)),
    Value("an absolute path", _always(f"/{MARK}-file")),
    Value("new lines and workflow commands", _always(f"{MARK}\n::error file=x::pwned\r::add-mask::x\n##[error]pwned")),
    Value("a workflow command after a wrap", _always("x" * 84 + f" ::warning title={MARK}::Approved ##vso[task]x")),
    Value("markup", _always(f"{MARK}<img src=x onerror=alert(1)><script>x</script>[x](javascript:x)|`\n# x")),
    Value("the end of a code block", _always(f"{MARK}\n```\n~~~\n<img src=x>\n[x](javascript:x)")),
    Value("a lone surrogate", _always(f"{MARK}\ud800end")),
    Value("a shell command", _always(f"{MARK}; touch {MARK}-file; $(touch {MARK}-file)")),
    Value("a megabyte", _always(MARK + "A" * 1_000_000)),
    Value("nothing", _always("")),
)

#: What a file of a stranger can hold in the place of any value, as YAML text. ``{secret}`` is a path of a secret file.
FIELDS: tuple[tuple[str, str], ...] = (
    ("a variable", '"${env:HOSTILE_SECRET}"'),
    ("a file", '"${file:../../secret.txt}"'),
    ("the environment of the process", '"${file:/proc/self/environ}"'),
    ("a device", '"${file:/dev/zero}"'),
    ("a command", '"${command:touch hostile7193-file}"'),
    ("a path that leads elsewhere", f'"{TRAVERSAL}"'),
    ("a linked file", '"link.txt"'),
    ("a number", "1e999"),
    ("a list", "[[[[]]]]"),
    ("nothing", "null"),
    ("control characters", f'"{MARK}\\e[2J\\a\\u009b\\u202e\\ufeff"'),
    ("new lines and workflow commands", f'"{MARK}\\n::error file=x::pwned\\n##[error]pwned"'),
    ("markup", f"'{MARK}<img src=x onerror=alert(1)>[x](javascript:x)|`'"),
    ("the end of a code block", f'"{MARK}\\n```\\n~~~\\n<img src=x>\\n[x](javascript:x)"'),
    ("a long text", '"' + MARK + "A" * 200_000 + '"'),
    ("another host", '"https://hostile7193.example"'),
)
