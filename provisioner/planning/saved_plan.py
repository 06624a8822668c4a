"""The plan as a file: sealed, read as bytes, and compared with a new plan before it is applied.

The comparison covers everything that a person approved: the declaration, the org, the earlier state of each touched
component, and each change with its risk and impact. Line numbers and warnings may differ: they change no org.

The seal is a digest and not a signature: it shows that a file was damaged or edited, but anyone who can write the file
can seal it again. Keep the file where only approvers can write.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.components.meaning import digest
from provisioner.components.snapshot import Component, Routing, Snapshot
from provisioner.errors import RefusedError
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Change, Plan
from provisioner.words import enumerated

Document = Mapping[str, Any]
FORMAT_VERSION = "1"
#: A plan of the 10,000 components that one deployment takes is smaller, and has fewer objects, values and names. What
#: Python makes of a file is bounded by these limits, which are checked before it is parsed; indentation does not count.
LARGEST_BYTES, LARGEST_CONTENT = 40_000_000, 24_000_000
#: Characters beyond U+FFFF (emoji) make Python take four bytes for each character of the text that they are in.
LARGEST_WITH_EMOJI = 11_000_000
MOST_OBJECTS, MOST_VALUES, MOST_NAMES = 150_000, 820_000, 12_000
LONGEST_NUMBER = 100
#: The errors of reading a document of another shape.
WRONG_SHAPE = (KeyError, TypeError, ValueError, AttributeError)
_BEYOND = re.compile(rb"[\xf0-\xf4]|\\u[dD][89abAB]")
_NAME = re.compile(rb'"([^"\\]*+)"\s*+:')
#: So many elements of a list are encoded at a time.
_AT_ONCE = 1_000
_SAVE_AGAIN = "Save a new one with `provisioner plan --env ENV --out FILE`, and have it approved."
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
    digest = hashlib.sha256()
    for part in _canonical({name: value for name, value in document.items() if name != "digest"}):
        digest.update(part.encode())
    return f"sha256:{digest.hexdigest()}"


def _canonical(value: object, levels: int = 2) -> Iterator[str]:
    """Yield the parts of a document in its canonical form: a large plan as a whole would be tens of megabytes."""
    if levels == 0 or not value or not isinstance(value, dict | list):
        yield json.dumps(value, sort_keys=True, separators=(",", ":"))
    elif isinstance(value, dict):
        for number, name in enumerate(sorted(value)):
            yield f"{',' if number else '{'}{json.dumps(name)}:"
            yield from _canonical(value[name], levels - 1)
        yield "}"
    else:
        for at in range(0, len(value), _AT_ONCE):
            inside = json.dumps(value[at : at + _AT_ONCE], sort_keys=True, separators=(",", ":"))[1:-1]
            yield f"{',' if at else '['}{inside}"
        yield "]"


def read(content: bytes, name: str) -> SavedPlan:
    """Return the saved plan in the content of a file. Raises :class:`NotThePlanError` for any other content."""
    text = _text(content, name)
    del content  # tens of megabytes of a large plan
    document = _json(text, name)
    del text
    if not isinstance(document, dict) or "format_version" not in document:
        raise NotThePlanError(f"{name} is JSON, but not a saved plan.", next=_SAVE_AGAIN, code="plan-not-a-plan")
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
            f"{name} is {what}: it has no digests to compare it with.", next=_SAVE_AGAIN, code="plan-not-a-plan"
        )
    if document["digest"] != _seal(document):
        raise NotThePlanError(
            f"{name} was changed after it was saved: it no longer matches its digest.",
            next=f"Find out who changed it. {_SAVE_AGAIN}",
            code="plan-tampered",
        )
    try:
        return _understood(document)
    except WRONG_SHAPE:
        raise incomplete(name) from None


def incomplete(name: str) -> NotThePlanError:
    """Return the error about a sealed file that does not describe a plan."""
    return NotThePlanError(f"{name} lacks parts that every saved plan has.", next=_SAVE_AGAIN, code="plan-not-a-plan")


def _text(content: bytes, name: str) -> str:
    if len(content) <= LARGEST_BYTES:
        for columns in (16, 8, 4, 2):  # all the indentation of a saved plan; no string of JSON has a line break in it
            content = content.replace(b"\n" + b" " * columns, b"\n")
    if is_too_large(content):
        raise NotThePlanError(f"{name} is larger than any saved plan.", next=_SAVE_AGAIN, code="plan-not-a-plan")
    if not content or content.isspace():
        raise NotThePlanError(f"{name} is empty.", next=_SAVE_AGAIN, code="plan-unreadable")
    try:
        return content.decode("utf-8")
    except ValueError:
        raise _damaged(name) from None


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_int=_number)
    except (ValueError, RecursionError):
        raise _damaged(name) from None


def _damaged(name: str) -> NotThePlanError:
    why = "cannot be read as JSON: it was cut off or damaged"
    return NotThePlanError(f"{name} {why}.", next=_SAVE_AGAIN, code="plan-unreadable")


def is_too_large(content: bytes) -> bool:
    """Tell if a JSON text without indentation has more in it than any saved plan.

    The marks are counted, also those inside of strings.
    """
    if len(content) > LARGEST_CONTENT or content.count(b"{") > MOST_OBJECTS:
        return True
    if len(content) > LARGEST_WITH_EMOJI and _BEYOND.search(content):
        return True
    if sum(map(content.count, (b"{", b"[", b","))) > MOST_VALUES:
        return True
    if content.count(b":") <= MOST_NAMES:
        return False
    names = set()
    for found in _NAME.finditer(content):
        names.add(found[1])
        if len(names) > MOST_NAMES:
            return True
    return False


def _number(digits: str) -> int:
    """Raises :class:`ValueError` for a number that no plan has; reading it would take long."""
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("a number of very many digits")
    return int(digits)


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
    """Return the differences between the saved plan and the new one, which is ``document`` as JSON."""
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
