"""``provisioner diagnose login``: why a login fails, what proves it, and the fix."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.login_options import add_admin, admin_options
from provisioner.diagnosis.findings import Diagnosis, Verdict
from provisioner.diagnosis.ranking import diagnose
from provisioner.errors import ExitStatus, InputError, UsageError
from provisioner.salesforce.clock import SYSTEM_CLOCK
from provisioner.secrets import Reference, ReferenceKind, Secret
from provisioner.workflows.administrator import admin_access, admin_settings
from provisioner.workflows.login_config import configured_only, environment_file, environment_name, login_of

if TYPE_CHECKING:
    from provisioner.diagnosis.evidence import Configured, Evidence
    from provisioner.diagnosis.gather import Administrator, Login
    from provisioner.salesforce.connection import Connection

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Explain why a JWT bearer login fails: gather evidence, rank the causes, and print a fix for each.

The command checks the private key and the fields of the login, the network, the response of the token endpoint (it
sends one assertion), and one REST and one SOAP call with the token. With an administrator's session it also reads
the org's login history. It changes nothing without --fix, and never users, login hours or IP ranges."""
EPILOG = """examples:
  provisioner diagnose login --env sandbox
  provisioner diagnose login --env sandbox --wait-propagation
  provisioner diagnose login --env sandbox --admin-env sandbox-admin
  provisioner diagnose login \\
      --error "invalid_grant: user hasn't approved this consumer"
  provisioner diagnose login --env sandbox --sf-org acme-uat --fix
  provisioner diagnose login --env sandbox --bundle FILE

Exits with 0 if the login works, 1 if it fails, 4 if the org cannot be reached."""
CLOCK = SYSTEM_CLOCK
STATUSES = {
    Verdict.OK: ExitStatus.DONE,
    Verdict.FAILING: ExitStatus.WRONG_INPUT,
    Verdict.UNREACHABLE: ExitStatus.NO_LOGIN,
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--error", metavar="TEXT", help="explain the output of any client, as `diagnose paste` does (-: from stdin)"
    )
    parser.add_argument(
        "--wait-propagation",
        action="store_true",
        help="retry every 30 seconds for up to 10 minutes while waiting may help",
    )
    parser.add_argument(
        "--bundle", metavar="FILE", help="write the details that support asks for to a zip file, without secrets"
    )
    add_details(parser)
    add_admin(parser)
    parser.add_argument(
        "--fix",
        action="store_true",
        help="plan the repair of the causes that an administrator's changes can repair; show it, ask, apply, and prove",
    )
    parser.add_argument("--yes", action="store_true", help="apply the repair without asking")
    parser.add_argument(
        "--allow-destroy", action="store_true", help="replace a certificate with which logins worked lately"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    admin_options(arguments)
    bundle = _bundle_path(arguments.bundle)
    if arguments.fix:
        from provisioner.cli.login_fix import require_administrator

        require_administrator(arguments)
    evidence = _explained(context) if arguments.error is not None else _gathered(context)
    diagnosis = diagnose(evidence)
    if bundle is not None:
        _write_bundle(context, bundle, diagnosis, evidence)
    if arguments.fix:
        from provisioner.cli.login_fix import fix

        return fix(context, diagnosis)
    return show(context, diagnosis, details=arguments.details)


def show(context: Context, diagnosis: Diagnosis, *, details: bool) -> int:
    """Print a diagnosis in the format that was asked for, and return the exit status of its verdict."""
    from provisioner.report.diagnosis_json import diagnosis_json
    from provisioner.report.diagnosis_terminal import diagnosis_terminal
    from provisioner.report.document import Fitted
    from provisioner.report.junit_checks import diagnosis_suites

    whole = details or context.arguments.format == "markdown"
    context.show(
        lambda: [Fitted(lambda style: diagnosis_terminal(diagnosis, style, details=whole).splitlines())],
        lambda: diagnosis_json(diagnosis),
        junit=lambda: diagnosis_suites("login", diagnosis.verdict, diagnosis.findings, diagnosis.excluded),
    )
    return STATUSES[diagnosis.verdict]


def explained(context: Context, text: str) -> Evidence:
    """Return the evidence in pasted text; an environment that was named completes it."""
    from provisioner.diagnosis.evidence import Configured
    from provisioner.diagnosis.explain import explain

    named = context.env_option is not None
    configured: Configured = (
        configured_only(environment_file(context, environment_name(context)).environment) if named else Configured()
    )
    return explain(text, configured, context.now)


def add_details(parser: argparse.ArgumentParser) -> None:
    """Add the option that shows everything that a diagnosis found."""
    parser.add_argument("--details", action="store_true", help="show every finding, its evidence and what is excluded")


def _explained(context: Context) -> Evidence:
    arguments = context.arguments
    asks = (arguments.wait_propagation, arguments.admin_env, arguments.admin_token_env, arguments.sf_org, arguments.fix)
    if any(asks):
        raise UsageError(
            "--error explains a text and sends nothing; it cannot be combined with --wait-propagation, --fix or an "
            "administrator's session.",
            next="Omit --error to check the environment's own login.",
        )
    text = sys.stdin.read() if arguments.error == "-" else arguments.error
    if not text.strip():
        raise UsageError(
            "The text of --error is empty.", next="Paste the client's output in quotes, or pipe it to --error -."
        )
    return explained(context, text)


def _gathered(context: Context) -> Evidence:
    from provisioner.diagnosis.gather import gather

    file = environment_file(context, environment_name(context))
    with login_of(context, file) as login:
        return gather(
            login,
            CLOCK,
            wait=context.arguments.wait_propagation,
            administrator=_administrator(context, login),
            say=context.say,
        )


def _administrator(context: Context, login: Login) -> Administrator | None:
    from provisioner.diagnosis.gather import Administrator

    name, variable = context.arguments.admin_env, context.arguments.admin_token_env
    if name is not None:
        file = environment_file(context, name)

        @contextlib.contextmanager
        def by_environment(_instance: str | None) -> Iterator[Connection]:
            from provisioner.salesforce.connection import Connection
            from provisioner.salesforce.transport import Transport

            with admin_access(context, file.environment) as settings:
                yield Connection(settings, Transport(settings, CLOCK), CLOCK)

        return Administrator(f"environment {name}", by_environment)
    if context.arguments.sf_org is not None:
        return Administrator(f"sf {context.arguments.sf_org}", _by_cli(context))
    if variable is None:
        return None

    @contextlib.contextmanager
    def by_token(instance: str | None) -> Iterator[Connection]:
        yield _borrowed(context, login, variable, context.arguments.instance_url or instance)

    return Administrator(f"the token in {variable}", by_token)


def _by_cli(context: Context) -> Callable[[str | None], AbstractContextManager[Connection]]:
    @contextlib.contextmanager
    def opened(_instance: str | None) -> Iterator[Connection]:
        from provisioner.salesforce.connection import Connection
        from provisioner.salesforce.transport import Transport

        environment = environment_file(context, environment_name(context)).environment
        with admin_settings(context, environment, admin_options(context.arguments)) as settings:
            yield Connection(settings, Transport(settings, CLOCK), CLOCK)

    return opened


def _borrowed(context: Context, login: Login, variable: str, instance: str | None) -> Connection:
    """A connection with the token that an environment variable holds. Raises :class:`ProvisionerError`."""
    from provisioner.salesforce import LoginSettings, Session
    from provisioner.salesforce.connection import Borrowed
    from provisioner.salesforce.hosts import require_instance
    from provisioner.salesforce.login import TokenFormat
    from provisioner.salesforce.transport import Transport

    token = context.resolver(Path()).resolve(Reference(ReferenceKind.ENV, variable))
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


def _bundle_path(given: str | None) -> Path | None:
    if given is None:
        return None
    path = Path(given)
    if path.exists():
        raise InputError(
            f"{given} already exists, and provisioner never overwrites files.", next="Name a new file with --bundle."
        )
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}.", next="Name a file in an existing folder.")
    return path


def _write_bundle(context: Context, path: Path, diagnosis: Diagnosis, evidence: Evidence) -> None:
    import io
    import zipfile

    from provisioner import __version__
    from provisioner.report.diagnosis_bundle import CONSUMER_KEY_MARK, WIDTH, bundle_summary, shown_consumer_key
    from provisioner.report.diagnosis_json import diagnosis_json
    from provisioner.report.diagnosis_terminal import diagnosis_terminal
    from provisioner.report.style import Style
    from provisioner.workflows.new_files import PRIVATE, make_whole

    summary = context.redacted(bundle_summary(diagnosis, evidence, __version__))
    files = {
        "summary.txt": summary.replace(CONSUMER_KEY_MARK, shown_consumer_key(evidence.configured)),
        "diagnosis.txt": context.redacted(diagnosis_terminal(diagnosis, Style(WIDTH), details=True)) + "\n",
        "diagnosis.json": context.as_json(diagnosis_json(diagnosis)) + "\n",
    }
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    try:
        make_whole(path, bundle.getvalue(), PRIVATE)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {(error.strerror or 'error').lower()}.",
            next="Name a file in an existing, writable folder.",
        ) from None
    context.say(f"Written to {path}: {', '.join(files)}. It holds no secrets; review it before you share it.")
