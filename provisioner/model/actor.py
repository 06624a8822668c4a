"""The author of a command, its approver, and the commit: for records that an auditor reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a command, as far as this machine knows; None for unknown parts.

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
        """Return the actor in a JSON object; a missing value, or one that is not text, is unknown."""
        if not isinstance(document, dict):
            return cls()
        found = {each.name: document.get(each.name) for each in fields(cls)}
        return cls(**{name: value for name, value in found.items() if isinstance(value, str)})


#: An unknown actor.
NOBODY = Actor()
