"""The versions of this program that may work on a declaration: its `version` and its `requires`."""

from __future__ import annotations

from provisioner import __version__
from provisioner.declaration.tree import Branch, Scalar
from provisioner.diagnostics import Diagnostic, Severity

#: The newest format of a declaration that this program reads.
FORMAT = 1


def written_for_another(tree: Branch) -> Diagnostic | None:
    """Return the one finding for a declaration that this version must not work on.

    Nothing else is checked then: the fields of a newer format can have another meaning.
    """
    return _format(tree) or _requirement(tree)


def _format(tree: Branch) -> Diagnostic | None:
    node = tree.get("version")
    value = node.value if isinstance(node, Scalar) else None
    if node is None or not isinstance(value, int) or isinstance(value, bool) or value == FORMAT:
        return None
    shown = value if abs(value) < 10**20 else "a very large number"
    if value > FORMAT:
        message = (
            f"The file is written for a newer provisioner: its `version` is {shown}, and this is provisioner "
            f"{__version__}, which reads version {FORMAT}."
        )
        fix = "Install a newer provisioner, then run the command again."
    else:
        message, fix = f"`version` must be {FORMAT}; this is the number {shown}.", f"Write `version: {FORMAT}`."
    return Diagnostic("version-unsupported", Severity.ERROR, message, fix, node.location)


def _requirement(tree: Branch) -> Diagnostic | None:
    """Judge `requires` (PEP 440). A pre-release of a required version is accepted."""
    node = tree.get("requires")
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        asked = SpecifierSet(node.value)
    except InvalidSpecifier:
        return Diagnostic(
            "requires-invalid",
            Severity.ERROR,
            "`requires` is not a range of versions as PEP 440 writes it.",
            'Write for example `requires: ">=0.2"` or `requires: ">=0.2,<2"`.',
            node.location,
        )
    if asked.contains(__version__, prereleases=True):
        return None
    return Diagnostic(
        "requires-unmet",
        Severity.ERROR,
        f"The file is written for a newer provisioner, or for an older one: it requires {asked}, and this is "
        f"provisioner {__version__}.",
        f"Install a provisioner of version {asked}, or change `requires` with the team that wrote it.",
        node.location,
    )
