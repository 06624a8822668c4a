"""``validate``: the findings of the rules, of stray private keys, and of components that another team claims, too."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from provisioner.declaration.load import ConfigDirectory
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.files import UnreadableError, read_all, read_start
from provisioner.jose.defects import Findings
from provisioner.jose.file_kinds import LARGEST_FILE, call_private, take
from provisioner.rules.check import by_place, validate
from provisioner.untrusted import is_untrusted
from provisioner.workflows.console import Console


def validate_declaration(
    console: Console, environments: Sequence[str] | None, also: Sequence[str] = ()
) -> list[Diagnostic]:
    """Return the findings under the environments, by place; None: under all, and references are not looked up.

    ``also`` are the config directories of other teams.
    """
    config = console.config
    looks_up = environments is not None and not is_untrusted()
    findings = list(validate(config, environments, now=console.now, with_references=looks_up))
    findings += stray_keys(config, findings)
    if also:
        from provisioner.workflows.claims import claims  # only with --also

        findings += claims(console, config, environments, also)
    return list(by_place(findings))


FOLDER = "keys"
_RULE = "certificate-is-private-key"
#: A declaration has at most some dozens of keys.
_MOST_FILES = 500


def stray_keys(config: ConfigDirectory, found: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield a finding for each private key in the folder of public keys that no finding of ``found`` is about.

    The rules have checked the files that the declaration names.
    """
    said = [finding.message for finding in found if finding.rule in (_RULE, "jwk-private-member")]
    for shown, content in _files(config):
        taken = take(content)
        if not taken.is_private or any(message.startswith((f"{shown} ", f"{shown}:")) for message in said):
            continue
        defects = Findings()
        call_private(taken, shown, defects)
        (defect,) = defects.defects
        # Without a place in the file: views print the line that a place is in.
        yield Diagnostic(_RULE, Severity.ERROR, defect.message, defect.fix)


def _files(config: ConfigDirectory) -> Iterator[tuple[str, bytes]]:
    """Yield the undeclared regular files of the folder, each with its path for messages; links are skipped."""
    folder = config.directory / FOLDER
    try:
        entries = [] if folder.is_symlink() else sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # no folder, or one that cannot be listed
        return
    shown = Path(config.declaration_file).parent / FOLDER
    declared = {file.shown_path for file in config.key_files if file.content is not None}
    names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    others = [name for name in names if str(shown / name) not in declared][:_MOST_FILES]
    contents = read_all([folder / name for name in others], LARGEST_FILE, within=config.directory)
    for name, read in zip(others, contents, strict=True):
        content = _beginning(config, folder / name) if isinstance(read, UnreadableError) else read
        if content is not None:
            yield str(shown / name), content


def _beginning(config: ConfigDirectory, path: Path) -> bytes | None:
    """Return the first bytes of a file that is too large for a key; None if it cannot be read."""
    try:
        return read_start(path, LARGEST_FILE, within=config.directory)
    except UnreadableError:
        return None
