"""The shape of the declaration and of an environment file as JSON Schema (2020-12), by which they are read.

`report/editor_schema.py` makes the schemas for editors from these.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from provisioner.declaration.schema_parts import Schema, fields, flag, listing, mapping, one_of, secret, text
from provisioner.model.estate import DeploymentType
from provisioner.model.types import CONFIGURATIONS, Field, MetadataType


def _scalars(rows: Iterable[Field], *block: str) -> Schema:
    """Return the schemas of the scalar fields in a block of a component."""
    return {row.path[-1]: _scalar(row) for row in rows if row.path[:-1] == block}


def _scalar(row: Field) -> Schema:
    rule = {"x-rule": row.rule} if row.rule else {}
    return {"type": row.codec.json_type, **rule, "description": row.help}


_KEY = fields(
    description="A public key (PublicKeyCertificate). Give a certificate with kid, or a jwk.",
    properties=_scalars(MetadataType.KEY.fields),
    certificate=text("A certificate file, PEM or DER, relative to this file; the JWK is derived from it."),
    kid=text("The key id in the tokens' header. Required with certificate."),
    algorithm=text("RS256 (default) or RS512. Only with certificate."),
    jwk=text("A JWK file as uploaded in Setup, relative to this file, instead of a certificate."),
)

_KEYSET = fields(
    description="A keyset (PublicKeyCertificateSet): an issuer with uploaded keys or with an endpoint.",
    properties=_scalars(MetadataType.KEYSET.fields),
    keys=listing(text("A name under keys."), "The names of the uploaded keys, complete."),
    endpoint=text("The https URL of a JWKS endpoint, instead of keys."),
)
_KEYSET["properties"]["issuer"] |= {
    "type": ["string", "object"],
    "properties": {"literal": text("The literal value, byte for byte the token's iss.")},
    "required": ["literal"],
    "additionalProperties": False,
}

_CREATE = fields(
    ("routing",),
    description="How to create the channel if the org has none. An org cannot delete a channel.",
    properties={
        "label": text("The label in Setup, at most 40 characters; by default the API name with spaces."),
        "routing": fields(
            description="Who receives conversations: a queue, or a flow with a fallback queue.",
            queue=text("The API name of a queue."),
            flow=text("The API name of an active Omni-Channel flow, instead of a queue."),
            fallback_queue=text("The API name of the queue for conversations that the flow does not route."),
        ),
        "attachments": flag("Whether customers can send files. False by default."),
        "description": text("The description in Setup."),
    },
)

_CHANNEL = fields(
    description="The user verification part of a messaging channel; the rest of an existing channel is not changed.",
    create=_CREATE,
    active=flag("True: the channel is activated, as the last step. Omit it to leave the channel as it is."),
    user_verification=fields(
        description="Whether customers are verified, and by which keysets.",
        properties=_scalars(MetadataType.CHANNEL.fields, "user_verification"),
        configurations=mapping(
            fields(("keyset",), properties=_scalars(CONFIGURATIONS.fields)),
            "The user-verification configurations by Configuration Name, complete.",
        ),
    ),
    token_expiration_minutes=fields(
        description="Minutes until a session must be renewed. An expiration takes effect in one mode only.",
        properties=_scalars(MetadataType.CHANNEL.fields, "token_expiration_minutes"),
    ),
)

_DEPLOYMENT = fields(
    ("channel",),
    description="An Embedded Service deployment. An existing one is published, and nothing else of it is changed.",
    type=one_of(
        map(str, DeploymentType), "web, mobile, or custom_client for programs that use the API. Required with create."
    ),
    channel=text("The channel that it serves: a declared one, an external one, or another one of the org."),
    create=fields(
        description="How to create the deployment if the org has none.",
        label=text("The label in Setup; by default the API name with spaces."),
        domain=text("The host of the pages that show a web deployment, such as shop.example.com."),
    ),
    origins=listing(
        text("An origin, such as https://shop.example.com."),
        "The origins of the pages that use the deployment: added to CORS and to the trusted frames of a web "
        "deployment's site. What an org has besides stays.",
    ),
    publish=one_of(
        ("on_change", "never"),
        "on_change (default): publish it after a change that visitors get only then; or never.",
    ),
)

#: Fields at the top of a file that are nobody's but the user's: a home for YAML anchors.
_OWN_FIELDS: Schema = {"^x-": {"description": "A field of your own: ignored, a home for YAML anchors."}}

DECLARATION: Schema = fields(
    ("version",),
    description="Desired state of user verification in Enhanced Chat in an org.",
    version={"type": "integer", "const": 1, "description": "The format of this file; now 1."},
    requires=text("The versions of this program that may work on the file, as PEP 440 writes them: >=0.2,<2."),
    issuers=mapping(text("The issuer, byte for byte the token's iss."), "Issuers, named once and used by keysets."),
    keys=mapping(_KEY, "Public keys by their Salesforce API name."),
    keysets=mapping(_KEYSET, "Keysets by their Salesforce API name."),
    channels=mapping(_CHANNEL, "Messaging channels by API name."),
    deployments=mapping(_DEPLOYMENT, "Embedded Service deployments by API name."),
    org=fields(
        description="Settings of the whole org.",
        messaging=flag("True: Messaging is switched on if it is off. Omit it to leave the setting as it is."),
    ),
    external=fields(
        description="Components of the org that another declaration, or a person, owns: read and checked, never "
        "written.",
        keys=listing(text("The API name of a key."), "Keys that another team owns."),
        keysets=listing(text("The API name of a keyset."), "Keysets that another team owns."),
        channels=listing(text("The API name of a channel."), "Channels that another team owns."),
    ),
    removed=fields(
        description="Tombstones: components to delete if they still exist.",
        keys=listing(text("The API name of a key to delete."), "Keys to delete."),
        keysets=listing(text("The API name of a keyset to delete."), "Keysets to delete."),
        channels=listing(text("The API name of a channel."), "Refused: an org cannot delete a channel."),
        deployments=listing(text("The API name of a deployment."), "Refused: a deployment is deleted in Setup only."),
    ),
    ignore=listing(
        fields(
            ("rule", "reason"),
            rule=text("The warning's rule id."),
            address=text("The address of the component: key.NAME, keyset.NAME, channel.NAME or deployment.NAME."),
            reason={**text("Why it is accepted."), "pattern": r"\S"},
        ),
        "Accepted warnings.",
    ),
)

DECLARATION["patternProperties"] = _OWN_FIELDS

_LOGIN_FIELDS: dict[str, Schema] = {
    "login_url": text("Where to log in: the org's My Domain, or login.salesforce.com or test.salesforce.com."),
    "audience": text("The assertion's aud; by default the origin of login_url."),
    "username": text("The user to log in as; plain or a reference."),
    "consumer_key": secret("The app's consumer key; plain or a reference."),
    "private_key": secret("A reference to the login's private key, never the key itself."),
    "private_key_passphrase": secret("A reference to the private key's passphrase."),
    "fallback": fields(
        description="The other half of a login while its certificate is rotated: tried if the org refuses the first.",
        consumer_key=secret("The consumer key of the other app; by default that of the first."),
        private_key=secret("A reference to the other private key, never the key itself."),
        private_key_passphrase=secret("A reference to the passphrase of the other private key."),
    ),
}


def relaxed(schema: Schema) -> Schema:
    """Return ``schema`` for an overlay: nothing is required, and null removes an entry."""
    schema = copy.deepcopy(schema)
    schema.pop("patternProperties", None)
    _relax(schema, top=True)
    return schema


def _relax(schema: Schema, *, top: bool = False) -> None:
    schema.pop("required", None)
    below = [*schema.get("properties", {}).values()]
    if isinstance(schema.get("additionalProperties"), dict):
        below.append(schema["additionalProperties"])
    for part in below:
        _relax(part)
    if not top and "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*types, "null"]
        if "const" in schema:
            schema["enum"] = [schema.pop("const"), None]


ENVIRONMENT: Schema = fields(
    description="One environment: how to reach an org, and its differences from the declaration.",
    embedded_org=text("The folder of a local org, relative to this file, instead of the login fields."),
    sf_org=text("An org's alias in the official Salesforce CLI, whose session is used instead of a login by JWT."),
    app=fields(
        description="The app that the login goes through, so that fixes name the right Setup pages.",
        name=text("The app's name."),
        type=one_of(("connected", "external"), "connected or external."),
    ),
    org_id=text("The org's id; any other org is refused. The first 15 characters count."),
    production=flag("True for a production org."),
    ca_bundle=text("A file with a private CA's certificates (PEM), relative to this file."),
    api_version={"type": ["string", "number"], "description": "The API version, such as 67.0; by default the newest."},
    chat_url=text("The chat runtime's URL; by default derived from the org's My Domain."),
    verify=mapping(
        fields(
            deployment=text("The deployment's API name."),
            key_file=secret("A reference to the signer's private key."),
        ),
        "Settings for verify, by channel.",
    ),
    variables={"type": "object", "description": "Values for ${var:NAME}."},
    overrides=relaxed(DECLARATION),
)
ENVIRONMENT["properties"] = {**_LOGIN_FIELDS, **ENVIRONMENT["properties"]}
ENVIRONMENT["patternProperties"] = _OWN_FIELDS
