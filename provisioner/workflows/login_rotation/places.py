"""Names and places of a rotation: the number of a generation, and the file of a consumer key."""

from __future__ import annotations

import os
import re
from pathlib import Path

from provisioner.workflows.consumer_key import KeyForm, KeyPlace

#: A name with the number of its generation, such as ``Provisioner_CI_2``.
GENERATION = re.compile(r"^(.*?)_([0-9]+)$")


def stem_of(name: str) -> str:
    """A name without the number of its generation."""
    found = GENERATION.fullmatch(name)
    return found[1] if found is not None else name


def absolute(path: Path) -> Path:
    """A path from the root, without `..`; links stay."""
    return Path(os.path.normpath(Path.cwd() / path))


def new_place(place: KeyPlace, app: str) -> KeyPlace:
    """The file for the consumer key of an app: beside the present one, with the number of the app."""
    assert place.path is not None
    number = GENERATION.fullmatch(app)
    stem = stem_of(Path(place.target).stem)
    name = f"{stem}{f'_{number[2]}' if number is not None else ''}{Path(place.target).suffix}"
    target = str(Path(place.target).parent / name)
    return KeyPlace(place.environment, KeyForm.FILE, target, place.path.with_name(name))
