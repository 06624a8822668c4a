"""Errors that stop a command. Each of them requires the user's next step.

Each class has the exit status of the process and the ``code`` for JSON output.
"""

from __future__ import annotations

from enum import IntEnum

from provisioner.redaction import redactor
from provisioner.words import bounded

#: Longer than the names of all channels that an org can have.
LONGEST_MESSAGE = 200_000


class ExitStatus(IntEnum):
    """The exit status of the process; the numbers are part of the contract with CI."""

    DONE = 0
    WRONG_INPUT = 1
    CHANGES_PENDING = 2
    REFUSED = 3
    NO_LOGIN = 4
    ORG_REFUSED = 5
    STILL_RUNNING = 6
    USAGE = 64
    INTERRUPTED = 130


#: With several environments, the process exits with the first of these statuses that an environment has.
WORST_FIRST = (
    ExitStatus.INTERRUPTED,
    ExitStatus.ORG_REFUSED,
    ExitStatus.NO_LOGIN,
    ExitStatus.REFUSED,
    ExitStatus.STILL_RUNNING,
    ExitStatus.WRONG_INPUT,
    ExitStatus.CHANGES_PENDING,
    ExitStatus.DONE,
)


class ProvisionerError(Exception):
    """The problem (``message``) and the next step (``next``), in full sentences, without secrets.

    Both are masked here, before an output format escapes or wraps them: an escaped secret is no longer recognised.
    """

    code = "error"
    exit_status = ExitStatus.WRONG_INPUT

    def __init__(self, message: str, *, next: str, code: str | None = None) -> None:
        message = bounded(redactor.redact(message), LONGEST_MESSAGE)
        super().__init__(message)
        self.message = message
        self.next = bounded(redactor.redact(next), LONGEST_MESSAGE)
        if code is not None:
            self.code = code


class UsageError(ProvisionerError):
    """The command line is wrong."""

    code = "usage"
    exit_status = ExitStatus.USAGE


class InputError(ProvisionerError):
    """A file or value from the user is wrong."""

    code = "wrong-input"
    exit_status = ExitStatus.WRONG_INPUT


class RefusedError(ProvisionerError):
    """A guard refused; nothing was sent."""

    code = "refused"
    exit_status = ExitStatus.REFUSED


class LoginError(ProvisionerError):
    """The org refused the login. ``server`` holds the token endpoint's message, if it answered.

    ``skew`` is the host's clock minus ours in seconds, if the answer has it.
    """

    code = "login-failed"
    exit_status = ExitStatus.NO_LOGIN

    def __init__(
        self,
        message: str,
        *,
        next: str,
        code: str | None = None,
        server: dict[str, str | int] | None = None,
        skew: float | None = None,
    ) -> None:
        super().__init__(message, next=next, code=code)
        self.server = server
        self.skew = skew


class UnreachableError(ProvisionerError):
    """The org could not be reached, or its answers could not be parsed."""

    code = "unreachable"
    exit_status = ExitStatus.NO_LOGIN


class OrgRefusedError(ProvisionerError):
    """The org answered with a refusal."""

    code = "org-refused"
    exit_status = ExitStatus.ORG_REFUSED


class StillRunningError(ProvisionerError):
    """A deployment is still running in the org; its outcome is not known yet."""

    code = "still-running"
    exit_status = ExitStatus.STILL_RUNNING


class InterruptedRunError(ProvisionerError):
    """Ctrl-C, SIGTERM, or a closed terminal."""

    code = "interrupted"
    exit_status = ExitStatus.INTERRUPTED


class InternalError(ProvisionerError):
    """A defect in this program."""

    code = "internal"


def as_ours(error: BaseException) -> ProvisionerError:
    """Return any error as one with a next step; an unexpected one becomes an InternalError."""
    if isinstance(error, ProvisionerError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return InterruptedRunError("Interrupted.", next="Nothing more is sent. You can safely run the command again.")
    from provisioner.project import report_to

    return InternalError(
        f"Internal error ({type(error).__name__}).",
        next=f"Nothing further was sent. Run again with -vv for the details, and report them {report_to()}.",
    )
