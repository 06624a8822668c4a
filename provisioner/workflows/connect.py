"""From an environment to a logged-in org: resolves references, and starts a local org if the environment has one."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never
from urllib.parse import urlsplit

from provisioner.errors import InputError, LoginError, RefusedError
from provisioner.files import UnreadableError, read_regular
from provisioner.jose.cures import Input
from provisioner.jose.private_key import CALLED
from provisioner.model.environment import Environment, Fallback, Value
from provisioner.model.ids import same_id
from provisioner.model.reference_values import described, resolve
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce import LoginSettings, SfSettings, TokenSettings
from provisioner.secrets import LARGEST_REFERENCED_FILE, Reference, Resolver, Secret, redactor
from provisioner.workflows.console import Console
from provisioner.workflows.key_material import input_of, say_repairs
from provisioner.workflows.local_orgs import LOCAL_ORGS, local_org_folder

if TYPE_CHECKING:
    from provisioner.diagnosis.login.evidence import Configured
    from provisioner.localorg import Connection
    from provisioner.salesforce import Access, Org


@contextlib.contextmanager
def connected(console: Console, environment: Environment) -> Iterator[Org]:
    """Yield a logged-in org. A local org that does not run is started while the context is open.

    Raises :class:`RefusedError` if the org is not the one of ``org_id``.
    """
    from provisioner.salesforce import Org

    with access(console, environment) as settings:
        try:
            org = Org.connect(settings)
        except LoginError as error:
            from provisioner.diagnosis.login.diagnosis import add_hint  # the whole catalogue of causes

            raise add_hint(error, console.now, _configured(environment, settings)) from None
        require_environments_org(org, settings, environment)
        yield org


def _configured(environment: Environment, settings: Access) -> Configured:
    """Return the login as it was used, for its diagnosis."""
    from provisioner.workflows.login_config import configured_only

    found = configured_only(environment)
    if not isinstance(settings, LoginSettings):
        return found
    return replace(
        found,
        login_url=settings.login_url,
        audience=settings.audience,
        username=settings.username,
        consumer_key=settings.consumer_key,
        shown_username=settings.shown_username,
    )


@contextlib.contextmanager
def local_org(console: Console, environment: Environment) -> Iterator[Connection | None]:
    """Yield the connection of an environment's local org, which is then served; None for an environment without one."""
    if environment.embedded_org is None:
        yield None
        return
    folder = local_org_folder(console, environment.embedded_org, environment.file)
    with LOCAL_ORGS.served(folder, console) as connection:
        yield connection


def require_environments_org(org: Org, settings: Access, environment: Environment) -> None:
    """Raise :class:`RefusedError` if an org is another one than the environment file names."""
    match settings:
        case LoginSettings():
            login_url, username = settings.login_url, settings.username
        case SfSettings():
            login_url, username = settings.my_domain or "", ""
        case TokenSettings():
            login_url, username = settings.instance_url, ""
        case _:
            assert_never(settings)
    session = org.session
    require_org(session.org_id, session.instance_url, environment, login_url=login_url, username=username)


@contextlib.contextmanager
def access(console: Console, environment: Environment) -> Iterator[Access]:
    """Yield the access to an environment's org; a local org runs while the context is open."""
    if environment.sf_org is not None:
        yield _sf_settings(console, environment, environment.sf_org)
        return
    if environment.embedded_org is None:
        yield jwt_settings(console, environment)
        return

    with local_org(console, environment) as connection:
        assert connection is not None
        yield local_settings(console, environment, connection)


def local_settings(console: Console, environment: Environment, connection: Connection) -> LoginSettings:
    """Return the login by JWT of a local org. Raises :class:`InputError` if its private key cannot be read."""
    key, path = local_key(connection), connection.private_key_file
    say_repairs(console, key, f"{CALLED} ({path})")
    return LoginSettings(
        login_url=connection.url,
        audience=connection.audience or connection.url,
        username=connection.username,
        consumer_key=connection.consumer_key,
        private_key=key,
        ca_bundle=Path(connection.ca_bundle),
        api_version=environment.api_version,
        timeout=console.given.timeout,
        environment=environment.name,
        shown_key=path,
        key_input=Input.of_file(path),
    )


def _sf_settings(console: Console, environment: Environment, alias: str) -> SfSettings:
    return SfSettings(
        alias=alias,
        my_domain=my_domain(environment.login_url, environment) if environment.login_url is not None else None,
        ca_bundle=environment.ca_bundle,
        api_version=environment.api_version,
        timeout=console.given.timeout,
        environment=environment.name,
    )


def my_domain(login_url: str, environment: Environment) -> str | None:
    """Return the origin of a login URL of one org; None for login.salesforce.com and test.salesforce.com."""
    found = origin(login_url, "login_url", environment)
    kind, _ = host_kind(urlsplit(found).hostname or "")
    return None if kind in (HostKind.LOGIN, HostKind.TEST) else found


