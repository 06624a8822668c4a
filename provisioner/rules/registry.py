"""The checks of the rules. Each module of an area has one, so a new rule is one new file.

The packages that read the files make the other findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from provisioner.diagnostics import Diagnostic
from provisioner.rules.context import RuleInput
from provisioner.rules.login_context import LoginContext
from provisioner.rules.pages import AREAS, rule_modules

Check = Callable[[RuleInput], Iterator[Diagnostic]]
LoginCheck = Callable[[LoginContext], Iterator[Diagnostic]]
LOGIN_AREA = "login"


@cache
def checks() -> tuple[Check, ...]:
    """Return the checks of a declaration under an environment."""
    return tuple(module.check for area in AREAS if area != LOGIN_AREA for module in rule_modules(area))


@cache
def login_checks() -> tuple[LoginCheck, ...]:
    """Return the checks of the declared logins."""
    return tuple(module.check for module in rule_modules(LOGIN_AREA))
