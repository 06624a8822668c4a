"""What SchemaStore takes, in the folders of its repository: schemas, catalog entries, and files that fit or do not.

``python -m tests.docs.reference`` writes it. A person opens the pull request there once the project has an address.
"""

from __future__ import annotations

import re
from typing import Any

from provisioner.report.editor_schema import FILE_SCHEMAS
from provisioner.report.json import json_text
from tests.conformance.test_editor import DECLARATION, LOGIN, MISTAKES
from tests.docs.reference import ROOT

FOLDER = ROOT / "schemastore"
#: Environment files and logins.yaml have names that are too general for a match; their first line names the schema.
MATCHES = {"declaration": ["user-verification.yaml", "user-verification.yml"], "environment": [], "logins": []}
_DESCRIPTIONS = {
    "declaration": "Salesforce chat user verification as code: the declaration",
    "environment": "Salesforce chat user verification as code: an environment",
    "logins": "Salesforce chat user verification as code: logins",
}
_EXAMPLES = ROOT / "provisioner/cli/starting_example"


def name_of(kind: str) -> str:
    return f"provisioner-{kind}"


def address_of(kind: str) -> str:
    return f"https://json.schemastore.org/{name_of(kind)}.json"


def files() -> dict[str, str]:
    """Return every file by its path."""
    written = {"src/api/json/catalog.json": {"schemas": [_entry(kind) for kind in FILE_SCHEMAS]}}
    written["src/schema-validation.jsonc"] = _validation()
    for kind in FILE_SCHEMAS:
        written[f"src/schemas/json/{name_of(kind)}.json"] = schema(kind)
    return {path: f"{json_text(each)}\n" for path, each in written.items()} | _examples()


def schema(kind: str) -> dict[str, Any]:
    """Return the schema of a kind of file with the identifier that SchemaStore asks for."""
    return {**FILE_SCHEMAS[kind](), "$id": address_of(kind)}


def _entry(kind: str) -> dict[str, Any]:
    match = {"fileMatch": MATCHES[kind]} if MATCHES[kind] else {}
    return {"name": name_of(kind), "description": _DESCRIPTIONS[kind], **match, "url": address_of(kind)}


def _validation() -> dict[str, Any]:
    """Return our lines of the file that tells their tests about dialects and keywords of editors."""
    names = [f"{name_of(kind)}.json" for kind in FILE_SCHEMAS]
    keywords = ["defaultSnippets", "deprecationMessage", "patternErrorMessage"]
    # Keywords beside other types, and `required` without `properties`, are no mistakes here.
    options = {name: {"unknownKeywords": keywords} for name in names}
    return {"highSchemaVersion": names, "ajvNotStrictMode": names, "options": options}


def _examples() -> dict[str, str]:
    written = {
        f"src/test/{name_of('declaration')}/user-verification.yaml": _EXAMPLES / "user-verification.yaml",
        f"src/test/{name_of('environment')}/sandbox.yaml": _EXAMPLES / "environments/sandbox.yaml",
        f"src/test/{name_of('environment')}/production.yaml": _EXAMPLES / "environments/production.yaml",
    }
    found = {path: re.sub(r"^#.*\n(?:#.*\n)*", "", file.read_text("utf-8")) for path, file in written.items()}
    found[f"src/test/{name_of('environment')}/login.yaml"] = LOGIN
    for mistake, (file, text, _) in MISTAKES.items():
        kind = "declaration" if file == DECLARATION else "environment"
        slug = re.sub(r"\W+", "-", mistake.lower())
        found[f"src/negative_test/{name_of(kind)}/{slug}.yaml"] = text
    return found
