"""An org's refusal, tied back to the YAML line it comes from, with what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.components.metadata import MetadataType
from provisioner.components.package import Package
from provisioner.diagnostics import Location
from provisioner.execution.outcome import Problem
from provisioner.execution.work import Work
from provisioner.model.estate import Channel, Key, Keyset
from provisioner.org import DeployProblem, DeployStatus

#: The YAML path (below the component) that an XML element comes from.
_PATHS: dict[str, tuple[str, ...]] = {
    "masterLabel": ("label",),
    "description": ("description",),
    "isActive": ("active",),
    "jwtIssuer": ("issuer",),
    "jwksEndPoint": ("endpoint",),
    "publicKeyCertificate": ("keys",),
    "publicKeyCertificateSetKeys": ("keys",),
    "authMode": ("user_verification", "enabled"),
    "messagingAuthorizations": ("user_verification", "configurations"),
    "authIdentifier": ("user_verification", "configurations"),
    "publicKeyCertificateSetName": ("user_verification", "configurations"),
    "enabled": ("user_verification", "configurations"),
    "verifiedUserJwtExpirationTime": ("token_expiration_minutes", "verified"),
    "anonymousUserJwtExpirationTime": ("token_expiration_minutes", "unverified"),
}
_MEANINGS = (
    ("session-based chat", "Session-based chat and user verification exclude each other on a channel."),
    ("when the key type selected", "The keyset's type and its endpoint do not go together in this org."),
    ("referenced elsewhere", "Something in the org still refers to it; nothing was deleted."),
    ("is in use", "Something in the org still refers to it; nothing was deleted."),
    ("not available for deploy for this organization", "The org or the user lacks the feature or the permission."),
    ("not available for deploy for this api version", "The API version is too low for this type."),
    ("insufficient access", "The user may not change this, or may not see something that it refers to."),
    ("not a valid value for the enum", "The org knows no such value at this API version."),
    ("required field is missing", "The org wants a field that is not there."),
    ("errorid", "An internal error of the org; Salesforce support can look it up by the ErrorId."),
    ("named", "Something that the component refers to does not exist in the org."),
)
_NOT_OURS = (
    "This is about a part of the channel that is not managed here and was sent back unchanged: "
    "repair it in Setup, or by whoever manages the channel, and apply again."
)


def explain(status: DeployStatus, package: Package, work: Work, api_version: str) -> tuple[Problem, ...]:
    """Every problem of a failed deployment; at least one, even where the org gave no detail."""
    files = package.files(api_version)
    problems = [_explain(failure, files, work) for failure in _errors(status.failures)]
    if status.error_message or status.error_status_code or not problems:
        words = [part for part in (status.error_status_code, status.error_message, status.state_detail) if part]
        problems.append(
            Problem(
                problem=": ".join(words) or f"The deployment ended as {status.status} and the org gave no reason.",
                meaning="Nothing was applied: the deployment was rolled back."
                if words
                else "Nothing was applied. Look at Setup > Deployment Status for what the org did not say here.",
            )
        )
    return tuple(problems)


def _errors(failures: Sequence[DeployProblem]) -> list[DeployProblem]:
    return [failure for failure in failures if failure.problem_type != "Info"]


def _explain(failure: DeployProblem, files: dict[str, bytes], work: Work) -> Problem:
    kind = next((kind for kind in MetadataType if kind.xml_name == failure.component_type), None)
    if kind is None:
        kind = next((kind for kind in MetadataType if failure.file_name.endswith(f".{kind.suffix}")), None)
    if kind is None:
        return Problem(failure.problem, _meaning(failure.problem))
    element = _element_at(failure, files.get(kind.path(failure.full_name)))
    path = _path_of(element, failure.problem)
    address = kind.address(failure.full_name)
    place = _place(work, kind, failure.full_name, path)
    meaning = _meaning(failure.problem)
    if kind is MetadataType.CHANNEL and path is None and not _mentions_ours(failure.problem):
        meaning = _NOT_OURS
    return Problem(failure.problem, meaning, address, place)


def _element_at(failure: DeployProblem, content: bytes | None) -> str | None:
    """The name of the element on the line that the org points at: our files have one element a line."""
    if content is None or failure.line is None:
        return None
    lines = content.decode().split("\n")
    line = lines[failure.line - 1].strip() if 0 < failure.line <= len(lines) else ""
    return line.lstrip("</").split(">")[0].split(" ")[0].rstrip("/") if line.startswith("<") else None


def _path_of(element: str | None, problem: str) -> tuple[str, ...] | None:
    if element in _PATHS:
        return _PATHS[element]
    return next((path for name, path in _PATHS.items() if len(name) > len("enabled") and name in problem), None)


def _mentions_ours(problem: str) -> bool:
    text = problem.lower()
    return any(word in text for word in ("session-based", "publickeycertificate", "verif", "embeddedconfig", "auth"))


def _place(work: Work, kind: MetadataType, name: str, path: tuple[str, ...] | None) -> Location | None:
    estate = work.estate
    declared: Mapping[str, Key] | Mapping[str, Keyset] | Mapping[str, Channel]
    match kind:
        case MetadataType.KEY:
            declared = estate.keys
        case MetadataType.KEYSET:
            declared = estate.keysets
        case MetadataType.CHANNEL:
            declared = estate.channels
    thing = declared.get(name)
    if thing is None:  # a deletion: its place is the tombstone's
        change = next((change for change in work.plan.changes if (change.type, change.full_name) == (kind, name)), None)
        return change.declared_at if change is not None else None
    return thing.places.of(*path) if path is not None else thing.places.own


def _meaning(problem: str) -> str:
    text = problem.lower()
    known = next((meaning for words, meaning in _MEANINGS if words in text), None)
    return known or "The org's own words; nothing was applied."
