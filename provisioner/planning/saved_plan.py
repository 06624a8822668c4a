"""The plan as a file: sealed, read as bytes, and compared with a new plan before it is applied.

The comparison covers everything that a person approved: the declaration, the org, the earlier state of each touched
component, and each change with its risk and impact. Line numbers and warnings may differ: they change no org.

The seal is a digest and not a signature: it shows that a file was damaged or edited, but anyone who can write the file
can seal it again. Keep the file where only approvers can write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.components.meaning import digest
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Component, Routing, Snapshot
from provisioner.errors import RefusedError
from provisioner.planning.plan import Change, Plan
from provisioner.words import enumerated

Document = Mapping[str, Any]
FORMAT_VERSION = "1"
#: A plan of 10,000 components, the most in one deployment, is smaller.
LARGEST_BYTES = 64 * 1024 * 1024
#: The errors of reading a document of another shape.
WRONG_SHAPE = (KeyError, TypeError, ValueError, AttributeError)
_ANEW = "Save a new one with `provisioner plan --env ENV --out FILE`, and have it approved."
#: The members of a change that a person approves.
_APPROVED = ("action", "risk", "fields", "removals", "impact")
_OF_FIELD = ("path", "before", "after", "before_value", "after_value", "risk")


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A complete, unchanged saved plan. ``components`` maps addresses to digests of the earlier state, None: absent.

    ``document`` is the complete JSON.
    """

    environment: str
    tool_version: str
    targets: tuple[str, ...]
    declaration_digest: str
    org_id: str
    api_version: str
    components: Mapping[str, str | None]
    changes: Mapping[str, Document]
    saved_at: str
    document: Document


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference since the plan was saved. ``address`` is None if it is about the whole plan."""

    what: str
    message: str
    address: str | None = None


class NotThePlanError(RefusedError):
    """The plan file cannot be applied. Nothing was sent."""


def digests_of(changes: Sequence[Change], snapshot: Snapshot) -> dict[str, str | None]:
    """Return what each touched component is, by address: a digest of all that was read of it; None if it is missing."""
    found: dict[str, str | None] = {}
    for change in changes:
        component = snapshot.find(change.type, change.full_name)
        routing = routing_of(snapshot, change)
        if not isinstance(component, Component):
            found[change.address] = None
        elif not routing:
            found[change.address] = digest(component.xml)
        else:
            whole = f"{digest(component.xml)} {json.dumps(routing, sort_keys=True)}"
            found[change.address] = "sha256:" + hashlib.sha256(whole.encode()).hexdigest()
    return found


def routing_of(snapshot: Snapshot, change: Change) -> Routing:
    """Return the known routing of a channel's record; an empty mapping for other types."""
    return dict(snapshot.routing.get(change.full_name, {})) if change.type is MetadataType.CHANNEL else {}


def sealed(document: Document) -> dict[str, Any]:
    """Return the document with its own digest added."""
    return {**document, "digest": _seal(document)}


