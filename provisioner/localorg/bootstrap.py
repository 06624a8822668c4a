"""Creates and resets an org in a directory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from provisioner.errors import InputError
from provisioner.localorg import credentials, folder, refreshing, seed
from provisioner.localorg.apps import apps_of
from provisioner.localorg.certificates import new_login_identity, new_server_identity, read_certificate
from provisioner.localorg.clock import now_ms
from provisioner.localorg.connection import Connection
from provisioner.localorg.ids import new_org_id, new_token
from provisioner.localorg.layout import PRIVATE_DIRECTORY, Layout, write_private
from provisioner.localorg.records import APP_TYPES, Identity, Session
from provisioner.localorg.store import Store


def prepare(layout: Layout) -> None:
    """Make the folder, for its owner only; raises :class:`InputError` if it holds anything but a local org."""
    try:
        layout.directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        folder.require_no_strangers(layout)
        layout.directory.chmod(PRIVATE_DIRECTORY)
    except OSError as error:
        raise folder.unusable(layout.directory, error) from None


def create_org(layout: Layout, *, bare: bool = False) -> Identity:
    """Return the org's identity; create the org if there is none, or only an incomplete one.

    The caller holds the folder's change lock. Raises :class:`InputError` if a bare one is requested, and there is
    another one.
    """
    if not layout.git_ignore.exists():
        write_private(layout.git_ignore, b"*\n")
    identity = read_identity(layout) if layout.database.exists() else None
    if identity is not None:
        if bare and identity.consumer_key:
            raise InputError(
                f"The local org in {layout.directory} exists, and it has a connected app for the login.",
                next="Name another folder with --dir, or omit --bare.",
                code="not-bare",
            )
        _admit(layout, identity)
        return identity
    server, login = new_server_identity(), new_login_identity("provisioner@localorg.example")
    write_private(layout.ca_bundle, server.ca_certificate)
    write_private(layout.server_certificate, server.certificate)
    write_private(layout.server_key, server.key)
    write_private(layout.login_key, login.key)
    write_private(layout.login_certificate, login.certificate)
    identity = seed.new_identity(bare=bare)
    _fill(layout, identity)
    return identity


def renew(layout: Layout) -> None:
    """Reset the org; it keeps its id, its login, its certificates and its port."""
    identity = read_identity(layout)
    if identity is not None:
        _fill(layout, identity)


def _fill(layout: Layout, identity: Identity) -> None:
    store = Store(layout.database)
    try:
        with store.transaction():
            store.clear()
            seed.fill(store, identity, layout.login_certificate.read_text())
            admit_administrator(layout, store, identity)
    finally:
        store.close()


def refresh(layout: Layout, apps: str) -> None:
    """Refresh the sandbox: give it another org id, end its sessions, and change its apps according to ``apps``.

    ``gone``: none is left. ``broken``: external client apps have lost their OAuth settings, and connected apps have
    another consumer key. ``copied``: they are unchanged. Only in the last case the app of the login works.
    """
    store = Store(layout.database)
    try:
        with store.transaction():
            identity = store.identity()
            assert identity is not None, "an org is created before it is refreshed"
            store.set_identity(replace(identity, org_id=new_org_id()))
            store.end_sessions()
            refreshing.change_apps(store, apps)
    finally:
        store.close()
    renewed = read_identity(layout)
    assert renewed is not None
    _admit(layout, renewed)


def _admit(layout: Layout, identity: Identity) -> None:
    store = Store(layout.database)
    try:
        admit_administrator(layout, store, identity)
    finally:
        store.close()


def admit_administrator(layout: Layout, store: Store, identity: Identity) -> None:
    """Make the org accept the administrator's token. The token is created if it is missing, and survives a reset."""
    try:
        token = layout.administrator_token.read_text(encoding="ascii").strip()
    except (FileNotFoundError, ValueError):
        token = ""
    if not token.startswith(identity.org_id[:15]):
        token = new_token(identity.org_id)
        write_private(layout.administrator_token, f"{token}\n".encode())
    if store.session(token) is None:
        store.add_session(Session(token, seed.ADMINISTRATOR.id, now_ms(), 0))


def read_identity(layout: Layout) -> Identity | None:
    store = Store(layout.database)
    try:
        return store.identity()
    finally:
        store.close()


def connection(layout: Layout, identity: Identity) -> Connection:
    """Return the connection values of the org; faults of the provided credentials apply here."""
    url = f"https://localhost:{identity.port}"
    made = Connection(
        url=url,
        chat_url=url,
        ca_bundle=str(layout.ca_bundle),
        org_id=identity.org_id,
        username=identity.username,
        consumer_key=identity.consumer_key or _consumer_key(layout),
        private_key_file=str(layout.login_key),
        admin_username=seed.ADMINISTRATOR.username,
        admin_token_file=str(layout.administrator_token),
    )
    faults = _faults(layout)
    if "swapped-claims" in faults:
        made = replace(made, username=identity.consumer_key, consumer_key=identity.username)
    if "host-not-found" in faults:
        made = replace(made, url=f"https://no-such-org.invalid:{identity.port}")
    if "eca-needs-my-domain" in faults:
        made = replace(made, audience="https://test.salesforce.com")
    return made


def _consumer_key(layout: Layout) -> str:
    """Return the consumer key of the app that has the certificate of the private key; empty if no app has it."""
    store = Store(layout.database)
    try:
        apps = apps_of(store.components(*APP_TYPES))
    finally:
        store.close()
    ours = read_certificate(credentials.content(layout.login_certificate).decode())
    return next((app.consumer_key for app in apps if read_certificate(app.certificate) == ours), "")


def _faults(layout: Layout) -> frozenset[str]:
    store = Store(layout.database)
    try:
        return frozenset(store.faults())
    finally:
        store.close()


def existing(directory: Path) -> Layout:
    """Return the layout of a directory that holds an org; raises :class:`InputError`."""
    layout = folder.layout_of(directory)
    if not layout.database.exists():
        raise InputError(
            f"There is no local org in {layout.directory}.",
            next="Start one with `provisioner localorg start`, or give --dir the directory of an existing one.",
            code="no-local-org",
        )
    return layout
