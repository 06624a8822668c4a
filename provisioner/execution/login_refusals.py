"""An org's refusal of a login's components, with its meaning and the line of ``logins.yaml`` that it comes from.

The texts are quoted from public reports; unknown words stay unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from provisioner.diagnostics import Location
from provisioner.execution.aftermath import NOTHING_APPLIED, Aftermath
from provisioner.execution.outcome import Problem
from provisioner.execution.refusals import with_aftermath
from provisioner.model.login_types import CONNECTED_APP, GLOBAL, HEADER, OAUTH, OAUTH_POLICY, PERMISSION_SET, POLICY
from provisioner.model.logins import DeclaredLogin
from provisioner.model.types import MetadataType
from provisioner.salesforce import DeployProblem, DeployStatus
from provisioner.salesforce.refusal_texts import text_of

_MEANINGS: tuple[tuple[str, str], ...] = (
    (r"depends on permission\(s\)", "Add the permission that it depends on to user_permissions."),
    (r"license doesn.t allow", "The user's license does not allow it: give the user a full license, or remove it."),
    (r"can.t create a connected app", "Orgs no longer allow new connected apps: write `type: external`."),
    (r"consumer key is already taken", "Another app has this consumer key; run the command again for a new one."),
    (r"problem with your scope", "The org does not offer a scope of the app: remove it from `scopes`."),
    (r"unknown user permission", "The org does not have this user permission."),
    (r"no permissionset named", "The org does not find the gate, although it was deployed before the app."),
    (r"isn.t assigned to any user", "The org wants the gate to be assigned before a policy names it."),
    (r"valid oauth settings", "The app's OAuth settings are missing in the org."),
    (r"certificate", "The org does not accept the certificate."),
)
_PLACES: Mapping[MetadataType, tuple[str, ...]] = {
    HEADER: ("app",),
    OAUTH: ("app", "scopes"),
    GLOBAL: ("app", "certificate"),
    OAUTH_POLICY: ("policy",),
    POLICY: ("app", "enabled"),
    CONNECTED_APP: ("app",),
    PERMISSION_SET: ("access",),
}
_BY_XML_NAME = {kind.xml_name: kind for kind in _PLACES}
_DUPLICATE = re.compile(r"duplicates value on (\w+)")


def explain_login(status: DeployStatus, logins: Iterable[DeclaredLogin], aftermath: Aftermath) -> tuple[Problem, ...]:
    """Return the problems of a failed deployment, with its ``aftermath``; at least one, even without a detail."""
    declared = tuple(logins)
    problems = [_explain(each, declared) for each in errors_of(status)]
    words = ": ".join(part for part in (status.error_status_code, status.error_message) if part)
    if words or not problems:
        said = words or f"The deployment has the status {status.status}, and the org gave no reason."
        problems.append(Problem(said, NOTHING_APPLIED))
    return tuple(replace(each, meaning=with_aftermath(each.meaning, aftermath)) for each in problems)


def errors_of(status: DeployStatus) -> tuple[DeployProblem, ...]:
    """Return the org's errors about the components."""
    return tuple(each for each in status.failures if each.problem_type != "Info")


def refuses_key(status: DeployStatus) -> bool:
    """Tell if the consumer key may be the reason. Its error text is not known, so every problem of its part counts."""
    failures = errors_of(status)
    about = [each for each in failures if each.component_type == GLOBAL.xml_name]
    if any(re.search(r"consumer\s?key", each.problem, re.IGNORECASE) for each in about):
        return True
    return bool(about) and len(about) == len(failures) and not any(_is_known(each.problem) for each in about)


def other_name(status: DeployStatus) -> tuple[MetadataType, str] | None:
    """Return the part of an app that the org has under another name, and that name."""
    for each in errors_of(status):
        kind, found = _BY_XML_NAME.get(each.component_type), _DUPLICATE.search(each.problem)
        if kind in (OAUTH, GLOBAL, OAUTH_POLICY, POLICY) and found is not None and found[1] != each.full_name:
            assert kind is not None
            return kind, found[1]
    return None


def _is_known(problem: str) -> bool:
    return any(re.search(pattern, problem, re.IGNORECASE) for pattern, _ in _MEANINGS)


def _explain(failure: DeployProblem, logins: tuple[DeclaredLogin, ...]) -> Problem:
    known = (meaning for pattern, meaning in _MEANINGS if re.search(pattern, failure.problem, re.IGNORECASE))
    meaning = next(known, None) or text_of(failure.problem).meaning_of_ours
    kind = _BY_XML_NAME.get(failure.component_type)
    said = meaning if NOTHING_APPLIED in meaning else f"{meaning} {NOTHING_APPLIED}"
    if kind is None:
        return Problem(failure.problem, said)
    login = _login_of(kind, failure.full_name, logins)
    if login is None:
        return Problem(failure.problem, said, kind.address(failure.full_name))
    address = kind.address(failure.full_name if kind is PERMISSION_SET else login.app.name)
    place: Location | None = login.places.of(*_PLACES[kind])
    return Problem(failure.problem, said, address if kind is PERMISSION_SET else f"app.{login.app.name}", place)


def _login_of(kind: MetadataType, name: str, logins: tuple[DeclaredLogin, ...]) -> DeclaredLogin | None:
    if kind is PERMISSION_SET:
        return next((each for each in logins if name in each.permission_sets), None)
    found = [each for each in logins if name == each.app.name or name.startswith(f"{each.app.name}_")]
    return max(found, key=lambda each: len(each.app.name), default=None)
