"""Credentials that go bad come back whole; the overseer gets in whatever is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.localorg import administrator, break_, mend, reset, running
from provisioner.localorg.layout import Layout
from tests.localorg.client import Client

FILES = ("login.key", "login.crt", "ca.pem")


def held(directory: Path) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in FILES}


@pytest.mark.parametrize("undo", ["mend", "mend everything", "reset"])
@pytest.mark.parametrize(
    "faults",
    [("key-wrapped=der",), ("tls-untrusted",), ("certificate-expired",),
     ("key-encrypted", "key-too-small", "tls-untrusted", "certificate-expired")],
)  # fmt: skip
def test_files_that_were_broken_come_back_as_they_were(stranger: Client, faults: tuple[str, ...], undo: str) -> None:
    directory = stranger.directory
    before = held(directory)
    for fault in faults:
        break_(directory, fault)
    broken = held(directory)
    assert any(broken[name] != before[name] for name in FILES)
    if undo == "reset":
        reset(directory)
    elif undo == "mend":
        for fault in faults:
            mend(directory, fault.partition("=")[0])
    else:
        mend(directory)
    assert held(directory) == before
    assert {path.name for path in directory.iterdir()} <= Layout.of(directory).names() | {"org.sqlite3-shm"}


def test_what_is_handed_out_can_be_wrong(stranger: Client) -> None:
    directory = stranger.directory
    whole = running(directory)
    assert whole is not None
    break_(directory, "swapped-claims")
    break_(directory, "host-not-found")
    wrong = running(directory)
    assert wrong is not None
    assert (wrong.username, wrong.consumer_key) == (whole.consumer_key, whole.username)
    assert ".invalid:" in wrong.url
    mend(directory)
    assert running(directory) == whole


@pytest.mark.parametrize(
    "fault",
    ["user-inactive", "org-inactive", "wrong-audience", "malformed-assertion", "key-unreadable", "host-not-found"],
)
def test_the_overseer_gets_in_whatever_is_broken(stranger: Client, fault: str) -> None:
    break_(stranger.directory, fault)
    overseer = Client(administrator(stranger.directory), stranger.directory)
    try:
        rows = overseer.login().query("SELECT Username FROM User")
    finally:
        overseer.close()
    assert rows
    assert overseer.connection.username not in {row["Username"] for row in rows}


def test_nobody_else_is_the_overseer(stranger: Client) -> None:
    theirs = administrator(stranger.directory)
    answer = stranger.ask_token(iss=theirs.consumer_key, sub=theirs.username)
    assert answer.status_code == 400
