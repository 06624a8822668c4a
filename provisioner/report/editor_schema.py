"""JSON Schemas for editors: one for each kind of file, made from the schema that reads the files.

Besides the shape, an editor gets titles, examples, defaults, ranges, patterns, and snippets for a new entry. It refuses
nothing that ``validate`` accepts: a test checks this.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.declaration.login_schema import LOGINS
from provisioner.declaration.schema import DECLARATION, ENVIRONMENT
from provisioner.diagnostics import Severity
from provisioner.model.types import TYPES, MetadataType
from provisioner.report.field_facts import DECLARATION_FACTS, ENVIRONMENT_FACTS, LOGINS_FACTS, Facts
from provisioner.report.json import FORMAT_VERSION

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = r"^\$\{var:[^{}]*\}$"
_WORDS = {"boolean": "true or false", "integer": "a whole number", "object": "a mapping", "array": "a list"}
_TITLES = {
    "keys.*": "Key",
    "keys.*.jwk": "JWK",
    "keysets.*": "Keyset",
    "channels.*": "Channel",
    "channels.*.user_verification.configurations.*": "Configuration",
    "issuers.*": "Issuer",
    "ignore.*": "Accepted warning",
    "verify.*": "Settings for verify",
}
#: Fields that replace a login, each with the fields of a login that are allowed with it.
_INSTEAD_OF_LOGIN: dict[str, tuple[str, ...]] = {"embedded_org": (), "sf_org": ("login_url",)}
_LOGIN = ("login_url", "username", "consumer_key", "private_key")
_OF_LOGIN = (*_LOGIN, "audience", "private_key_passphrase", "fallback")
#: The label and the body of a snippet, by path, for a YAML language server.
_SNIPPETS: dict[str, tuple[tuple[str, Any], ...]] = {
    "keys": (
        ("a key from a certificate", {"${1:storefront_2026}": {
            "certificate": "keys/${2:storefront-2026.crt}", "kid": "${3:storefront-2026}"}}),
        ("a key from a JWK", {"${1:legacy}": {"jwk": "keys/${2:legacy.jwk.json}"}}),
    ),
    "keysets": (
        ("a keyset with uploaded keys", {"${1:storefront}": {
            "issuer": "${2:https://id.example.com}", "keys": ["${3:storefront_2026}"]}}),
        ("a keyset with an endpoint", {"${1:storefront}": {
            "issuer": "${2:https://id.example.com}", "endpoint": "${3:https://id.example.com/.well-known/jwks.json}"}}),
    ),
    "channels": (
        ("a channel that verifies", {"${1:Web_Chat}": {"user_verification": {
            "enabled": True, "configurations": {"${2:storefront_login}": {"keyset": "${3:storefront}"}}}}}),
    ),
    "ignore": (("an accepted warning", [{"rule": "$1", "address": "$2", "reason": "$3"}]),),
}  # fmt: skip
_ENVIRONMENT_SNIPPETS: tuple[tuple[str, Any], ...] = (
    ("login by JWT", {
        "login_url": "https://${1:acme--uat.sandbox}.my.salesforce.com", "username": "${2:ci@acme.com.uat}",
        "consumer_key": "\\${env:${3:SF_CONSUMER_KEY}}", "private_key": "\\${file:${4:~/.secrets/uat.key}}"}),
    ("a local org on this machine", {"embedded_org": "${1:../../.localorg}"}),
)  # fmt: skip


def declaration_schema() -> Schema:
    """Return the schema of the declaration; any value may be ``${var:NAME}``."""
    schema = _dressed(DECLARATION, "", DECLARATION_FACTS, open_to_variables=True)
    return _whole("declaration", "User verification: declaration", schema)


def environment_schema() -> Schema:
    """Return the schema of an environment file."""
    schema = _dressed(ENVIRONMENT, "", ENVIRONMENT_FACTS, open_to_variables=False)
    overrides = _dressed(ENVIRONMENT["properties"]["overrides"], "", DECLARATION_FACTS, open_to_variables=True)
    _without_alternatives(overrides)
    overrides["title"] = "Overrides"
    overrides["description"] = "What differs here from the declaration. Mappings merge, lists and values replace."
    schema["properties"]["overrides"] = overrides
    schema["defaultSnippets"] = [{"label": label, "body": body} for label, body in _ENVIRONMENT_SNIPPETS]
    return _whole("environment", "User verification: environment", schema | _login_alternatives())


def logins_schema() -> Schema:
    """Return the schema of ``logins.yaml``; any value may be ``${var:NAME}``."""
    schema = _dressed(LOGINS, "", LOGINS_FACTS, open_to_variables=True)
    return _whole("logins", "User verification: logins", schema)


#: The schemas of files, by kind. A new kind of file is one row here.
FILE_SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "declaration": declaration_schema,
    "environment": environment_schema,
    "logins": logins_schema,
}


def editor_schema() -> Schema:
    """Return one schema for all kinds of file, for an editor that cannot distinguish them."""
    definitions = {kind: make() for kind, make in FILE_SCHEMAS.items()}
    for each in definitions.values():
        del each["$schema"], each["$id"]
    fields = (*_OF_LOGIN, *_INSTEAD_OF_LOGIN)
    return {
        "$schema": DIALECT,
        "$id": identifier("files"),
        "title": "User verification as code",
        "$defs": definitions,
        "if": {"anyOf": [{"required": [name]} for name in fields]},
        "then": {"$ref": "#/$defs/environment"},
        "else": {
            "if": {"required": ["logins"]},
            "then": {"$ref": "#/$defs/logins"},
            "else": {"$ref": "#/$defs/declaration"},
        },
    }


def identifier(kind: str) -> str:
    """Return the ``$id`` of the schema of a kind."""
    return f"urn:provisioner:schema:{kind}:{FORMAT_VERSION}"


def _whole(kind: str, title: str, schema: Schema) -> Schema:
    return {"$schema": DIALECT, "$id": identifier(kind), **schema, "title": title}


def _login_alternatives() -> Schema:
    """Return a login, or a field that replaces it: plain ``required``, so that an editor names the missing fields."""
    alternatives: Schema = {"required": list(_LOGIN)}
    for name in reversed(_INSTEAD_OF_LOGIN):
        others = [each for each in (*_OF_LOGIN, *_INSTEAD_OF_LOGIN) if each != name]
        barred = [each for each in others if each not in _INSTEAD_OF_LOGIN[name]]
        alternatives = {
            "if": {"required": [name]},
            "then": {"properties": dict.fromkeys(barred, False)},
            "else": alternatives,
        }
    return alternatives


def _dressed(source: Schema, path: str, facts: Mapping[str, Facts], *, open_to_variables: bool) -> Schema:
    """Return a copy of a schema with all facts for an editor, and without the parts that only this program reads."""
    schema = {key: copy.deepcopy(value) for key, value in source.items() if not key.startswith("x-")}
    for name, below in schema.get("properties", {}).items():
        schema["properties"][name] = _dressed(below, _at(path, name), facts, open_to_variables=open_to_variables)
    for keyword in ("additionalProperties", "items"):
        if isinstance(schema.get(keyword), dict):
            inner = _dressed(schema[keyword], _at(path, "*"), facts, open_to_variables=open_to_variables)
            schema[keyword] = inner
    schema = {"title": _title(path), **schema, **_told(path, facts.get(path, Facts()))}
    if what := source.get("x-deprecated"):
        schema["deprecationMessage"] = f"Deprecated since {what['since']}. Write {what['instead']}."
    return _admitting(schema) if open_to_variables and path else schema


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _title(path: str) -> str:
    last = path.rpartition(".")[2].replace("_", " ")
    return _TITLES.get(path) or (last[:1].upper() + last[1:] if last != "*" else "Name")


def _told(path: str, facts: Facts) -> Schema:
    told: Schema = dict(facts.editor)
    if facts.default is not None:
        told["default"] = facts.default
    if facts.example is not None:
        told["examples"] = [facts.example]
    if path in _SNIPPETS:
        told["defaultSnippets"] = [{"label": label, "body": body} for label, body in _SNIPPETS[path]]
    if path == "ignore.*.rule":
        told["enum"] = _warnings()
    if path == "ignore.*.address":
        told["pattern"] = rf"^({'|'.join(kind.word for kind in (*TYPES, MetadataType.DEPLOYMENT))})\.|\$\{{var:"
    return told


def _warnings() -> list[str]:
    from provisioner.rules.pages import all_rules

    return [rule.id for rule in all_rules() if rule.severity is Severity.WARNING]


def _admitting(schema: Schema) -> Schema:
    """Return the schema, or a variable. A keyword judges only values of its own type, so no alternative is needed."""
    types = schema.get("type")
    kinds = types if isinstance(types, list) else [types]
    closed = [keyword for keyword in ("enum", "const") if keyword in schema]
    if closed:
        value = {key: schema.pop(key) for key in ("type", *closed)}
        variable = {"type": "string", "pattern": r"\$\{var:", "title": "Variable"}
        return {**schema, "anyOf": [{**value, "title": schema["title"]}, variable]}
    if "string" in kinds:
        return schema
    expected = " or ".join(_WORDS[kind] for kind in kinds if kind in _WORDS)
    variable = {"pattern": _VARIABLE, "patternErrorMessage": f"Write {expected}, or ${{var:NAME}}."}
    return {**schema, "type": [*kinds, "string"], **variable}


def _without_alternatives(schema: Any) -> None:
    """Remove the alternatives: an override may replace a field by another one, with null for the first."""
    if isinstance(schema, dict):
        if "if" in schema:
            del schema["if"], schema["then"]
        for part in schema.values():
            _without_alternatives(part)
    elif isinstance(schema, list):
        for part in schema:
            _without_alternatives(part)
