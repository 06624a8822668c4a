"""The gate of the local org: bounded bodies, and a log that no request forges."""

from __future__ import annotations

import logging

import pytest

from provisioner.localorg.app import LARGEST_BODY
from tests.localorg.client import Client

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        ("/services/oauth2/token", FORM, 400),  # the reader of forms has a limit of its own
        ("/iamessage/v1/authorization/authenticated/accessToken", JSON, 413),
    ],
)
def test_a_body_beyond_the_limit_is_refused(stranger: Client, path: str, content_type: str, status: int) -> None:
    body = b"a=" + b"x" * LARGEST_BODY
    answer = stranger.http.post(stranger.connection.url + path, data=body, headers={"Content-Type": content_type})
    assert answer.status_code == status


def test_a_path_with_a_line_break_is_one_line(stranger: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "provisioner.localorg"):
        stranger.http.get(stranger.connection.url + "/forged%0AGET%20/services%20200%201%20ms")
        stranger.http.get(stranger.connection.url + "/")  # logged after the answer, before the next
    (line,) = [each for each in caplog.messages if "forged" in each]
    assert "\n" not in line
