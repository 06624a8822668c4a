"""Asking the person before an org is changed."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.cli.applying import Declared
from provisioner.cli.context import Context
from provisioner.errors import RefusedError
from provisioner.planning.plan import Plan

_SAVED = (
    "Apply at a terminal; or save a plan (provisioner plan --env {0} --out FILE), have it approved, and apply that: "
    "provisioner apply --env {0} FILE"
)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Asks where that is due. Called with the plan, it says whether somebody was asked.

    ``typed`` says that the environment's name was typed on the command line already; ``approved`` that the plan is a
    saved one, which somebody has said yes to where nobody can be asked now; ``notice`` is said before the question;
    ``alone`` is what to do in production where there is no terminal. Raises :class:`RefusedError` where the
    answer is no, or where nobody can be asked.
    """

    context: Context
    prepared: Declared
    typed: bool = False
    approved: bool = False
    notice: str = ""
    alone: str = ""

    def __call__(self, plan: Plan) -> bool:
        name = self.prepared.environment.name
        if self.approved and not self.context.is_interactive:
            return False
        if self.prepared.environment.production:
            if self.typed:
                return False
            question, wanted = f"This changes production. Type the environment's name ({name}) to apply: ", name
            refusal = RefusedError(
                f"{name} is a production environment, and there is no terminal to confirm at.",
                next=self.alone or _SAVED.format(name),
            )
        elif self.context.arguments.yes:
            return False
        else:
            question, wanted = f"Apply this to {name} ({plan.org.instance_url})? Only `yes` applies: ", "yes"
            refusal = RefusedError(
                "There is no terminal to confirm at, and --yes was not given.",
                next="Look at the plan, then run the command again with --yes.",
            )
        if not self.context.is_interactive:
            raise refusal
        if self.notice:
            self.context.stderr(self.notice)
        if self.context.ask(question) != wanted:
            raise RefusedError("The plan was not confirmed.", next="Run it again when you are sure.")
        return True
