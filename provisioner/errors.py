"""Errors that end a command. None can be built without the reader's next action.

Each class carries the exit status it ends the process with and the ``code`` that stands in JSON output.
"""

from __future__ import annotations

from enum import IntEnum

from provisioner.redaction import redactor
from provisioner.words import bounded

#: Longer than the names of all channels that an org can have.
LONGEST_MESSAGE = 200_000


class ExitStatus(IntEnum):
    """What the process ends with; the numbers are part of the contract with CI."""

    DONE = 0
    WRONG_INPUT = 1
    CHANGES_PENDING = 2
    REFUSED = 3
    NO_LOGIN = 4
    ORG_REFUSED = 5
    STILL_RUNNING = 6
    USAGE = 64
    INTERRUPTED = 130


#: With several environments the process ends with the first of these that any of them ended with.
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
    """What happened (``message``) and what to do about it (``next``), in full sentences, free of secrets.

    Both are masked here, before an output format escapes or wraps them: an escaped secret is not recognised any more.
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
    """The command was typed wrongly."""

    code = "usage"
    exit_status = ExitStatus.USAGE


class InputError(ProvisionerError):
    """A file or value the person gave is wrong."""

    code = "wrong-input"
    exit_status = ExitStatus.WRONG_INPUT


class RefusedError(ProvisionerError):
    """A guard said no; nothing was sent."""

    code = "refused"
    exit_status = ExitStatus.REFUSED


class LoginError(ProvisionerError):
    """The org did not log us in. ``server`` holds the token endpoint's own words, if it spoke.

    ``skew`` is the host's clock minus ours in seconds, if the answer says it.
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
    """The org could not be reached, or its answers could not be understood."""

    code = "unreachable"
    exit_status = ExitStatus.NO_LOGIN


class OrgRefusedError(ProvisionerError):
    """The org answered and said no."""

    code = "org-refused"
    exit_status = ExitStatus.ORG_REFUSED


class StillRunningError(ProvisionerError):
    """A deployment goes on in the org; its outcome is not known yet."""

    code = "still-running"
    exit_status = ExitStatus.STILL_RUNNING


class InterruptedRunError(ProvisionerError):
    """Ctrl-C, SIGTERM, or a terminal that was closed."""

    code = "interrupted"
    exit_status = ExitStatus.INTERRUPTED


class InternalError(ProvisionerError):
    """A defect of this program."""

    code = "internal"


def as_ours(error: BaseException) -> ProvisionerError:
    """Return any error as one that has a next step; an unexpected one is a defect of this program."""
    if isinstance(error, ProvisionerError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return InterruptedRunError("Interrupted.", next="Nothing more is sent. You can safely run the command again.")
    from provisioner.project import report_to

    return InternalError(
        f"Internal error ({type(error).__name__}).",
        next=f"Nothing further was sent. Run again with -vv for the details, and report them {report_to()}.",
    )