def jwt_settings(console: Console, environment: Environment, consumer_key: str | None = None) -> LoginSettings:
    """Return the login by JWT of an environment file; ``consumer_key`` replaces the one of the file.

    Raises :class:`InputError` if the file lacks a field, or a reference cannot be resolved.
    """
    login = environment.login
    resolver = console.resolver(environment.folder)

    def plain(value: Value | None, field: str) -> str:
        if isinstance(value, Reference):
            return resolve(resolver, environment, field).reveal()
        return _given(value, field, environment).strip()

    if login is None:
        raise _missing("login_url", environment)
    if login.private_key is None:
        raise _missing("private_key", environment)
    login_url = origin(_given(login.login_url, "login_url", environment), "login_url", environment)
    has_passphrase = login.private_key_passphrase is not None
    second = login.fallback if consumer_key is None else None
    private_key = resolve(resolver, environment, "private_key")
    shown_key = f"{login.private_key} for {described(environment, 'private_key')}"
    say_repairs(console, private_key, f"{CALLED} ({shown_key})")
    found = LoginSettings(
        login_url=login_url,
        audience=login.audience or login_url,  # there is never a second attempt with another one
        username=plain(login.username, "username"),
        consumer_key=consumer_key or plain(login.consumer_key, "consumer_key"),
        private_key=private_key,
        passphrase=resolve(resolver, environment, "private_key_passphrase") if has_passphrase else None,
        ca_bundle=environment.ca_bundle,
        api_version=environment.api_version,
        timeout=console.given.timeout,
        environment=environment.name,
        shown_username=str(login.username),
        shown_key=shown_key,
        key_input=input_of(login.private_key, environment.folder),
    )
    if second is None:
        return found
    try:
        return replace(found, fallback=_fallback(resolver, environment, second, found))
    except InputError as error:  # the first half may well work
        console.say(f"The fallback of the login is not used: {error.message}")
        return found


def _fallback(resolver: Resolver, environment: Environment, second: Fallback, first: LoginSettings) -> LoginSettings:
    """Return the other half of a login: another private key, and, if the file names one, another consumer key."""
    if second.private_key is None:
        raise _missing("fallback.private_key", environment)
    key = second.consumer_key
    if isinstance(key, Reference):
        key = resolve(resolver, environment, "fallback", "consumer_key").reveal()
    has_passphrase = second.private_key_passphrase is not None
    return replace(
        first,
        consumer_key=key.strip() if key is not None else first.consumer_key,
        private_key=resolve(resolver, environment, "fallback", "private_key"),
        passphrase=resolve(resolver, environment, "fallback", "private_key_passphrase") if has_passphrase else None,
        shown_key=f"{second.private_key} for {described(environment, 'fallback', 'private_key')}",
        key_input=input_of(second.private_key, environment.folder),
    )


def local_key(connection: Connection) -> Secret:
    """Return the private key of a local org. Raises :class:`InputError` if its file cannot be read."""
    path = Path(connection.private_key_file)
    try:
        content = read_regular(path, LARGEST_REFERENCED_FILE)
    except UnreadableError as error:
        problem = error.problem
    else:
        key = Secret.of_octets(content)
        redactor.keep_key(key.reveal())
        return key
    raise InputError(
        f"The local org's private key {path} {problem}.",
        next="Repair it with `provisioner localorg mend`, or create a new org in another folder.",
        code="reference-unset",
    )


def origin(url: str, field: str, environment: Environment) -> str:
    """Return ``https://host[:port]`` of a URL in lower case. Raises :class:`InputError` if it is no https URL."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # a broken IPv6 address
        parts = urlsplit("")
    if parts.scheme.lower() != "https" or not parts.hostname:
        raise InputError(
            f"`{field}` in {environment.file} is not an https URL: {url}.",
            next="Write https:// and the My Domain of the org.",
            code="login-url-not-https",
        )
    return f"https://{parts.netloc.lower()}"


def _given(value: Value | None, field: str, environment: Environment) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _missing(field, environment)
    return value


def _missing(field: str, environment: Environment) -> InputError:
    return InputError(
        f"The environment {environment.name} has no `{field}`.",
        next=f"Add it to {environment.file}.",
        code="incomplete-environment",
    )


_REFRESHED = (
    "The address and the username are those of this environment, so the sandbox was probably refreshed: a refresh "
    "replaces the org by a new copy of production, which has a new id."
)
_RESET = "The local org was reset, or its folder was made again: a new org has a new id."
_DIFFERS = (
    "In a refreshed sandbox keys, keysets and channels are production's: the plan lists each difference, and sets "
    "issuers and keys back to this environment's only with --allow-destroy."
)


def require_org(found: str, url: str, environment: Environment, *, login_url: str, username: str) -> None:
    """Raise :class:`RefusedError` if ``org_id`` names another org than ``found``, where the login led to.

    ``url`` is the org's own address; ``login_url`` and ``username`` are what the login used.
    """
    wanted = environment.org_id
    if wanted is None or same_id(wanted, found):
        return
    place = environment.places.of("org_id") or environment.file
    message = f"The login led to org {found} ({url}), and {place} names org {wanted}."
    why = _why_new(environment, url, login_url, username)
    if why is None:
        raise RefusedError(
            message,
            next=f"Check {_login_of(environment)}, or correct org_id (its first 15 characters count, case-sensitive).",
            code="another-org",
        )
    raise RefusedError(
        f"{message} {why}",
        next=f"If that is so, change the line {place} from `org_id: {wanted}` to `org_id: {found}`, and run "
        f"`provisioner plan --env {environment.name}`. {_DIFFERS if why is _REFRESHED else ''}".rstrip(),
        code="another-org",
    )


def _login_of(environment: Environment) -> str:
    """Return what leads to the org."""
    if environment.sf_org is None:
        return "login_url and username"
    return f"the org of sf_org (`sf org display --target-org {shlex.quote(environment.sf_org)}`)"


def _why_new(environment: Environment, url: str, login_url: str, username: str) -> str | None:
    """Return why the org of this very environment can have another id; None if it is rather another org."""
    if environment.embedded_org is not None:
        return _RESET
    host, login_host = ((urlsplit(each).hostname or "").lower() for each in (url, login_url))
    kind, sandbox = host_kind(host)
    if kind is not HostKind.SANDBOX:
        return None  # the id of production never changes, and another address means another org
    of_name = sandbox is not None and username.lower().endswith(f".{sandbox}")
    is_own = login_host == host or (host_kind(login_host)[0] is HostKind.TEST and of_name)
    return _REFRESHED if is_own else None
