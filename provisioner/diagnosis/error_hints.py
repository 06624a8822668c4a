"""The first likely cause of a refused login, for commands that do not diagnose it."""

from __future__ import annotations

from provisioner.diagnosis.causes import CAUSES
from provisioner.diagnosis.clues.network import SKEW_SECONDS, skew_words
from provisioner.diagnosis.texts import known_text
from provisioner.errors import LoginError


def add_hint(error: LoginError) -> LoginError:
    """Put the first likely cause of the token endpoint's answer in front of the error's next step.

    The messages and causes are those of ``diagnose login``. An unknown answer gets no cause. A wrong clock comes first:
    with it an org refuses every assertion, and its messages also fit other causes.
    """
    server = error.server or {}
    known = known_text(str(server.get("error") or ""), str(server.get("error_description") or ""))
    if error.skew is not None and abs(error.skew) > SKEW_SECONDS:
        error.next = (
            f"{skew_words(error.skew)} Set the clock first; an org refuses assertions of another time. {error.next}"
        )
    elif known is not None and known.causes:
        cause, _ = known.causes[0]
        error.next = f"Most likely {cause}: {CAUSES[cause].meaning} {error.next}"
    return error
