"""Who ran a command, by whose word, from which commit: for records that an auditor reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class Actor:
    """Who ran a command, as far as this machine knows; None for what it does not know.

    ``user`` is the user of the operating system; ``ci`` the name of the CI, ``actor`` the person who started its run,
    ``run`` the run's address and ``approver`` the person who approved it. ``commit`` is that of the configuration.
    """

    user: str | None = None
    ci: str | None = None
    actor: str | None = None
    approver: str | None = None
    commit: str | None = None
    run: str | None = None

    @property
    def name(self) -> str | None:
        """Return the person in CI, else the user of the machine."""
        return self.actor or self.user

    def to_json(self) -> dict[str, str | None]:
        """Return the members of the JSON object ``by``."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: object) -> Actor:
        """Return the actor in a JSON object; what is missing, or is not a text, is not known."""
        if not isinstance(document, dict):
            return cls()
        found = {each.name: document.get(each.name) for each in fields(cls)}
        return cls(**{name: value for name, value in found.items() if isinstance(value, str)})


#: No one that is known.
NOBODY = Actor()
