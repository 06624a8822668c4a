"""The administrator's login, for a look into the org while the first login is broken: a separate user and app.

No fault of a login affects them, and no query shows them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509

from provisioner.localorg import bootstrap
from provisioner.localorg.certificates import new_login_identity
from provisioner.localorg.connection import Connection
from provisioner.localorg.layout import write_private
from provisioner.localorg.org import Org
from provisioner.localorg.records import App
from provisioner.localorg.seed import ADMINISTRATOR
from provisioner.localorg.store import Store

USER = ADMINISTRATOR
APP = App("0H4LO0000000000AAA", "Overseer", "Overseer", "3MVG9.the.overseer.of.this.local.org.sees.and.is.not.seen", "")
_META = "administrator"


def administrator(directory: Path) -> Connection:
    """Return the administrator's login to the org in ``directory``, prepared for it. Raises InputError."""
    layout = bootstrap.existing(directory)
    store = Store(layout.database)
    try:
        if not layout.administrator_key.exists() or not store.meta(_META):
            made = new_login_identity(USER.username)
            write_private(layout.administrator_key, made.key)
            store.set_meta(_META, made.certificate.decode())
        identity = store.identity()
    finally:
        store.close()
    assert identity is not None, "the org exists"
    return replace(
        bootstrap.connection(layout, identity),
        url=f"https://localhost:{identity.port}",
        username=USER.username,
        consumer_key=APP.consumer_key,
        private_key_file=str(layout.administrator_key),
        audience="",
    )


def is_administrator(org: Org, assertion: str) -> bool:
    """Return whether the assertion is the administrator's, with a valid signature."""
    certificate = org.store.meta(_META)
    if not isinstance(certificate, str):
        return False
    key: Any = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    try:
        claims = jwt.decode(assertion, key, algorithms=["RS256"], options={"verify_aud": False})
    except jwt.PyJWTError:
        return False
    return bool(claims.get("iss") == APP.consumer_key)
