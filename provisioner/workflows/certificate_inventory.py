"""Certificates looked for in the declaration, in orgs, and at the endpoints that either names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provisioner.components.key import read_key
from provisioner.components.keyset import read_keyset
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.declaration.key_files import LARGEST_KEY_FILE
from provisioner.diagnostics import Severity
from provisioner.files import UnreadableError, expand_home, read_regular
from provisioner.jose.certificates import DATE_RULES
from provisioner.jose.expiry import Found, Seen, Undated, Where
from provisioner.jose.login_certificate import read_login_certificate
from provisioner.jose.material import certificate_of
from provisioner.model.estate import Endpoint, Key, KeyFile
from provisioner.report.endpoint_terminal import without_credentials
from provisioner.rules.context import is_open
from provisioner.secrets import ReferenceKind
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.endpoints import ask_endpoint
from provisioner.workflows.key_paths import CERTIFICATE_ENDINGS, in_words
from provisioner.workflows.load_checked import load_checked
from provisioner.workflows.prepare import observe

if TYPE_CHECKING:
    from pathlib import Path

    from provisioner.model.environment import Environment


@dataclass(slots=True)
class Haul:
    """What was found, what has no date, and the endpoints to be asked, each with its environment's CA bundle."""

    found: list[Found] = field(default_factory=list)
    undated: list[Undated] = field(default_factory=list)
    endpoints: list[tuple[str, Path | None]] = field(default_factory=list)


def of_declaration(console: Console, name: str | None) -> Haul:
    """The declared keys under an environment. Raises :class:`InputError` where the declaration has errors."""
    loaded, checked = load_checked(console, name)
    haul = Haul()
    for key in loaded.estate.keys.values():
        derivation = checked.derivations.get(key.name)
        if derivation is None or derivation.certificate is None:
            haul.undated.append(_undated(key))
            continue
        place = str(key.places.own) if key.places.own is not None else None
        seen = Seen(Where.DECLARATION, name, place, key.active)
        kid = derivation.jwk.kid if derivation.jwk is not None else None
        haul.found.append(Found(key.name, kid, derivation.certificate, seen))
    haul.found += _of_logins(console, name)
    sources = [keyset.source for keyset in loaded.estate.keysets.values()]
    bundle = loaded.environment.ca_bundle if loaded.environment is not None else None
    haul.endpoints += [(each.url, bundle) for each in sources if isinstance(each, Endpoint) and not is_open(each.url)]
    return haul


def _of_logins(console: Console, name: str | None) -> Iterator[Found]:
    """The certificates of the declared logins, as far as they can be read: no org warns before one expires."""
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


def of_environment(console: Console, name: str) -> Haul:
    """The declared keys under an environment, and those of its org. Raises what a login and a reading raise."""
    haul = of_declaration(console, name)
    environment = console.config.environment_file(name).environment
    haul.found += _beside_private_key(environment, haul.found)
    with connected(console, environment) as org:
        snapshot = observe(console, org, environment)
    _of_org(snapshot, environment, haul)
    return haul


def _beside_private_key(environment: Environment, known: Sequence[Found]) -> Iterator[Found]:
    """The certificate beside the environment's private key, unless a declared login has the same key."""
    written = environment.login.private_key if environment.login is not None else None
    if written is None or written.kind is not ReferenceKind.FILE:
        return
    present = environment.folder / expand_home(written.target)
    for path in (present.with_suffix(ending) for ending in CERTIFICATE_ENDINGS):
        try:
            content = read_regular(path, LARGEST_KEY_FILE)
        except UnreadableError:
            continue
        certificate = read_login_certificate(KeyFile(path.name, str(path), content)).certificate
        if certificate is None:
            continue
        key = certificate.x509.public_key()
        if not any(each.certificate.public_key() == key for each in known):
            seen = Seen(Where.DECLARATION, environment.name, in_words(path), in_use=True)
            yield Found(f"login.{environment.name}", None, certificate.x509, seen)
        return


def of_endpoint(console: Console, url: str, ca_bundle: Path | None) -> Haul:
    """The certificates that an endpoint serves in x5c."""
    haul = Haul()
    diagnosis = ask_endpoint(console, url, ca_bundle=ca_bundle)
    url = without_credentials(url)
    if not diagnosis.keys:
        reason = diagnosis.problem.message if diagnosis.problem is not None else "it serves no keys."
        haul.undated.append(Undated(f"the endpoint {url}", f"not checked: {reason}", fails=False, unseen=True))
    for key in diagnosis.keys:
        called = f"kid {key.kid}" if key.kid is not None else f"keys[{key.index}]"
        if key.certificate is None or key.jwk is None:
            if key.kty == "RSA":
                reason = "it has no certificate (x5c), so nothing expires."
                haul.undated.append(Undated(f"{called} at {url}", reason, fails=False))
            continue
        errors = {each.rule for each in key.defects if each.severity is Severity.ERROR}
        seen = Seen(Where.ENDPOINT, None, url, errors <= DATE_RULES)
        haul.found.append(Found(key.kid or called, key.kid, key.certificate.x509, seen))
    return haul


def _undated(key: Key) -> Undated:
    what = f"key.{key.name}"
    if key.source is not None and is_open(key.source.file.declared_path):
        return Undated(
            what, "its file name comes from a variable: name an environment with --env.", fails=False, unseen=True
        )
    return Undated(what, "its certificate cannot be read: run `provisioner validate` for the reason.", fails=True)


def _of_org(snapshot: Snapshot, of: Environment, haul: Haul) -> None:
    environment = of.name
    haul.undated += _unreadable(snapshot, environment)
    listed: set[str] = set()
    for component in snapshot.present(MetadataType.KEYSET).values():
        keyset = read_keyset(component.xml)
        listed.update(keyset.keys)
        if keyset.is_endpoint and keyset.endpoint:
            haul.endpoints.append((keyset.endpoint, of.ca_bundle))
    for name, component in snapshot.present(MetadataType.KEY).items():
        key = read_key(component.xml)
        in_use = key.active and name in listed
        certificate = certificate_of(key.jwk) if key.jwk is not None else None
        if key.jwk is None or certificate is None:
            reason = "it has no readable certificate (x5c)."
            haul.undated.append(Undated(f"key.{name} in the org of {environment}", reason, fails=in_use))
            continue
        seen = Seen(Where.ORG, environment, None, in_use)
        haul.found.append(Found(name, key.jwk.kid or None, certificate, seen))


def _unreadable(snapshot: Snapshot, environment: str) -> Iterator[Undated]:
    """What the org does not show; without keysets it is not known which of its keys are in use."""
    for kind in (MetadataType.KEY, MetadataType.KEYSET):
        observed = snapshot.types[kind]
        those = {kind.xml_name: observed} if isinstance(observed, Unreadable) else observed
        for name, each in those.items():
            if isinstance(each, Unreadable):
                reason = f"not readable: {each.reason}. Permission: {each.permission}."
                yield Undated(f"{name} in the org of {environment}", reason, fails=True, unseen=True)
