"""An environment file for another config directory: the same org with the same login, and nothing else.

Variables and overrides belong to the declaration that they were written for, and stay there.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from provisioner.declaration.editor import schema_line
from provisioner.declaration.environments import LOGIN_FIELDS
from provisioner.declaration.text_edits import scalar
from provisioner.model.environment import Environment
from provisioner.model.names import OF_TARGET_ORG
from provisioner.secrets import Reference, ReferenceKind


def stub_name(environment: Environment) -> str:
    """Return the name of the environment's file: its own, or one made of the alias of --target-org."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", environment.name.removeprefix(OF_TARGET_ORG))


def environment_stub(environment: Environment, folder: Path, org_id: str, schema: str) -> bytes:
    """Return the text of a file in ``folder`` that admits only the org ``org_id``; ``schema`` is a path from there."""
    return ("\n".join((schema_line(schema), *_lines(environment, folder, org_id))) + "\n").encode()


def _lines(environment: Environment, folder: Path, org_id: str) -> Iterator[str]:
    def path(to: Path) -> str:
        return Path(os.path.relpath(to.absolute(), folder.absolute())).as_posix()

    def text(value: Any) -> str:
        if not isinstance(value, Reference):
            return json.dumps(value) if isinstance(value, bool) else scalar(value)
        is_beside = value.kind is ReferenceKind.FILE and not value.target.startswith(("~", "/"))
        target = path(environment.folder / value.target) if is_beside else value.target
        return json.dumps(str(Reference(value.kind, target)), ensure_ascii=False)

    if environment.embedded_org is not None:
        yield f"embedded_org: {scalar(path(environment.embedded_org))}"
    if environment.sf_org is not None:
        yield f"sf_org: {scalar(environment.sf_org)}  # the session of the official Salesforce CLI"
    for name in LOGIN_FIELDS if environment.login is not None else ():
        value = getattr(environment.login, name)
        if value is not None:
            yield f"{name}: {text(value)}"
    app = {"name": environment.app.name, "type": environment.app.type}
    if any(app.values()):
        yield "app: {" + ", ".join(f"{name}: {text(value)}" for name, value in app.items() if value) + "}"
    if environment.embedded_org is None:  # a local org can be reset at any time
        yield f"org_id: {org_id[:15]}  # any other org is refused"
    if environment.production:
        yield "production: true"
    if environment.ca_bundle is not None:
        yield f"ca_bundle: {scalar(path(environment.ca_bundle))}"
    for name in ("api_version", "chat_url"):
        value = getattr(environment, name)
        if value is not None:
            yield f"{name}: {json.dumps(value, ensure_ascii=False)}"
    if environment.verify:
        yield "verify:"
        for channel, target in environment.verify.items():
            fields = {"deployment": target.deployment, "key_file": target.key_file}
            given = ", ".join(f"{name}: {text(value)}" for name, value in fields.items() if value)
            yield f"  {scalar(channel)}: {{{given}}}"
