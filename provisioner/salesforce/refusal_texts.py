"""The org's words about a deployment that it refused, and their meaning. Unknown words stay unknown.

``apply`` and ``diagnose paste`` use this table. The texts come from public reports; the tests hold each with its
source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_NEXT_DEPLOYMENT = "The deployment changed nothing. Run the command again in some minutes."


class Cause(StrEnum):
    """The subject of a refusal, by its words."""

    NOT_OURS = "not-ours"
    SETTINGS = "settings"
    REFERENCE = "reference"
    IN_USE = "in-use"
    PERMISSION = "permission"
    API_VERSION = "api-version"
    VALUE = "value"
    MISSING_FIELD = "missing-field"
    FILE = "file"
    MANAGED = "managed"
    PACKAGE = "package"
    LOCKED = "locked"
    LIMIT = "limit"
    OPTION = "option"
    COVERAGE = "coverage"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefusalText:
    """``pattern`` is looked for without regard to case. ``part`` names a part of a channel that is not managed here.

    ``of_ours`` is a further sentence about a deployment of provisioner.
    """

    pattern: re.Pattern[str]
    cause: Cause
    meaning: str
    part: str | None = None
    of_ours: str = ""

    @property
    def meaning_of_ours(self) -> str:
        """Return the meaning for a deployment that provisioner sent."""
        return f"{self.meaning} {self.of_ours}".strip()


UNKNOWN = RefusalText(re.compile(""), Cause.UNKNOWN, "This is the org's own message; its cause is unknown.")


def _text(pattern: str, cause: Cause, meaning: str, part: str | None = None, *, of_ours: str = "") -> RefusalText:
    return RefusalText(re.compile(pattern, re.IGNORECASE), cause, meaning, part, of_ours)


#: The first match wins. Internal errors and locks are about no component, so they come first.
TEXTS: tuple[RefusalText, ...] = (
    _text(r"errorid|an unexpected error (has )?occurred|unknown_exception", Cause.INTERNAL,
          "This is an internal error of the org. Salesforce support can find it by the number in the message."),
    _text(r"already been locked by another change|already_in_process", Cause.LOCKED,
          "Another change holds the lock on the org's setup.", of_ours=_NEXT_DEPLOYMENT),
    _text(r"admin operation already in progress|unable to obtain exclusive access", Cause.LOCKED,
          "Another change is in progress in the org.", of_ours=_NEXT_DEPLOYMENT),
    _text(r"request_limit_exceeded|requests? limit exceeded|\(concurrent api requests\) limit exceeded", Cause.LIMIT,
          "The org's limit of API requests is used up.", of_ours=_NEXT_DEPLOYMENT),
    _text(r"agentforce service agents?\b", Cause.NOT_OURS,
          "The channel's Agentforce Service Agent is missing or not active.", "sessionHandlerAsa"),
    _text(r"session-based chat", Cause.SETTINGS,
          "A channel cannot have both session-based chat and user verification."),
    _text(r"when the key type selected", Cause.SETTINGS,
          "This org does not accept the type of the keyset together with its endpoint."),
    _text(r"requires a user with the modifyalldata\b", Cause.PERMISSION,
          "The user needs the permission Modify Metadata Through Metadata API Functions."),
    _text(r"do not have sufficient rights|insufficient access|insufficient_access", Cause.PERMISSION,
          "The user has no permission to change this, or to see a component that it refers to."),
    _text(r"not available for deploy for this organization", Cause.PERMISSION,
          "The org lacks the feature, or the user lacks the permission."),
    _text(r"not available for deploy for this api version", Cause.API_VERSION,
          "The API version is too low for this type."),
    _text(r"property '[^']*' not valid in version", Cause.API_VERSION,
          "The API version does not have this element."),
    _text(r"invalid (api )?version( specified)?:", Cause.API_VERSION, "The org does not offer this API version."),
    _text(r"testlevel of notestrun|rollbackonerror option", Cause.OPTION,
          "A production org refuses this deployment option.", of_ours="provisioner does not send it."),
    _text(r"at least \d{1,3}% (test )?coverage (is required|to complete)", Cause.COVERAGE,
          "The tests cover too little of the Apex code."),
    _text(r"referenced elsewhere in salesforce\.com|\bis in use\b", Cause.IN_USE,
          "Something in the org still refers to it, so it was not deleted."),
    _text(r"cannot modify managed object", Cause.MANAGED,
          "It belongs to an installed package, and only the publisher of the package can change it."),
    _text(r"was named in package\.xml, but was not found|^not in package\.xml$|no package\.xml found", Cause.PACKAGE,
          "The package's manifest and its files differ.",
          of_ours="Please report it, because provisioner generates both."),
    _text(r"no packages or unpackaged specified", Cause.PACKAGE,
          "The request names neither a package nor a component."),
    _text(r"error parsing file", Cause.FILE, "The org could not read the component's file."),
    _text(r"is not a valid value for the enum", Cause.VALUE, "The org does not have this value at this API version."),
    _text(r"unknown user permission:", Cause.VALUE,
          "The org does not have this user permission, because it lacks the feature or the license that has it."),
    _text(r"^permission \w{1,80} depends on permission", Cause.VALUE,
          "The component gives a permission without another permission that it needs."),
    _text(r"cannot provide a consumer key|consumer key is already taken", Cause.VALUE,
          "A deployment cannot set the consumer key of a connected app that exists, in this or another org: the file "
          "must not have a consumerKey."),
    _text(r"required fields are missing: \[AuthorizationConfigId\]", Cause.REFERENCE,
          "The channel names a keyset that is missing in the org and in the package."),
    _text(r"required field is missing|required fields are missing|must specify a non-empty label",
          Cause.MISSING_FIELD,
          "The org requires a field that is missing or empty."),
    _text(r"invalid cross reference id|invalid_cross_reference_key", Cause.REFERENCE,
          "The component refers to another component that is missing in the org or hidden from this user. The org "
        "does not name it."),
)  # fmt: skip

_REFERENCE = re.compile(r"no (\w{1,80}) named (.{1,200}?) found", re.IGNORECASE)
_MISSING = re.compile(r"entity of type '(\w{1,80})' named '(.{1,200}?)' cannot be found", re.IGNORECASE)
#: The types that a channel's managed part and a keyset refer to.
_OUR_TYPES = frozenset({"publickeycertificate", "publickeycertificateset"})


def text_of(problem: str) -> RefusalText:
    """Return the known text that the org's words hold; :data:`UNKNOWN` if they are not known."""
    for pattern, meaning in (
        (_REFERENCE, "The component refers to the {} {}, which is missing in the org."),
        (_MISSING, "The org has no {} {}, or hides it from this user."),
    ):
        if (named := pattern.search(problem)) is not None:
            kind, name = named.groups()
            part = None if kind.lower() in _OUR_TYPES else f"{kind} {name}"
            return RefusalText(pattern, Cause.REFERENCE, meaning.format(kind, name), part)
    return next((text for text in TEXTS if text.pattern.search(problem)), UNKNOWN)
