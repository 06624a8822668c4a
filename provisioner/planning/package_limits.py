"""The guard that refuses a plan that is too large for one deployment, and prints the commands that split it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import assert_never

from lxml import etree

from provisioner.components.package import FILES_AT_MOST, ZIP_BYTES_AT_MOST, Name
from provisioner.components.snapshot import Component
from provisioner.model.estate import Channel, Deployment, Key, Keyset
from provisioner.model.jwk import Jwk
from provisioner.model.types import OTHER_TYPES, MetadataType
from provisioner.planning.plan import Action, Blocked, Change
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.planned_package import planned_package

#: More bytes than the elements, the manifest's line and the zip's own records of one component can take.
_AROUND = {MetadataType.KEY: 1_500, MetadataType.KEYSET: 1_500, MetadataType.CHANNEL: 4_000}
#: The most bytes of a character in XML (``&quot;``), and of the markup around a name in a list.
_CHARACTER, _LINE = 6, 200
#: A new deployment has no text of its own but names, and so has an origin.
_OF_A_DEPLOYMENT = 5_000


def package_limits(inputs: PlanInput, changes: Sequence[Change], environment: str) -> Iterator[Blocked]:
    """Refuse a package with more files, or as a zip more bytes, than a deployment takes."""
    changes = [change for change in changes if change.is_deployed]
    sent = [change for change in changes if change.action is not Action.DELETE]
    files = len(sent) + 1 + (len(sent) < len(changes))
    if files > FILES_AT_MOST:
        size = f"{files:,} files, but a deployment takes at most {FILES_AT_MOST:,}"
    elif sum(_at_most(inputs, change) for change in sent) <= ZIP_BYTES_AT_MOST:
        return
    elif (octets := _zipped(inputs, changes)) > ZIP_BYTES_AT_MOST:
        size = f"{octets:,} bytes, but a deployment takes at most {ZIP_BYTES_AT_MOST:,}"
    else:
        return
    yield Blocked(
        "package-too-large",
        f"The package would have {size}.",
        f"Apply it in parts, in the order of the plan (keys, keysets, channels): "
        f"provisioner plan --env {environment} --format json | jq -r '.changes[] | \"--target=\" + .address' | "
        f"xargs -n 1000 provisioner apply --env {environment} --yes",
    )


def _zipped(inputs: PlanInput, changes: Sequence[Change]) -> int:
    """Return the exact size of the package in bytes, by making it."""
    version = inputs.snapshot.api_version
    package = planned_package(inputs.estate, inputs.jwks, changes, lambda name: _present(inputs, name), version)
    return len(package.to_zip(version))


def _at_most(inputs: PlanInput, change: Change) -> int:
    """Return a size that the component cannot exceed, without making it: all plans but enormous ones stay below."""
    if change.type in OTHER_TYPES:
        return _OF_A_DEPLOYMENT
    kind, name = change.type, change.full_name
    present = _present(inputs, (kind, name))
    declared = inputs.estate.components(kind)[name]
    octets = _AROUND[kind] + 2 * (len(etree.tostring(present)) if present is not None else 0)
    octets += _CHARACTER * sum(len(str(row.declared_in(declared))) for row in kind.fields)
    match declared:
        case Key():
            return octets + _json_at_most(inputs.jwks[name])
        case Keyset():
            members = getattr(declared.source, "names", ())
            texts = (getattr(declared.source, "url", ""), *members)
            return octets + _LINE * len(members) + _CHARACTER * sum(map(len, texts))
        case Channel():
            return octets + 5 * _LINE * len(declared.configurations or ())
        case Deployment():
            return _OF_A_DEPLOYMENT
        case _:
            assert_never(declared)


def _json_at_most(jwk: Jwk) -> int:
    """Return a size that the JWK's JSON cannot exceed, without encoding its key and its certificates."""
    encoded = (jwk.bits + jwk.e.bit_length()) // 6 + sum(len(der) // 3 * 4 + 8 for der in jwk.x5c)
    texts = len(jwk.kid) + len(jwk.alg) + len(jwk.use or "") + (len(json.dumps(dict(jwk.other))) if jwk.other else 0)
    return _LINE + encoded + _CHARACTER * texts


def _present(inputs: PlanInput, name: Name) -> etree._Element | None:
    found = inputs.snapshot.find(*name)
    return found.xml if isinstance(found, Component) else None
