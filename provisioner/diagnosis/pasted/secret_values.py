"""Masks the secrets that people paste along with an error: by their names, by their shape, and by their randomness."""

from __future__ import annotations

import re

from provisioner.secrets import MASK

#: Names of secrets, also inside longer names such as SF_CONSUMER_SECRET and salesforce.password.token.
_NAME = (
    r"(?:(?:client|consumer|app)[-_ ]?secret|password|passwd|pwd|passphrase|(?:store|key)pass"
    r"|(?:refresh|access|security|auth|private)[-_ ]?token|(?:account|api|access|shared)[-_ ]?key"
    r"|assertion|(?<!invalid[-_ ])session[-_ ]?id|x-[a-z-]{1,20}session|\bsid|secret)(?:[._-]\w{1,30}){0,3}"
)
#: Between a name and its value: in code, forms, headers, YAML, tables and HTML.
_BETWEEN = r"""["']?(?:\s{0,9}(?:=>|[:=|])|\s{0,9}</\w{1,20}>\s{0,9}<\w{1,20}>|>)\s{0,9}(?:[>|]-?\s{1,40})?"""
#: A value without quotation marks; an ampersand ends it only before another parameter. No secret is shorter.
_VALUE = r"""(?:[^\s"'&,}<]|&(?![\w.-]{1,40}=)){5,}"""
#: Each pattern captures what may be shown before the secret.
_PATTERNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"""({_NAME}{_BETWEEN}")[^"\n]+""",
        rf"""({_NAME}{_BETWEEN}')[^'\n]+""",
        rf"""({_NAME}{_BETWEEN}){_VALUE}""",
        rf"""(\bname["']?\s{{0,9}}:\s{{0,9}}["']?[\w.-]{{0,40}}{_NAME}["']?,?\s{{1,40}}["']?value["']?\s{{0,9}}:\s{{0,9}}["']?){_VALUE}""",
        rf"""(--?(?:src|dest)?{_NAME}[ =]["']?)[^\s"']+""",
        rf"""({_NAME}\s{{1,4}}(?:(?:is|was)\s{{0,4}}:?\s{{0,4}})?)(?=[^\s"']{{0,200}}\d)[A-Za-z0-9+/._=!~-]{{16,}}""",
        r"""(\bAuthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:[A-Za-z]{1,20}\s{1,4})?)(?=[^\s"']{0,200}\d)[^\s"',;]{16,}""",
        r"""(\b(?:Bearer|Basic|OAuth|--oauth2-bearer)\s{1,4})(?=[^\s"']{0,200}\d)[A-Za-z0-9+/._=!~-]{16,}""",
        r"""(\bforce://)[^\s"'<>]+""",
        r"""(://[^\s/:@"']{0,200}:)[^\s/@"']+(?=@)""",
        r"""(\s(?:-u|--user)[\s=]{1,4}["']?[^\s:"']{1,200}:)[^\s"']+""",
        r"""(\bpass:)[^\s"']{4,}""",
        r"""(\bcode=)[^\s&"']{20,}""",
        r"""()\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-)[A-Za-z0-9_-]{16,}""",
        r"""()\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}""",
        r"""()\b[0-9a-f]{40,}\b""",
    )
)
_LONG = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9+/_=-]{32,}")
_DIGITS = re.compile(r"\d")
#: Random text hardly ever has this many letters of one case in a row; names of files and components do.
_WORD = re.compile(r"[a-z]{8}|[A-Z]{8}")
_FEWEST_DIGITS = 4


def without_secret_values(text: str) -> str:
    """Return a text without passwords, secrets, session ids, tokens and anything else that looks random."""
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return _LONG.sub(lambda found: MASK if _is_random(found[0]) else found[0], text)


def _is_random(text: str) -> bool:
    """Return whether a long text without blanks has digits and letters of both cases, and no word."""
    mixed = text.lower() != text and text.upper() != text
    return mixed and len(_DIGITS.findall(text)) >= _FEWEST_DIGITS and _WORD.search(text) is None