def _seal(document: Document) -> str:
    bare = {name: value for name, value in document.items() if name != "digest"}
    canonical = json.dumps(bare, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def read(content: bytes, name: str) -> SavedPlan:
    """Return the saved plan in the content of a file. Raises :class:`NotThePlanError` for any other content."""
    anew = _ANEW
    document = _json(content, name, anew)
    if not isinstance(document, dict) or "format_version" not in document:
        raise NotThePlanError(f"{name} is JSON, but not a saved plan.", next=anew, code="plan-not-a-plan")
    if "environments" in document:
        raise NotThePlanError(
            f"{name} holds the plans of several environments, but a plan is applied to exactly one environment.",
            next="Save one for each, with `provisioner plan --env ENV --out FILE`.",
            code="plan-not-a-plan",
        )
    if document["format_version"] != FORMAT_VERSION:
        raise NotThePlanError(
            f"{name} has the format {json.dumps(document['format_version'])[:40]}, and this version of the program "
            f'reads "{FORMAT_VERSION}".',
            next="Apply it with the version that saved it, or save a new one with this version.",
            code="plan-format",
        )
    if "digest" not in document:
        what = "the output of `plan --format json`" if "changes" in document else "JSON, but not a saved plan"
        raise NotThePlanError(
            f"{name} is {what}: it has no digests to compare it with.", next=anew, code="plan-not-a-plan"
        )
    if document["digest"] != _seal(document):
        raise NotThePlanError(
            f"{name} was changed after it was saved: it no longer matches its digest.",
            next=f"Find out who changed it. {anew}",
            code="plan-tampered",
        )
    try:
        return _understood(document)
    except WRONG_SHAPE:
        raise incomplete(name) from None


def incomplete(name: str) -> NotThePlanError:
    """Return the error about a sealed file that does not describe a plan."""
    return NotThePlanError(f"{name} lacks parts that every saved plan has.", next=_ANEW, code="plan-not-a-plan")


def _json(content: bytes, name: str, anew: str) -> Any:
    if len(content) > LARGEST_BYTES:
        raise NotThePlanError(f"{name} is larger than any plan.", next=anew, code="plan-not-a-plan")
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        why = "is empty" if not content.strip() else "cannot be read as JSON: it was cut off or damaged"
        raise NotThePlanError(f"{name} {why}.", next=anew, code="plan-unreadable") from None


def _understood(document: Document) -> SavedPlan:
    def text(value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(value)
        return value

    return SavedPlan(
        environment=text(document["environment"]),
        tool_version=text(document["tool_version"]),
        targets=tuple(text(each) for each in document["targets"]),
        declaration_digest=text(document["declaration_digest"]),
        org_id=text(document["org"]["id"]),
        api_version=text(document["api_version"]),
        components={
            text(address): text(value) if value is not None else None
            for address, value in document["components"].items()
        },
        changes={text(each["address"]): _approved(each) for each in document["changes"]},
        saved_at=text(document["saved_at"]),
        document=document,
    )


def before_the_org(saved: SavedPlan, *, environment: str, tool_version: str, declaration: str) -> list[Difference]:
    """Return the differences that show before the org is read."""
    found = []
    if saved.environment != environment:
        found.append(Difference("environment", f"It is a plan for {saved.environment}, and --env names {environment}."))
    if saved.tool_version != tool_version:
        found.append(
            Difference(
                "version", f"Version {saved.tool_version} of provisioner saved it, but this is version {tool_version}."
            )
        )
    if saved.environment == environment and saved.declaration_digest != declaration:
        found.append(Difference("declaration", "The declaration, or a key file that it names, has changed since."))
    return found


def differences(saved: SavedPlan, plan: Plan, snapshot: Snapshot, document: Document) -> list[Difference]:
    """Return the differences between the saved plan and the new one, whose JSON is ``document``."""
    found = []
    if saved.org_id[:15] != plan.org.id[:15]:
        found.append(Difference("org", f"It is a plan for org {saved.org_id}, and the login led to org {plan.org.id}."))
        return found  # another org's components have nothing to do with these
    if saved.api_version != plan.api_version:
        found.append(
            Difference("version", f"It was made at API version {saved.api_version}; now it is {plan.api_version}.")
        )
    now = digests_of(plan.changes, snapshot)
    fresh = {str(each["address"]): _approved(each) for each in document["changes"]}
    for address in [*saved.changes, *(each for each in fresh if each not in saved.changes)]:
        found += _of_component(address, saved, fresh, now)
    return found


def _of_component(
    address: str, saved: SavedPlan, fresh: Mapping[str, Document], now: Mapping[str, str | None]
) -> Iterator[Difference]:
    if address not in saved.changes:
        yield Difference("component", f"{address} would now change as well; it was not in the plan.", address)
    elif address not in fresh:
        yield Difference("component", f"{address} no longer needs this change (already applied, or reverted).", address)
    elif saved.components.get(address, "") != now.get(address):
        yield Difference("component", f"{address} was changed in the org since: {_how(saved, address, now)}.", address)
    elif saved.changes[address] != fresh[address]:
        parts = [part for part in _APPROVED if saved.changes[address][part] != fresh[address][part]]
        yield Difference("component", f"{address} would now change differently: other {enumerated(parts)}.", address)


def _how(saved: SavedPlan, address: str, now: Mapping[str, str | None]) -> str:
    if saved.components.get(address) is None:
        return "it was created"
    return "it was deleted" if now.get(address) is None else "its content differs"


def _approved(change: Document) -> Document:
    """Return the approved members of a change, without line numbers."""
    kept = {name: change[name] for name in _APPROVED}
    return {**kept, "fields": [{name: field[name] for name in _OF_FIELD} for field in change["fields"]]}
