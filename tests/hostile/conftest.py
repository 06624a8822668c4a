"""One local org with planted secrets for all samples of the matrix."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from provisioner import localorg
from tests.hostile.org import Ground
from tests.security.secrets_planted import plant


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    directory = tmp_path_factory.mktemp("hostile")
    localorg.start(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PROVISIONER_STATE_DIR", raising=False)
        planted = plant(tmp_path_factory.mktemp("stage") / "stage", directory)
        for name, value in planted.environment.items():
            patch.setenv(name, value)
        made = Ground(planted)
        yield made
        made.stage.close()
    localorg.stop(directory)


@pytest.fixture
def seed() -> int:
    """The seed of a sample, printed, so that HOSTILE_SEED=N runs the same sample again."""
    chosen = int(os.environ.get("HOSTILE_SEED", "0")) or random.randrange(1, 1 << 30)
    print(f"HOSTILE_SEED={chosen}")  # noqa: T201
    return chosen
