"""The members of a JWK (RFC 7517 §4, RFC 7518 §6): known, private, and meaningless ones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

ALGORITHMS = ("RS256", "RS512")
#: Salesforce's own tool (key-command-line-utility) writes these, each with its own name as value.
PLACEHOLDERS = frozenset({"y", "crv", "d", "k"})
#: RFC 7518 §6.3.2 (RSA), §6.2.2 (the d of EC), §6.4.1 (the symmetric k).
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KNOWN = frozenset({"kty", "kid", "alg", "use", "x5c", "n", "e"})


def placeholders(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the placeholders among ``members``."""
    return tuple(name for name in members if name in PLACEHOLDERS and members[name] == name)


def private_members(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the members that hold private material; a placeholder does not."""
    return tuple(name for name in members if name in PRIVATE_MEMBERS and name not in placeholders(members))


def other_members(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the members that are sent unchanged: unknown ones that are neither private nor placeholders."""
    left_out = {*_KNOWN, *placeholders(members), *private_members(members)}
    return MappingProxyType({name: value for name, value in members.items() if name not in left_out})
