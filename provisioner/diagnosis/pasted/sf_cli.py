"""Parses the output of ``sf org login jwt``: several lines, one for each attempt.

The official CLI tries pairs of login URL and audience one after another. It prints one message for each attempt,
without the pair (only messages with the word audience name it). Source: @salesforce/core 8.32.6, lib/org/authInfo.js
(authJwt) and lib/util/sfdcUrl.js (getLoginAudienceCombos).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from provisioner.diagnosis.catalogue import normal
from provisioner.diagnosis.login.evidence import Configured, PastedAttempt, TokenAnswer
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce.hosts import host_of

LOGIN, TEST = "https://login.salesforce.com", "https://test.salesforce.com"
_NAME = re.compile(r"JwtGrantError|JwtAuthError|Error authenticating with JWT")
_START = re.compile(r"Errors encountered:\s*\n|JwtAuthError(?:::|:)\s*|Error authenticating with JWT[^\n]*?:?\s*\n")
_NAMED = re.compile(r"\s{0,8}\[audience=(?P<audience>\S+) login=(?P<login>[^\]\s]+)\][\s\"'}\],]{0,40}$")
#: A line that a narrow terminal broke.
_UNFINISHED = re.compile(r"\[audience=[^\]]*$")
_END = re.compile(
    r"^(?:try this|code:|stack|at |\u203a|error \(\d|\*{3,}|\}|\"|(?:error: )?process completed|##)", re.I
)
#: Properties that PowerShell and JSON print after the message.
_REST = re.compile(r"(?:; ?(?:exitCode|context|name|data|stack)=.*|\"[,}\]]{0,9})$")
#: The mask of CI logs for a secret.
_MASK = re.compile(r"\*{3,}/?")
#: Messages of the signing library, before anything is sent; then every line is the same.
_LOCAL = re.compile(r"secretOrPrivateKey|\"alg\" parameter for|PEM routines|DECODER routines|^error:", re.I)


def read_sf_output(
    text: str, configured: Configured, words_in: Callable[[str], TokenAnswer | None]
) -> tuple[PastedAttempt, ...]:
    """Return the attempts in the CLI's output; none if it is not the CLI's."""
    if not _NAME.search(text):
        return ()
    lines = _lines(text)
    own = _own_url(lines, configured)
    pairs = _pairs(lines, own)
    if own not in {login for login, _ in pairs.values()}:
        own = None  # the CLI did not try that address, so the others are all there is
    attempts = []
    for number, line in enumerate(lines, start=1):
        named = _NAMED.search(line)
        said = _NAMED.sub("", line)
        answer = words_in(said)
        if answer is None:
            continue
        login, audience = pairs.get(number, (None, None))
        if named and not _MASK.fullmatch(named["login"]):
            login = named["login"]
        if named and not _MASK.fullmatch(named["audience"]):
            audience = named["audience"]
        if login is None or audience is None:
            attempts.append(PastedAttempt(number, answer))
            continue
        login, audience = _origin(login), _origin(audience)
        not_usable_because = _worthless(said, login, audience, lines, configured, own)
        attempts.append(PastedAttempt(number, answer, login, audience, not_usable_because))
    return tuple(attempts)


def _lines(text: str) -> list[str]:
    """Return one line for each attempt: the text from the last heading of the CLI to its footing."""
    starts = list(_START.finditer(text))
    if starts:
        body = text[starts[-1].end() :]
    else:  # one message, in the line with the error's name
        name = _NAME.search(text)
        body = text[name.end() if name is not None else 0 :].partition(":")[2].partition("\n")[0]
    lines: list[str] = []
    for raw in body.splitlines():
        line = _REST.sub("", raw.strip().lstrip("\u203a").strip()).strip()
        if not line and lines:
            break
        if _END.match(line) and lines:
            break
        if line and lines and _UNFINISHED.search(lines[-1]):
            lines[-1] = f"{lines[-1]} {line}"
        elif line:
            lines.append(line)
    return lines


def _own_url(lines: Sequence[str], configured: Configured) -> str | None:
    """Return the --instance-url, if a line or the environment names it and it is neither of the generic ones."""
    for line in lines:
        named = _NAMED.search(line)
        for url in (named["login"], named["audience"]) if named else ():
            if not _MASK.fullmatch(url) and not _is_generic(url):
                return _origin(url)
    if configured.login_url is not None and not _is_generic(configured.login_url):
        return _origin(configured.login_url)
    return None


def _pairs(lines: Sequence[str], own: str | None) -> dict[int, tuple[str, str]]:
    """Return login URL and audience of each line by its position; the CLI's order depends on their number."""
    if len(lines) == 2:
        order = [(LOGIN, LOGIN), (TEST, TEST)]
    elif len(lines) == 3:
        # The third is always a mix of the two: the first login URL, the second audience.
        named = _NAMED.search(lines[2])
        from_test = named is not None and (_names(named["login"], "test") or _names(named["audience"], "login"))
        first, second = (TEST, LOGIN) if from_test else (LOGIN, TEST)
        order = [(first, first), (second, second), (first, second)]
    elif len(lines) in (5, 7):
        home = own or "https://(My Domain)"
        last = [(home, LOGIN), (home, TEST)]
        named = _NAMED.search(lines[3])
        if named and host_of(named["audience"]).startswith("test."):
            last.reverse()
        order = [(home, home), (TEST, TEST), (LOGIN, LOGIN), *last, (LOGIN, home), (TEST, home)]
    else:
        return {}
    return dict(enumerate(order, start=1))


def _worthless(
    said: str, login: str, audience: str, lines: Sequence[str], configured: Configured, own: str | None
) -> str | None:
    """Return the reason why an attempt is no evidence; None if it counts."""
    if _LOCAL.search(said):
        return None
    mixed = _is_generic(login) and login != audience
    if mixed and "audience" in normal(said):
        return "the CLI's own mix of login URL and audience, which always gets this answer"
    sandbox = configured.host_kind in (HostKind.SANDBOX, HostKind.TEST)
    if own is not None and _is_generic(login):
        return f"not the org's own address, {host_of(own)}" if len(lines) > 1 else None
    if sandbox and login == LOGIN:
        return "login.salesforce.com, which has no sandboxes"
    if configured.host_kind in (HostKind.LOGIN, HostKind.MY_DOMAIN) and login == TEST:
        return "test.salesforce.com, which has only sandboxes"
    return None


def _names(url: str, kind: str) -> bool:
    return host_of(url).startswith(f"{kind}.")


def _is_generic(url: str) -> bool:
    return host_kind(host_of(url))[0] in (HostKind.LOGIN, HostKind.TEST)


def _origin(url: str) -> str:
    return url.rstrip("/")
