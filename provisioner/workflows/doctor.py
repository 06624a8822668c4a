"""Examines the prerequisites of commands: the machine, the config, the network, one login.

Nothing here raises: a check that cannot run is a failed check. No text names a user.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioner import __version__, localorg
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.declaration.environments import EnvironmentFile
from provisioner.declaration.load import ConfigDirectory
from provisioner.diagnosis.login.evidence import NetworkSeen
from provisioner.diagnosis.login.probes.network import look_at_network
from provisioner.diagnostics import Diagnostic
from provisioner.errors import ExitStatus, LoginError, ProvisionerError, UnreachableError
from provisioner.jose.expiry import ExpiryState, expiry_list
from provisioner.localorg.serving import missing_packages
from provisioner.model.environment import Environment
from provisioner.model.names import environment_option
from provisioner.project import install_command
from provisioner.report.doctor import Check, CheckState
from provisioner.report.plan_words import org_kind
from provisioner.rules.check import validate
from provisioner.salesforce.clock import SYSTEM_CLOCK
from provisioner.salesforce.settings import LoginSettings
from provisioner.salesforce.transport import Transport
from provisioner.salesforce.trust import choose_trust
from provisioner.secrets import Secret
from provisioner.untrusted import is_untrusted
from provisioner.words import counted
from provisioner.workflows.certificate_inventory import of_declaration
from provisioner.workflows.connect import connected, origin
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import hidden
from provisioner.workflows.side_by_side import side_by_side

#: An assertion lives for three minutes, so the clock must be more exact than that.
_SKEW_SECONDS = 60
_CERTIFICATE_DAYS = 30
_UNTRUSTED = "not checked in an untrusted run"
_OFFLINE = "not checked (--offline)"


@dataclass(frozen=True, slots=True)
class Examination:
    """The scope of an examination. The login of ``environment`` is tried; None tries none."""

    environment: str | None
    offline: bool

    @property
    def no_network(self) -> str | None:
        """Return why nothing is asked over the network; None if it may be."""
        if is_untrusted():
            return _UNTRUSTED
        return _OFFLINE if self.offline else None


def examine(console: Console, asked: Examination) -> list[Check]:
    """Do every check, in the order in which they depend on each other."""
    checks = [_version(), _python()]
    config, check = _config(console)
    files, environment_checks = _environments(config, asked)
    environments = [each.environment for each in files]
    checks += [check, *environment_checks]
    if any(each.state is CheckState.FAIL for each in environment_checks):
        config = None  # the checks that read the environments again would repeat the failure
    checks += _declaration(console, config, asked)
    checks += _trust(environments)
    checks += _reach(console, environments, asked)
    checks += _login(console, files, asked)
    checks += _certificates(console, config, asked)
    checks.append(_local_org(environments))
    return checks


def exit_status(checks: Sequence[Check]) -> ExitStatus:
    """Return 1 if something is wrong here, else 4 if an org cannot be reached or logged in to, else 0."""
    failed = {each.exit_status for each in checks if each.state is CheckState.FAIL}
    if ExitStatus.WRONG_INPUT in failed:
        return ExitStatus.WRONG_INPUT
    return ExitStatus.NO_LOGIN if failed else ExitStatus.DONE


def _version() -> Check:
    return Check("version", CheckState.OK, f"provisioner {__version__}")


def _python() -> Check:
    return Check("Python", CheckState.OK, f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _failed(name: str, error: ProvisionerError, exit_status: ExitStatus = ExitStatus.WRONG_INPUT) -> Check:
    return Check(name, CheckState.FAIL, error.message, error.next, exit_status)


def _config(console: Console) -> tuple[ConfigDirectory | None, Check]:
    try:
        config = console.config
    except ProvisionerError as error:
        return None, _failed("config", error)
    return config, Check("config", CheckState.OK, config.declaration_file)


def _environments(config: ConfigDirectory | None, asked: Examination) -> tuple[list[EnvironmentFile], list[Check]]:
    """Return the files of the environments to examine (the named one, else all), and the check of their files."""
    if config is None:
        return [], []
    try:
        names = config.environment_names()
        if asked.environment is not None and asked.environment not in names:
            names = [*names, asked.environment]  # --target-org
        files = [config.environment_file(name) for name in ([asked.environment] if asked.environment else names)]
    except ProvisionerError as error:
        return [], [_failed("environments", error)]
    if not names:
        step = f"Write one into {config.directory / 'environments'}; `provisioner init` writes commented ones."
        return [], [Check("environments", CheckState.WARN, "there is no environment file", step)]
    message = ", ".join(f"{name} (examined)" if name == asked.environment else name for name in names)
    return files, [Check("environments", CheckState.OK, message)]


def _declaration(console: Console, config: ConfigDirectory | None, asked: Examination) -> Iterator[Check]:
    if config is None:
        return
    named = asked.environment is not None
    try:
        findings = validate(
            config,
            [asked.environment] if asked.environment is not None else None,
            now=console.now,
            with_references=named and not is_untrusted(),
        )
    except ProvisionerError as error:
        yield _failed("declaration", error)
        return
    yield _judged(findings, f" {environment_option(asked.environment)}" if asked.environment is not None else "")


def _judged(findings: Sequence[Diagnostic], option: str) -> Check:
    errors = sum(each.is_error for each in findings)
    said = f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}"
    step = f"Run `provisioner validate{option}` for the list."
    if errors:
        return Check("declaration", CheckState.FAIL, said, step)
    return (
        Check("declaration", CheckState.WARN, said, step)
        if findings
        else Check("declaration", CheckState.OK, "no findings")
    )


def _trust(environments: Sequence[Environment]) -> Iterator[Check]:
    """Yield a check for each set of authorities that an environment trusts."""
    bundles = dict.fromkeys(each.ca_bundle for each in environments if each.embedded_org is None) or {None: None}
    for bundle in bundles:
        try:
            yield Check("trust", CheckState.OK, choose_trust(bundle).words)
        except ProvisionerError as error:
            yield _failed("trust", error)


def _reach(console: Console, environments: Sequence[Environment], asked: Examination) -> Iterator[Check]:
    """Yield a check for each login host, which is asked once for its versions, without a login."""
    hosts: dict[str, Environment] = {}
    for each in environments:
        if each.login_url:
            hosts.setdefault(each.login_url, each)
    if not hosts:
        yield Check("reach", CheckState.SKIPPED, "no examined environment has a login_url")
    elif asked.no_network is not None:
        yield Check("reach", CheckState.SKIPPED, asked.no_network)
    else:
        for url, seen in side_by_side(list(hosts), lambda url: _look(console, hosts[url])):
            name = hosts[url].name
            yield _failed("reach", seen) if isinstance(seen, ProvisionerError) else _reached(name, seen)


def _look(console: Console, environment: Environment) -> NetworkSeen:
    assert environment.login is not None
    url = origin(environment.login.login_url or "", "login_url", environment)
    settings = LoginSettings(
        login_url=url,
        audience=environment.login.audience or url,
        username="",
        consumer_key="",
        private_key=Secret(""),
        ca_bundle=environment.ca_bundle,
        timeout=console.given.timeout,
        environment=environment.name,
    )
    return look_at_network(settings, Transport(settings, SYSTEM_CLOCK), SYSTEM_CLOCK)


def _reached(name: str, seen: NetworkSeen) -> Check:
    by = f" by the proxy {seen.proxy}" if seen.proxy else ""
    step = f"Run `provisioner diagnose login --env {name}` for the cause."
    if seen.refused is not None:
        return Check("reach", CheckState.FAIL, seen.refused, f"Correct login_url of {name}.")
    if seen.failure is not None:
        step = seen.failure.remedy or step
        return Check("reach", CheckState.FAIL, f"{seen.failure.words} ({name}{by})", step, ExitStatus.NO_LOGIN)
    if not seen.versions:
        message = f"{seen.host} answers with {seen.page}, so it is no org ({name}{by})"
        return Check("reach", CheckState.FAIL, message, step, ExitStatus.NO_LOGIN)
    if seen.skew is not None and abs(seen.skew) > _SKEW_SECONDS:
        message = f"{seen.host} answers, but the clocks differ by {abs(seen.skew):.0f} s ({name}{by})"
        return Check("reach", CheckState.WARN, message, "Synchronise the clock of this machine (NTP).")
    return Check("reach", CheckState.OK, f"{seen.host} answers ({name}{by})")


def _login(console: Console, files: Sequence[EnvironmentFile], asked: Examination) -> Iterator[Check]:
    if asked.environment is None:
        yield Check("login", CheckState.SKIPPED, "not checked: give --env NAME")
        return
    file = next((each for each in files if each.environment.name == asked.environment), None)
    if file is None:
        return
    environment = file.environment
    if any(found.is_error for found in file.findings):
        yield Check("login", CheckState.SKIPPED, f"not checked: {environment.file} has errors")
        return
    if asked.no_network is not None:
        yield Check("login", CheckState.SKIPPED, asked.no_network)
        return
    yield from _logged_in(console, environment)


def _logged_in(console: Console, environment: Environment) -> Iterator[Check]:
    step = f"Run `provisioner diagnose login --env {environment.name}` for the cause."
    if environment.sf_org is not None:
        step = f"Look at the session: sf org display --target-org {environment.sf_org}"
    try:
        with connected(console, environment) as org:
            snapshot = org.observe()
    except (LoginError, UnreachableError) as error:
        yield Check("login", CheckState.FAIL, _without_user(_words(error), environment), step, ExitStatus.NO_LOGIN)
        return
    except ProvisionerError as error:
        message, step = (_without_user(text, environment) for text in (error.message, error.next))
        yield Check("login", CheckState.FAIL, message, step)
        return
    kind = org_kind(snapshot.org)
    yield Check(
        "login", CheckState.OK, f"{environment.name}: org {snapshot.org.id} ({kind}), API {snapshot.api_version}"
    )
    yield _permissions(environment, snapshot)


def _words(error: LoginError | UnreachableError) -> str:
    """Return the org's own words, because our sentence about a failed login names the user."""
    if isinstance(error, LoginError):
        server = error.server or {}
        said = ": ".join(str(server[each]) for each in ("error", "error_description") if server.get(each))
        return f"the org refused it: {said}" if said else f"failed ({error.code})"
    return error.message


