"""``token explain``: read a token from a file, and judge it by a declaration, or by an org and its endpoints."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner import names
from provisioner.errors import ExitStatus
from provisioner.jose.material import jwks_of
from provisioner.report.visible import without_credentials
from provisioner.rules.check import check
from provisioner.secrets import redactor
from provisioner.tokens.explain import Explanation, explain
from provisioner.tokens.verification_state import NO_DECLARATION, ServedKeys, VerificationState, declared, observed
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.endpoints import ask_for_keys
from provisioner.workflows.key_material import read_bounded, refuse_token
from provisioner.workflows.prepare import observe

if TYPE_CHECKING:
    from provisioner.model.environment import Environment
    from provisioner.model.verification import KnownChannel

#: Words of the file that are masked wherever they would be printed: a token, also one that was broken into lines.
MOST_WORDS, SHORTEST_SECRET = 100, 40
#: So many endpoints are asked; a token leads to one.
MOST_ENDPOINTS = 20


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """``file`` holds the token (``-``: standard input). ``live`` asks the org, and the endpoints of its keysets."""

    file: str
    channel: str | None = None
    live: bool = False

    def __post_init__(self) -> None:
        refuse_token(self.file)


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation, and the state that the token was judged by. ``environment`` is None if none was named."""

    environment: str | None
    state: VerificationState
    explanation: Explanation

    @property
    def exit_status(self) -> ExitStatus:
        return ExitStatus.WRONG_INPUT if self.explanation.accepted is False else ExitStatus.DONE


def explain_token(console: Console, options: ExplainOptions) -> Explained:
    """Explain the token in a file. Its words are masked from then on. Raises :class:`InputError`, UsageError.

    Without an environment, only what holds in every org is checked.
    """
    needs_one = console.env_option is not None or options.live or options.channel is not None
    name = console.one_environment() if needs_one else None
    content = read_bounded(options.file)
    for word in content.decode("utf-8", "replace").split()[:MOST_WORDS]:
        if len(word) >= SHORTEST_SECRET:
            redactor.keep(word)
    state = _state(console, name, live=options.live) if name is not None else NO_DECLARATION
    return Explained(name, state, explain(content, state, _channel(state, options.channel), console.now))


def _state(console: Console, name: str, *, live: bool) -> VerificationState:
    loaded = console.config.load(name)
    if not live:
        checked = check(loaded, now=console.now)
        errors = sum(finding.is_error for finding in checked.findings)
        if errors:
            console.say(f"The declaration has errors: `provisioner validate --env {name}` lists them.")
        return declared(loaded.estate, jwks_of(checked.derivations), name)
    assert loaded.environment is not None
    return _live(console, loaded.environment)


def _live(console: Console, environment: Environment) -> VerificationState:
    """Return the state of the org, with the keys that the endpoints of its keysets serve."""
    with connected(console, environment) as org:
        state = observed(observe(console, org, environment))
    urls = state.endpoints()[:MOST_ENDPOINTS]
    with ThreadPoolExecutor(4) as pool:
        served = dict(zip(urls, pool.map(lambda url: _served(console, url, environment.ca_bundle), urls), strict=True))
    return replace(state, served=served)


def _served(console: Console, url: str, ca_bundle: Path | None) -> ServedKeys:
    diagnosis = ask_for_keys(console, url, ca_bundle=ca_bundle)
    keys = tuple(key.jwk for key in diagnosis.keys if key.jwk is not None and key.usable)
    if diagnosis.keys:
        unusable = {key.kid: key.problem for key in diagnosis.keys if key.kid is not None and key.problem is not None}
        return ServedKeys(keys, unusable=unusable)
    problem = diagnosis.problem
    assert problem is not None  # there would be keys
    return ServedKeys((), f"{without_credentials(url)}: {problem.message}", problem.fix, diagnosis.certain)


def _channel(state: VerificationState, name: str | None) -> KnownChannel | None:
    if name is None:
        return None
    advice = "" if state.complete else "--live asks the org."
    return names.one_of(state.channels, name, "channel", place=state.source, advice=advice)
