"""The certificates of a declaration, of orgs, and of the endpoints that either names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.components.key import read_key
from provisioner.components.keyset import read_keyset
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.diagnostics import Severity
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.files import UnreadableError, expand_home
from provisioner.jose.certificates import DATE_RULES
from provisioner.jose.expiry import ExpiryList, Found, Seen, Undated, Where, expiry_list
from provisioner.jose.login_certificate import read_login_certificate
from provisioner.jose.uploaded_jwk import certificate_of
from provisioner.model.estate import Endpoint, Key
from provisioner.model.types import MetadataType
from provisioner.report.visible import without_credentials
from provisioner.rules.context import is_open
from provisioner.secrets import ReferenceKind
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.endpoints import ask_endpoint
from provisioner.workflows.key_material import certificates_beside
from provisioner.workflows.key_paths import display_path
from provisioner.workflows.load_declaration import load_checked
from provisioner.workflows.prepare import observe
from provisioner.workflows.side_by_side import side_by_side, worst

if TYPE_CHECKING:
    from provisioner.model.environment import Environment


@dataclass(slots=True)
class Inventory:
    """Certificates, keys without a date, and endpoints to request, each with its environment's CA bundle."""

    found: list[Found] = field(default_factory=list)
    undated: list[Undated] = field(default_factory=list)
    endpoints: list[tuple[str, Path | None]] = field(default_factory=list)


def of_declaration(console: Console, name: str | None) -> Inventory:
    """Return the declared keys under an environment. Raises :class:`InputError` if the declaration has errors."""
    loaded, checked = load_checked(console, name)
    inventory = Inventory()
    for key in loaded.estate.keys.values():
        derivation = checked.derivations.get(key.name)
        if derivation is None or derivation.certificate is None:
            inventory.undated.append(_undated(key))
            continue
        place = str(key.places.own) if key.places.own is not None else None
        seen = Seen(Where.DECLARATION, name, place, key.active)
        kid = derivation.jwk.kid if derivation.jwk is not None else None
        inventory.found.append(Found(key.name, kid, derivation.certificate, seen))
    inventory.found += _of_logins(console, name)
    endpoints = [each.source for each in loaded.estate.keysets.values() if isinstance(each.source, Endpoint)]
    bundle = loaded.environment.ca_bundle if loaded.environment is not None else None
    inventory.endpoints += [(each.url, bundle) for each in endpoints if not is_open(each.url)]
    return inventory


def _of_logins(console: Console, name: str | None) -> Iterator[Found]:
    """Yield the readable certificates of the declared logins: no org warns before one expires."""
    if not console.config.has_logins:
        return
    for login in console.config.logins(name).logins.values():
        file = login.app.certificate
        if file is None or is_open(file.declared_path):
            continue
        certificate = read_login_certificate(file).certificate
        if certificate is not None:
            seen = Seen(Where.DECLARATION, name, str(login.places.of("app", "certificate")), in_use=True)
            yield Found(login.address, None, certificate.x509, seen)


def of_environment(console: Console, name: str) -> Inventory:
    """Return the declared keys and those of the org. Raises the errors of logging in and reading."""
    inventory = of_declaration(console, name)
    environment = console.config.environment_file(name).environment
    inventory.found += _beside_private_key(environment, inventory.found)
    with connected(console, environment) as org:
        snapshot = observe(console, org, environment)
    _of_org(snapshot, environment, inventory)
    return inventory


def _beside_private_key(environment: Environment, known: Sequence[Found]) -> Iterator[Found]:
    """Yield the certificate beside the environment's private key, unless a declared login has the same key."""
    written = environment.login.private_key if environment.login is not None else None
    if written is None or written.kind is not ReferenceKind.FILE:
        return
    try:
        present = environment.folder / expand_home(written.target)
    except UnreadableError:  # the login says so
        return
    for file in certificates_beside(present):
        certificate = read_login_certificate(file).certificate
        if certificate is None:
            continue
        key = certificate.x509.public_key()
        if not any(each.certificate.public_key() == key for each in known):
            seen = Seen(Where.DECLARATION, environment.name, display_path(Path(file.shown_path)), in_use=True)
            yield Found(f"login.{environment.name}", None, certificate.x509, seen)
        return


def of_endpoint(console: Console, url: str, ca_bundle: Path | None) -> Inventory:
    """Return the certificates that an endpoint serves in x5c."""
    inventory = Inventory()
    diagnosis = ask_endpoint(console, url, ca_bundle=ca_bundle)
    url = without_credentials(url)
    if not diagnosis.keys:
        reason = diagnosis.problem.message if diagnosis.problem is not None else "it serves no keys."
        inventory.undated.append(Undated(f"the endpoint {url}", f"not checked: {reason}", fails=False, unseen=True))
    for key in diagnosis.keys:
        called = f"kid {key.kid}" if key.kid is not None else f"keys[{key.index}]"
        if key.certificate is None or key.jwk is None:
            if key.kty == "RSA":
                reason = "it has no certificate (x5c), so nothing expires."
                inventory.undated.append(Undated(f"{called} at {url}", reason, fails=False))
            continue
        errors = {each.rule for each in key.defects if each.severity is Severity.ERROR}
        seen = Seen(Where.ENDPOINT, None, url, errors <= DATE_RULES)
        inventory.found.append(Found(key.kid or called, key.kid, key.certificate.x509, seen))
    return inventory


