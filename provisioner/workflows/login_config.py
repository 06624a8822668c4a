"""The login of an environment file, with a note of each missing or wrong field instead of an error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.diagnosis.login.evidence import Configured
from provisioner.diagnosis.login.gather import Login
from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError
from provisioner.files import UnreadableError, expand_home, require_no_kernel_file
from provisioner.jose.cures import UNNAMED, Input
from provisioner.jose.private_key import CALLED
from provisioner.model.environment import Environment, Value
from provisioner.model.reference_values import SWAPPED, described, resolve
from provisioner.secrets import Reference, ReferenceKind, Resolver, Secret
from provisioner.workflows.connect import local_key, local_org, origin
from provisioner.workflows.console import Console
from provisioner.workflows.key_material import input_of, say_repairs

if TYPE_CHECKING:
    from provisioner.declaration.environments import EnvironmentFile
    from provisioner.localorg import Connection

#: The cause of the diagnosis for each field that cannot be used.
_CAUSES = {
    "login_url": "not-a-login-host",
    "audience": "wrong-audience",
    "username": "wrong-username",
    "consumer_key": "wrong-consumer-key",
    "private_key": "key-unreadable",
    "private_key_passphrase": "key-encrypted",
    "ca_bundle": "tls-untrusted",
}
Problem = tuple[str, str, str]


@contextlib.contextmanager
def login_of(console: Console, file: EnvironmentFile) -> Iterator[Login]:
    """Yield the login of an environment; its local org runs while the context is open."""
    environment = file.environment
    if environment.sf_org is not None:
        raise InputError(
            f"{environment.file} uses the session of the Salesforce CLI (sf_org), so there is no login by JWT to "
            f"diagnose.",
            next=f"Look at the session: sf org display --target-org {environment.sf_org}",
            code="no-jwt-login",
        )
    with local_org(console, environment) as connection:
        if connection is None:
            yield _written(console, environment, file.findings)
        else:
            yield _handed_out(console, environment, connection)


def configured_only(environment: Environment) -> Configured:
    """Return the fields of an environment's file that are neither secrets nor references, without problems."""
    login = environment.login

    def plain(value: Value | None) -> str | None:
        return value if isinstance(value, str) else None

    return Configured(
        environment=environment.name,
        file=environment.file,
        login_url=login.login_url if login else None,
        audience=login.audience if login else None,
        username=plain(login.username) if login else None,
        consumer_key=plain(login.consumer_key) if login else None,
        app_name=environment.app.name,
        app_kind=environment.app.type,
        org_id=environment.org_id,
    )


def _handed_out(console: Console, environment: Environment, connection: Connection) -> Login:
    path, problems = Path(connection.private_key_file), []
    try:
        key = local_key(connection)
        say_repairs(console, key, f"{CALLED} ({path})")
    except InputError as problem:
        key = None
        problems.append((_CAUSES["private_key"], problem.message, problem.next))
    return Login(
        configured=replace(
            configured_only(environment),
            login_url=connection.url,
            audience=connection.audience or connection.url,
            username=connection.username,
            consumer_key=connection.consumer_key,
            problems=tuple(problems),
        ),
        private_key=key,
        key_file=path,
        key_input=Input.of_file(str(path)),
        key_called=f"{CALLED} ({path})",
        ca_bundle=Path(connection.ca_bundle),
        api_version=environment.api_version,
        timeout=console.given.timeout,
    )


def _written(console: Console, environment: Environment, findings: Sequence[Diagnostic]) -> Login:
    reader = _Reader(console.resolver(environment.folder), environment, findings)
    login = environment.login
    login_url = reader.origin(login.login_url if login else None)
    username = reader.plain(login.username if login else None, "username")
    consumer_key = reader.plain(login.consumer_key if login else None, "consumer_key")
    reference = login.private_key if login else None
    private_key = reader.secret(reference, "private_key")
    called = f"{CALLED} ({reference} for {described(environment, 'private_key')})"
    if private_key is not None:
        say_repairs(console, private_key, called)
    passphrase = None
    if login is not None and login.private_key_passphrase is not None:
        passphrase = reader.secret(login.private_key_passphrase, "private_key_passphrase")
    key_file = None
    if reference is not None and reference.kind is ReferenceKind.FILE:
        with contextlib.suppress(UnreadableError):  # the reader noted it
            named = environment.folder / expand_home(reference.target)
            require_no_kernel_file(named)
            key_file = named
    return Login(
        configured=replace(
            configured_only(environment),
            login_url=login_url,
            audience=(login.audience if login else None) or login_url,
            username=username,
            consumer_key=consumer_key,
            shown_username=str(login.username) if login and login.username else "",
            problems=tuple(reader.problems),
        ),
        private_key=private_key,
        passphrase=passphrase,
        key_file=key_file,
        key_input=input_of(reference, environment.folder) if reference is not None else UNNAMED,
        key_called=called,
        ca_bundle=environment.ca_bundle,
        api_version=environment.api_version,
        timeout=console.given.timeout,
    )


class _Reader:
    """Read fields one by one, and keep the problem of each."""

    def __init__(self, resolver: Resolver, environment: Environment, findings: Sequence[Diagnostic]) -> None:
        self._resolver = resolver
        self._environment = environment
        self._findings = [finding for finding in findings if finding.is_error]
        self.problems: list[Problem] = []

    def origin(self, url: str | None) -> str | None:
        if url is None:
            self._missing("login_url")
            return None
        try:
            return origin(url, "login_url", self._environment)
        except InputError as problem:
            self.problems.append((_CAUSES["login_url"], problem.message, problem.next))
            return None

    def plain(self, value: Value | None, field: str) -> str | None:
        if isinstance(value, Reference):
            found = self.secret(value, field)
            return found.reveal() if found is not None else None
        if value is None or not value.strip():
            self._missing(field)
            return None
        return value.strip()

    def secret(self, reference: Reference | None, field: str) -> Secret | None:
        if reference is None:
            self._missing(field)
            return None
        try:
            return resolve(self._resolver, self._environment, field)
        except InputError as problem:
            cause = SWAPPED if problem.code == SWAPPED else _CAUSES[field]
            self.problems.append((cause, problem.message, problem.next))
            return None

    def _missing(self, field: str) -> None:
        """Note a field without a value, or the file's defect at that field if there is one."""
        for finding in self._findings:
            if f"`{field}`" in finding.message and finding.rule != "yaml-missing-field":
                self.problems.append((_CAUSES[field], finding.message, finding.fix))
                return
        broken = next((each for each in self._findings if each.rule.startswith("yaml-syntax")), None)
        if broken is not None:
            said = f"{self._environment.file} cannot be read ({broken.location}): {broken.message}"
            self.problems.append((_CAUSES[field], said, broken.fix))
            return
        said = f"The environment {self._environment.name} has no `{field}`."
        self.problems.append((_CAUSES[field], said, f"Add {field} to {self._environment.file}."))
