"""Creating an org in a directory, and making it newborn again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from provisioner.errors import InputError
from provisioner.localorg import folder, seed
from provisioner.localorg.certificates import new_login_identity, new_server_identity
from provisioner.localorg.connection import Connection
from provisioner.localorg.layout import PRIVATE_DIRECTORY, Layout, write_private
from provisioner.localorg.records import Identity
from provisioner.localorg.store import Store


def prepare(layout: Layout) -> None:
    """Make the folder, for its owner alone; raises :class:`InputError` if it holds anything but a local org."""
    try:
        layout.directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        folder.require_no_strangers(layout)
        layout.directory.chmod(PRIVATE_DIRECTORY)
    except OSError as error:
        raise folder.unusable(layout.directory, error) from None


def bear(layout: Layout) -> Identity:
    """The org's identity; where there is no org yet, or only half of one, it is born now."""
    if layout.database.exists():
        identity = read_identity(layout)
        if identity is not None:
            return identity
    server, login = new_server_identity(), new_login_identity("provisioner@localorg.example")
    write_private(layout.ca_bundle, server.ca_certificate)
    write_private(layout.server_certificate, server.certificate)
    write_private(layout.server_key, server.key)
    write_private(layout.login_key, login.key)
    write_private(layout.login_certificate, login.certificate)
    identity = seed.new_identity()
    _plant(layout, identity)
    return identity


def renew(layout: Layout) -> None:
    """Back to a newborn org that keeps its id, its login, its certificates and its port."""
    identity = read_identity(layout)
    if identity is not None:
        _plant(layout, identity)


def _plant(layout: Layout, identity: Identity) -> None:
    store = Store(layout.database)
    try:
        with store.transaction():
            store.clear()
            seed.plant(store, identity, layout.login_certificate.read_text())
    finally:
        store.close()


def read_identity(layout: Layout) -> Identity | None:
    store = Store(layout.database)
    try:
        return store.identity()
    finally:
        store.close()


def connection(layout: Layout, identity: Identity) -> Connection:
    """How to reach the org; faults of what is handed out show here."""
    url = f"https://localhost:{identity.port}"
    made = Connection(
        url=url,
        chat_url=url,
        ca_bundle=str(layout.ca_bundle),
        org_id=identity.org_id,
        username=identity.username,
        consumer_key=identity.consumer_key,
        private_key_file=str(layout.login_key),
    )
    faults = _faults(layout)
    if "swapped-claims" in faults:
        made = replace(made, username=identity.consumer_key, consumer_key=identity.username)
    if "host-not-found" in faults:
        made = replace(made, url=f"https://no-such-org.invalid:{identity.port}")
    if "eca-needs-my-domain" in faults:
        made = replace(made, audience="https://test.salesforce.com")
    return made


def _faults(layout: Layout) -> frozenset[str]:
    store = Store(layout.database)
    try:
        return frozenset(store.faults())
    finally:
        store.close()


def existing(directory: Path) -> Layout:
    """The layout of a directory that holds an org; raises :class:`InputError`."""
    layout = folder.layout_of(directory)
    if not layout.database.exists():
        raise InputError(
            f"There is no local org in {layout.directory}.",
            next="Start one with `provisioner localorg start`, or give --dir the directory of an existing one.",
            code="no-local-org",
        )
    return layout
