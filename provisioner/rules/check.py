"""Runs the rules: under one environment (:func:`check`) or under several (:func:`validate`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from provisioner.declaration.load import ConfigDirectory, Loaded
from provisioner.diagnostics import Diagnostic
from provisioner.jose.material import Derivation, derive
from provisioner.model.estate import CertificateSource, Estate, JwkSource, Key
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.ignores import Ignores
from provisioner.rules.pages import AREAS, rule_modules

if TYPE_CHECKING:
    from provisioner.declaration.logins import LoadedLogins
    from provisioner.rules.login_context import LoginContext

RuleCheck = Callable[[RuleInput], Iterator[Diagnostic]]
LoginCheck = Callable[["LoginContext"], Iterator[Diagnostic]]
#: The area of the rules that check the logins.
LOGIN_AREA = "login"
#: Derivations by their inputs: the file's content and its name in messages, kid and algorithm.
Cache = dict[tuple[object, ...], Derivation]


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings and derivations of a check.

    ``findings``: those of the files and of the rules, without the ignored ones, by place. ``derivations``: by key name.
    """

    findings: tuple[Diagnostic, ...]
    derivations: Mapping[str, Derivation]


def check(loaded: Loaded, *, now: datetime, with_references: bool = False) -> Checked:
    """Return all findings of a declaration under its environment.

    ``with_references`` also checks whether the environment's ``${env:}`` and ``${file:}`` references can be resolved;
    ``${command:}`` never runs here. Only :func:`validate` finds ignores without a use.
    """
    findings, derivations = _run(loaded, now, with_references, {})
    kept = Ignores(loaded.estate.ignore).keep(findings)
    return Checked(by_place(kept), derivations)


def validate(
    config: ConfigDirectory, environments: Sequence[str] | None, *, now: datetime, with_references: bool
) -> tuple[Diagnostic, ...]:
    """Return each finding once, with the names of its environments, by place.

    If ``environments`` is None, all of the directory count; if it has none, the declaration is checked under none.
    Raises the errors of :meth:`ConfigDirectory.environment_file`.
    """
    known = config.environment_names()
    names: Sequence[str | None] = known if environments is None else environments
    cache: Cache = {}
    merged: dict[Diagnostic, list[str]] = {finding: [] for finding in config.ignored_logins}
    unused: dict[Diagnostic, list[str]] = {}
    used: set[Diagnostic] = set()
    for name in names or [None]:
        loaded = config.load(name)
        findings, _ = _run(loaded, now, with_references, cache, has_logins=config.has_logins)
        ignores = Ignores(loaded.estate.ignore)
        for finding in ignores.keep(findings):
            merged.setdefault(finding, []).extend([name] if name else [])
        for finding in ignores.findings():
            unused.setdefault(finding, []).extend([name] if name else [])
        used.update(ignores.used_findings())
        for finding in check_logins(config.logins(name), now=now) if config.has_logins else ():
            merged.setdefault(finding, []).extend([name] if name else [])
    if set(known) <= set(names):  # else an ignore may be for an environment that was not checked
        merged.update({finding: under for finding, under in unused.items() if finding not in used})
    return by_place(replace(finding, environments=tuple(dict.fromkeys(under))) for finding, under in merged.items())


def check_logins(loaded: LoadedLogins, *, now: datetime) -> tuple[Diagnostic, ...]:
    """Return all findings of the logins under their environment, by place."""
    from provisioner.rules.login_context import LoginContext  # most directories declare none

    context = LoginContext(loaded, now)
    found = [*loaded.findings, *(finding for each in login_checks() for finding in each(context))]
    return by_place(list(dict.fromkeys(found)))


@cache
def checks() -> tuple[RuleCheck, ...]:
    """Return the checks of a declaration under an environment: each module of an area has one."""
    return tuple(module.check for area in AREAS if area != LOGIN_AREA for module in rule_modules(area))


@cache
def login_checks() -> tuple[LoginCheck, ...]:
    """Return the checks of the declared logins."""
    return tuple(module.check for module in rule_modules(LOGIN_AREA))


def by_place(findings: Iterator[Diagnostic] | Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return findings by file, line and column; those without a place come last."""

    def place(finding: Diagnostic) -> tuple[bool, str, int, int, str, str]:
        at = finding.location
        where = (False, at.file, at.line, at.column) if at is not None else (True, "", 0, 0)
        return (*where, finding.rule, finding.message)

    return tuple(sorted(findings, key=place))


def _run(
    loaded: Loaded, now: datetime, with_references: bool, cache: Cache, *, has_logins: bool = False
) -> tuple[list[Diagnostic], dict[str, Derivation]]:
    derivations = dict(_derivations(loaded.estate, now, cache))
    findings = [*loaded.findings]
    context = RuleInput(loaded, derivations, now, with_references, has_logins)
    for name, derivation in derivations.items():
        findings.extend(_placed(loaded.estate.keys[name], derivation, context))
    for each in checks():
        findings.extend(each(context))
    return list(dict.fromkeys(findings)), derivations


def _derivations(estate: Estate, now: datetime, cache: Cache) -> Iterator[tuple[str, Derivation]]:
    for key in estate.keys.values():
        source = key.source
        if source is None or is_open(source.file.declared_path):
            continue
        file = source.file
        beside = (source.kid, source.algorithm) if isinstance(source, CertificateSource) else ()
        known = (type(source), file.shown_path, file.content, *beside)
        if known not in cache:
            cache[known] = derive(source, now)
        yield key.name, cache[known]


def _placed(key: Key, derivation: Derivation, context: RuleInput) -> Iterator[Diagnostic]:
    """Yield a key's defects, each at its YAML value."""
    source_field = "jwk" if isinstance(key.source, JwkSource) else "certificate"
    for defect in derivation.defects:
        if isinstance(key.source, CertificateSource) and not _is_known(key, key.source, defect.field, context):
            continue
        at = key.places.of(defect.field or source_field)
        yield Diagnostic(defect.rule, defect.severity, defect.message, defect.fix, at, key.address)


def _is_known(key: Key, source: CertificateSource, field: str | None, context: RuleInput) -> bool:
    """Return whether the field of a defect has a value, or is missing without another mistake."""
    if field == "algorithm":
        return not is_open(source.algorithm)
    return field != "kid" or source.kid is not None or context.lacks(("keys", key.name), "kid")
