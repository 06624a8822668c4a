"""The bodies that the chat runtime accepts: JSON objects without unknown properties.

Source: working clients of both versions; each was seen to refuse an unknown property with 400.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from provisioner.localorg.chat_answers import ChatProblem, bad_request


@dataclass(frozen=True, slots=True)
class Shape:
    """The required and permitted members of a token request, and their known values."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    capabilities: tuple[str, ...]


_V1_CAPABILITIES = ("238", "240", "246", "248", "252", "254", "258", "258.1", "260")
_V2_CAPABILITIES = ("1", "62", "63")
_IDENTITY = ("authorizationType", "customerIdentityToken")
_V1 = ("orgId", "developerName", "capabilitiesVersion")
_V2 = ("orgId", "esDeveloperName", "capabilitiesVersion", "platform")
V1_GUEST = Shape("developerName", _V1, ("deviceId",), _V1_CAPABILITIES)
V1_VERIFIED = Shape("developerName", (*_V1, *_IDENTITY), ("deviceId",), _V1_CAPABILITIES)
V2_GUEST = Shape("esDeveloperName", _V2, ("deviceId", "context"), _V2_CAPABILITIES)
V2_VERIFIED = Shape("esDeveloperName", (*_V2, *_IDENTITY), ("deviceId", "context"), _V2_CAPABILITIES)


async def body_of(request: Request, *, allowed: Sequence[str], required: Sequence[str]) -> dict[str, Any]:
    """Return the body's members; raises :class:`ChatProblem`."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise bad_request("The body isn't valid JSON.") from None
    if not isinstance(body, dict):
        raise bad_request("The body must be a JSON object.")
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise bad_request(f"Unrecognized property: {unknown[0]}")
    missing = [name for name in required if body.get(name) in (None, "")]
    if missing:
        raise bad_request(f"Specify the {missing[0]}.")
    return body


async def token_request(request: Request, shape: Shape) -> dict[str, Any]:
    """Return a token request's members, checked against its shape; raises :class:`ChatProblem`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ChatProblem(415, "Unsupported Media Type")
    body = await body_of(request, allowed=(*shape.required, *shape.optional), required=shape.required)
    if body["capabilitiesVersion"] not in shape.capabilities:
        raise bad_request(f"Specify a capabilitiesVersion that is one of: {', '.join(shape.capabilities)}")
    if body.get("authorizationType", "JWT") != "JWT":
        raise bad_request("Specify an authorizationType that is JWT.")
    if body.get("platform", "Web") not in ("Web", "iOS", "Android"):
        raise bad_request("Specify a platform that is one of: Web, iOS, Android")
    return body