def _undated(key: Key) -> Undated:
    what = f"key.{key.name}"
    if key.source is not None and is_open(key.source.file.declared_path):
        return Undated(
            what, "its file name comes from a variable: name an environment with --env.", fails=False, unseen=True
        )
    return Undated(what, "its certificate cannot be read: run `provisioner validate` for the reason.", fails=True)


def _of_org(snapshot: Snapshot, of: Environment, inventory: Inventory) -> None:
    environment = of.name
    inventory.undated += _unreadable(snapshot, environment)
    listed: set[str] = set()
    for component in snapshot.present(MetadataType.KEYSET).values():
        keyset = read_keyset(component.xml)
        listed.update(keyset.keys)
        if keyset.is_endpoint and keyset.endpoint:
            inventory.endpoints.append((keyset.endpoint, of.ca_bundle))
    for name, component in snapshot.present(MetadataType.KEY).items():
        key = read_key(component.xml)
        in_use = key.active and name in listed
        certificate = certificate_of(key.jwk) if key.jwk is not None else None
        if key.jwk is None or certificate is None:
            reason = "it has no readable certificate (x5c)."
            inventory.undated.append(Undated(f"key.{name} in the org of {environment}", reason, fails=in_use))
            continue
        seen = Seen(Where.ORG, environment, None, in_use)
        inventory.found.append(Found(name, key.jwk.kid or None, certificate, seen))


def _unreadable(snapshot: Snapshot, environment: str) -> Iterator[Undated]:
    """Yield the parts that the org does not show; without keysets it is unknown which of its keys are in use."""
    for kind in (MetadataType.KEY, MetadataType.KEYSET):
        observed = snapshot.types[kind]
        those = {kind.xml_name: observed} if isinstance(observed, Unreadable) else observed
        for name, each in those.items():
            if isinstance(each, Unreadable):
                reason = f"not readable: {each.reason.rstrip('.')}. Permission: {each.permission}."
                yield Undated(f"{name} in the org of {environment}", reason, fails=True, unseen=True)


@dataclass(frozen=True, slots=True)
class Expiring:
    """The certificates by date, and the environments that failed."""

    listed: ExpiryList
    errors: list[tuple[str, ProvisionerError]]

    @property
    def exit_status(self) -> ExitStatus:
        """Return the worst of: a certificate that cannot be read, one that expires soon, a failed environment."""
        status = ExitStatus.CHANGES_PENDING if self.listed.needing_action else ExitStatus.DONE
        if any(each.fails for each in self.listed.undated):
            status = ExitStatus.WRONG_INPUT
        return worst([status, *(error.exit_status for _, error in self.errors)])


def expiring(console: Console, environments: Sequence[str], *, live: bool, several: bool, days: int) -> Expiring:
    """Return the certificates that expire within ``days``, of the declaration or, ``live``, of the orgs.

    Without ``several``, the error of the one org is raised.
    """
    errors: list[tuple[str, ProvisionerError]] = []
    if live:
        inventories = _of_orgs(console, environments, errors, several=several)
    else:
        names: Sequence[str | None] = environments or [None]
        inventories = [of_declaration(console, name) for name in names]
    if not any(error.exit_status is ExitStatus.INTERRUPTED for _, error in errors):
        inventories += _of_endpoints(console, [each for inventory in inventories for each in inventory.endpoints])
    found = [each for inventory in inventories for each in inventory.found]
    undated = [each for inventory in inventories for each in inventory.undated]
    return Expiring(expiry_list(found, undated, now=console.now, days=days), errors)


def _of_orgs(
    console: Console, names: Sequence[str], errors: list[tuple[str, ProvisionerError]], *, several: bool
) -> list[Inventory]:
    """Return the inventory of each environment; the failure of one is added to ``errors``."""
    if not several:
        return [of_environment(console, names[0])]
    results = side_by_side(names, lambda name: of_environment(console, name))
    errors += [(name, result) for name, result in results if isinstance(result, ProvisionerError)]
    return [result for _, result in results if isinstance(result, Inventory)]


def _of_endpoints(console: Console, endpoints: Iterable[tuple[str, Path | None]]) -> list[Inventory]:
    """Ask each endpoint once, with the CA bundle of the first environment that names one."""
    bundles: dict[str, Path | None] = {}
    for url, bundle in endpoints:
        bundles[url] = bundles.get(url) or bundle

    inventories = []
    for _, result in side_by_side(list(bundles), lambda url: of_endpoint(console, url, bundles[url])):
        if isinstance(result, ProvisionerError):
            raise result
        inventories.append(result)
    return inventories
