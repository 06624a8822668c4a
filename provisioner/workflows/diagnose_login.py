"""``diagnose login`` and ``diagnose paste``: evidence, a diagnosis, its bundle for support, and the repair."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.diagnosis.findings import LoginDiagnosis, Verdict
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Configured, LoginEvidence
from provisioner.diagnosis.login.gather import Administrator, Login, gather
from provisioner.errors import ExitStatus, InputError, UsageError
from provisioner.report.diagnosis_bundle import bundle_files, zipped
from provisioner.report.diagnosis_parts import diagnosis_suites
from provisioner.report.login_diagnosis import diagnosis_json, diagnosis_view
from provisioner.report.markdown import markdown
from provisioner.salesforce import LoginSettings, Session
from provisioner.salesforce.clock import SYSTEM_CLOCK
from provisioner.salesforce.connection import Borrowed, Connection
from provisioner.salesforce.hosts import require_instance
from provisioner.salesforce.login import TokenFormat
from provisioner.salesforce.transport import Transport
from provisioner.secrets import Reference, ReferenceKind, Secret, redactor
from provisioner.workflows.administrator import AdminOptions, admin_settings
from provisioner.workflows.console import Console, environment_file, environment_name
from provisioner.workflows.login_config import configured_only, login_of
from provisioner.workflows.new_files import PRIVATE, make_whole, unwritable

if TYPE_CHECKING:
    from provisioner.model.environment import Environment

CLOCK = SYSTEM_CLOCK


@dataclass(frozen=True, slots=True)
class LoginDiagnosisOptions:
    """The options of ``diagnose login``.

    With ``text``, a client's output (``-``: from stdin) is explained and nothing is sent. ``wait`` repeats the login
    until a change of the org has propagated. ``fix`` repairs the causes; ``destroy`` allows a repair that replaces a
    certificate in use.
    Raises :class:`UsageError` for options that exclude each other, :class:`InputError` if no bundle can be written.
    """

    admin: AdminOptions
    text: str | None = None
    wait: bool = False
    fix: bool = False
    destroy: bool = False
    bundle: str | None = None
    details: bool = False

    def __post_init__(self) -> None:
        if self.text is not None and (self.wait or self.fix or self.admin.is_given):
            raise UsageError(
                "--error explains a text and sends nothing; it cannot be combined with --wait-propagation, --fix or an "
                "administrator's session.",
                next="Omit --error to check the environment's own login.",
            )
        if self.fix and not self.admin.is_given:
            raise UsageError(
                "--fix changes the org with an administrator's session, and none was named.",
                next="Give --sf-org ALIAS, --admin-env NAME, or --admin-token-env VAR with --instance-url URL.",
            )
        if self.bundle is not None:
            _require_free(Path(self.bundle))


def diagnose_login(console: Console, options: LoginDiagnosisOptions) -> ExitStatus:
    """Diagnose a login or a text, show the diagnosis, and repair the causes with ``fix``; return the exit status."""
    evidence = explained(console, _read(options.text)) if options.text is not None else _gathered(console, options)
    diagnosis = diagnose(evidence)
    if options.bundle is not None:
        _write_bundle(console, Path(options.bundle), diagnosis, evidence)
    if options.fix:
        return _fix(console, options, diagnosis)
    show_diagnosis(console, diagnosis, lambda: diagnosis_json(diagnosis), details=options.details)
    return diagnosis.verdict.exit_status


def explained(console: Console, text: str) -> LoginEvidence:
    """Return the evidence in pasted text; an environment that was named completes it."""
    from provisioner.diagnosis.pasted.output import explain  # the readers of other clients

    named = console.env_option is not None
    configured: Configured = (
        configured_only(environment_file(console, environment_name(console)).environment) if named else Configured()
    )
    return explain(text, configured, console.now)


def show_diagnosis(
    console: Console, diagnosis: LoginDiagnosis, json: Callable[[], object] | None, *, details: bool
) -> None:
    """Show a diagnosis; ``json`` returns the document of ``--format json``, None to print none."""
    console.show(
        lambda: diagnosis_view(diagnosis, details=details),
        json,
        junit=lambda: diagnosis_suites("login", diagnosis.verdict, diagnosis.findings, diagnosis.excluded),
        markdown=lambda: markdown(diagnosis_view(diagnosis, details=True)),
    )


# Evidence


def _read(text: str) -> str:
    found = sys.stdin.read() if text == "-" else text
    if not found.strip():
        raise UsageError(
            "The text of --error is empty.", next="Paste the client's output in quotes, or pipe it to --error -."
        )
    return found


def _gathered(console: Console, options: LoginDiagnosisOptions) -> LoginEvidence:
    file = environment_file(console, environment_name(console))
    with login_of(console, file) as login:
        admin = _administrator(console, options.admin, login)
        return gather(login, CLOCK, wait=options.wait, administrator=admin, say=console.say)


def _administrator(console: Console, options: AdminOptions, login: Login) -> Administrator | None:
    if options.admin_env is not None:
        environment = environment_file(console, options.admin_env).environment
        return Administrator(f"environment {options.admin_env}", _session_of(console, environment, options))
    if options.sf_org is not None:
        environment = environment_file(console, environment_name(console)).environment
        return Administrator(f"sf {options.sf_org}", _session_of(console, environment, options))
    variable = options.admin_token_env
    if variable is None:
        return None

    @contextlib.contextmanager
    def by_token(instance: str | None) -> Iterator[Connection]:
        yield _borrowed(console, login, variable, options.instance_url or instance)

    return Administrator(f"the token in {variable}", by_token)


def _session_of(
    console: Console, environment: Environment, options: AdminOptions
) -> Callable[[str | None], AbstractContextManager[Connection]]:
    @contextlib.contextmanager
    def opened(_instance: str | None) -> Iterator[Connection]:
        with admin_settings(console, environment, options) as settings:
            yield Connection(settings, Transport(settings, CLOCK), CLOCK)

    return opened


def _borrowed(console: Console, login: Login, variable: str, instance: str | None) -> Connection:
    """Return a connection with the token in an environment variable. Raises :class:`ProvisionerError`."""
    token = console.resolver(Path()).resolve(Reference(ReferenceKind.ENV, variable))
    configured = login.configured
    url = configured.login_url or ""
    audience = configured.audience or url
    settings = LoginSettings(
        login_url=url,
        audience=audience,
        username="",
        consumer_key="",
        private_key=Secret(""),
        ca_bundle=login.ca_bundle,
        timeout=login.timeout,
    )
    shape = TokenFormat.JWT if token.reveal().startswith("ey") else TokenFormat.OPAQUE
    session = Session(Secret(token.reveal().strip()), require_instance(instance or url, audience), "", "", shape)
    return Borrowed(session, settings, Transport(settings, CLOCK), CLOCK)


# The bundle for support


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise InputError(
            f"{path} already exists, and provisioner never overwrites files.", next="Name a new file with --bundle."
        )
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}.", next="Name a file in an existing folder.")


def _write_bundle(console: Console, path: Path, diagnosis: LoginDiagnosis, evidence: LoginEvidence) -> None:
    files = bundle_files(diagnosis, evidence, redactor.redact_document)
    try:
        make_whole(path, zipped(files), PRIVATE)
    except OSError as error:
        raise unwritable(path, error) from None
    console.say(f"Written to {path}: {', '.join(files)}. It holds no secrets; review it before you share it.")


# The repair


def _fix(console: Console, options: LoginDiagnosisOptions, diagnosis: LoginDiagnosis) -> ExitStatus:
    """Show the diagnosis and repair it; return the status of the repair, or of the diagnosis if there is none."""
    from provisioner.report.login import login_applied_json, login_applied_view
    from provisioner.workflows.login_fix import repair, repairable  # all that changes a login

    causes = repairable(diagnosis) if diagnosis.verdict is Verdict.FAILING else ()
    if not causes:
        show_diagnosis(console, diagnosis, lambda: {**diagnosis_json(diagnosis), "fix": None}, details=options.details)
        if diagnosis.verdict is Verdict.FAILING:
            console.say("No change of the app or of permission sets repairs this: the fix above is for a person.")
        return diagnosis.verdict.exit_status
    show_diagnosis(console, diagnosis, None, details=options.details)
    console.say(f"Planning the repair of {', '.join(causes)}.")
    result = repair(console, diagnosis, options.admin, destroy=options.destroy)
    console.show(
        lambda: login_applied_view(result),
        lambda: {**diagnosis_json(diagnosis), "fix": login_applied_json(result)},
    )
    return result.exit_status
