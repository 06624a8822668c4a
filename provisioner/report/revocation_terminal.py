"""The warning before a revocation, for the terminal of the question."""

from __future__ import annotations

from provisioner.report.revocation_shapes import Revoked
from provisioner.report.revocation_view import warning_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal


def warning_terminal(revoked: Revoked, style: Style) -> str:
    """Return the consequences as text for a terminal."""
    return terminal(warning_view(revoked), style)
