"""An error that stopped a command: the problem, and the next step."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.diagnostics import Diagnostic
from provisioner.errors import LoginError, ProvisionerError
from provisioner.report.document import Block, instruction, labelled, line
from provisioner.report.shapes import FORMAT_VERSION, Json, finding
from provisioner.report.style import Look, Style
from provisioner.report.terminal import terminal


def error_terminal(error: ProvisionerError, style: Style) -> str:
    """Return the error as text for a terminal."""
    return terminal(error_view(error), style)


def error_view(error: ProvisionerError) -> list[Block]:
    """Return ``Error: …`` and ``Next: …``. Later lines of a text are indented, so that they cannot look like either."""
    first, *others = error.message.splitlines() or [""]
    message = [labelled("Error:", first, look=Look.DANGER), *(line(each, indent=2) for each in others)]
    return [*message, *instruction("Next:", error.next)]


def error_json(error: ProvisionerError, findings: Sequence[Diagnostic] = ()) -> Json:
    """Return ``{"format_version", "error": {code, message, next, exit_status}}``.

    ``deploy_id`` is added to an error about a deployment (interrupted, still running). ``server`` is added for a
    :class:`LoginError` with the token endpoint's message, ``findings`` if given.
    """
    document: Json = {"format_version": FORMAT_VERSION, "error": error_object(error)}
    if findings:
        document["findings"] = [finding(each) for each in findings]
    return document


def error_object(error: ProvisionerError) -> Json:
    """Return the value of ``error``."""
    shown: Json = {
        "code": error.code,
        "message": error.message,
        "next": error.next,
        "exit_status": int(error.exit_status),
    }
    if isinstance(error, LoginError) and error.server is not None:
        shown["server"] = dict(error.server)
    deploy_id = getattr(error, "deploy_id", None)
    if deploy_id is not None:
        shown["deploy_id"] = deploy_id
    return shown
