"""The machine's clock is set while an apply runs: the run goes on, and its spans are measured by another clock."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from provisioner.salesforce.clock import SYSTEM_CLOCK
from tests.faults import journeys
from tests.faults.stage import Stage
from tests.faults.wire import Send, Wire, tapped

HOURS = 3600.0


class Jump(Wire):
    """Sets the wall clock by ``seconds`` when the request of that number is sent."""

    def __init__(self, number: int, seconds: float) -> None:
        super().__init__()
        self.number, self.seconds, self.offset = number, seconds, 0.0

    def send(self, request: requests.PreparedRequest, send: Send) -> requests.Response:
        answer = super().send(request, send)
        if len(self.seen) >= self.number:
            self.offset = self.seconds
        return answer

    def now(self) -> float:
        return time.time() + self.offset


@pytest.mark.parametrize("seconds", [3 * HOURS, -3 * HOURS, 400 * 24 * HOURS, -400 * 24 * HOURS])
def test_an_apply_goes_on(seconds: float, shared_org: Path, tmp_path: Path) -> None:
    stage = Stage(tmp_path / "stage", shared_org)
    words = journeys.begin(stage, journeys.BY_NAME["apply creations"])
    before = stage.components()
    stage.keep()
    for number in (1, 5, 9):
        stage.put_back(before)
        stage.restore()
        wire = Jump(number, seconds)
        kept = SYSTEM_CLOCK.now
        object.__setattr__(SYSTEM_CLOCK, "now", wire.now)
        try:
            with tapped(wire):
                ran = stage.run(*words)
        finally:
            object.__setattr__(SYSTEM_CLOCK, "now", kept)
        assert wire.offset == seconds
        assert ran.status == 0, (number, ran.out, ran.err)
        assert ran.json["converged"]
