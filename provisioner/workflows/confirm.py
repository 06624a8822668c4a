"""Shows a plan to the person, and asks before an org is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provisioner.errors import RefusedError
from provisioner.model.environment import Environment
from provisioner.planning.plan import Plan
from provisioner.report.plan_view import plan_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.workflows.console import Console

_SAVED = (
    "Apply at a terminal; or save a plan (provisioner plan --env {0} --out FILE), have it approved, and apply that: "
    "provisioner apply --env {0} FILE"
)


def show_plan(console: Console, plan: Plan) -> None:
    """Show the plan before anything happens: as a result for people, and not in JSON, which has it in the outcome."""

    def markdown() -> str:
        from provisioner.report.plan_markdown import plan_markdown

        return plan_markdown(plan)

    console.show(lambda: plan_view(plan), markdown=markdown)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Asks the person if a plan needs it. Called with the plan, it returns whether a person was asked.

    ``typed``: the command line already repeats the environment's name. ``approved``: the plan is a saved one, so
    without a terminal it counts as confirmed. ``warning`` returns a text that was printed on stdout beside the plan.
    ``notice`` is printed before the question. ``without_terminal`` is the next step in production if there is no
    terminal. Raises :class:`RefusedError` if the answer is no, if there is no terminal, or if the plan could not be
    shown.
    """

    console: Console
    environment: Environment
    typed: bool = False
    approved: bool = False
    warning: Callable[[Style], str] | None = None
    notice: str = ""
    without_terminal: str = ""

    def __call__(self, plan: Plan) -> bool:
        name = self.environment.name
        if self.approved and not self.console.is_interactive:
            return False
        if self.environment.production:
            if self.typed:
                return False
            question, wanted = f"This changes production. Type the environment name ({name}) to apply: ", name
            refusal = RefusedError(
                f"{name} is a production environment, and there is no terminal for the confirmation.",
                next=self.without_terminal or _SAVED.format(name),
            )
        elif self.console.given.yes:
            return False
        else:
            question, wanted = f"Apply this to {name} ({plan.org.instance_url})? Type `yes` to apply: ", "yes"
            refusal = RefusedError(
                "There is no terminal for the confirmation, and --yes was not given.",
                next="Review the plan, then run the command again with --yes.",
            )
        if not self.console.is_interactive:
            raise refusal
        self._show(plan)
        if self.console.ask(question) != wanted:
            raise RefusedError("The plan was not confirmed.", next="Run it again when you are sure.")
        return True

    def _show(self, plan: Plan) -> None:
        """Show the plan on the terminal, unless stdout has shown it there."""

        def seen(style: Style) -> str:
            warning = f"{self.warning(style)}\n\n" if self.warning is not None else ""
            return f"{warning}{terminal(plan_view(plan), style)}"

        self.console.show_question(seen, self.notice)