def _without_user(text: str, environment: Environment) -> str:
    """Return a text without the name of the user; a reference to the name may stay."""
    user = environment.login.username if environment.login is not None else None
    return text.replace(user, "(the user)") if isinstance(user, str) and user else text


def _permissions(environment: Environment, snapshot: Snapshot) -> Check:
    missing: dict[str, list[str]] = {}
    for name, each in hidden(snapshot):
        missing.setdefault(each.next(), []).append(name)
    if isinstance(snapshot.active_channels, Unreadable):
        missing.setdefault(snapshot.active_channels.next(), []).append("the state of the channels")
    if not missing:
        return Check("permissions", CheckState.OK, f"{environment.name}: keys, keysets and channels are readable")
    unread = ", ".join(each for names in missing.values() for each in names)
    return Check(
        "permissions",
        CheckState.FAIL,
        f"{environment.name}: cannot read {unread}",
        " ".join(missing),
        ExitStatus.NO_LOGIN,
    )


def _certificates(console: Console, config: ConfigDirectory | None, asked: Examination) -> Iterator[Check]:
    if config is None:
        return
    try:
        names: Sequence[str | None] = [asked.environment] if asked.environment else config.environment_names() or [None]
        inventories = [of_declaration(console, name) for name in names]
    except ProvisionerError:  # the declaration's own check reports it
        return
    found = [each for inventory in inventories for each in inventory.found]
    listed = expiry_list(found, (), now=console.now, days=_CERTIFICATE_DAYS)
    if not listed.needing_action:
        soonest = next((each for each in listed.certificates if each.in_use), None)
        said = (
            f"the next one in use expires on {soonest.not_after:%Y-%m-%d}" if soonest else "none is declared and in use"
        )
        yield Check("certificates", CheckState.OK, said)
        return
    said = ", ".join(f"{each.name} on {each.not_after:%Y-%m-%d}" for each in listed.needing_action)
    over = any(each.state(console.now, 0) is ExpiryState.EXPIRED for each in listed.needing_action)
    yield Check(
        "certificates",
        CheckState.FAIL if over else CheckState.WARN,
        f"{'expired' if over else 'expires soon'}: {said}",
        "Run `provisioner keys expiring`, and rotate: `provisioner keys rotate KEYSET --env ENV`, or for a login "
        "`provisioner login rotate --env ENV`.",
    )


def _local_org(environments: Sequence[Environment]) -> Check:
    folders = [(each.name, each.embedded_org) for each in environments if each.embedded_org is not None]
    if not localorg.runs_here():
        message = "runs on Linux, macOS and WSL, not on this system"
        step = f"Run commands with --env {folders[0][0]} in WSL." if folders else ""
        return Check("local org", CheckState.WARN if folders else CheckState.SKIPPED, message, step)
    if missing := missing_packages():
        message = f"cannot start: {', '.join(missing)} are not installed"
        step = f"Install them: {install_command('localorg')}"
        return Check("local org", CheckState.WARN if folders else CheckState.SKIPPED, message, step if folders else "")
    if not folders:
        return Check("local org", CheckState.OK, "installed; no examined environment uses it")
    if is_untrusted():
        return Check("local org", CheckState.SKIPPED, _UNTRUSTED)
    try:
        states = [f"{name} in {os.path.relpath(path)}: {_state_of(path)}" for name, path in folders]
    except ProvisionerError as error:
        return _failed("local org", error)
    return Check("local org", CheckState.OK, "; ".join(states))


def _state_of(path: Path) -> str:
    if localorg.running(path) is not None:
        return "running"
    return "stopped" if localorg.exists(path) else "not created yet"
