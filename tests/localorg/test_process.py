"""Starting and stopping: as separate processes, side by side, after a crash, and what is left in the directory."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.errors import InputError, ProvisionerError, UsageError
from provisioner.localorg import Connection, break_, locks, mend, reset, running, serve, start, status, stop
from provisioner.localorg.layout import Layout
from tests.localorg.client import Client
from tests.localorg.material import channel_file, key_file

KEY = {"PublicKeyCertificate/k1": key_file()}


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A directory for an org that is stopped in the end."""
    path = tmp_path / "org"
    yield path
    stop(path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def logged_in(connection: Connection, directory: Path) -> Client:
    return Client(connection, directory).login()


def test_an_org_is_started_used_and_stopped(directory: Path) -> None:
    assert running(directory) is None
    connection = start(directory)
    assert sorted(connection.as_dict()) == [
        "admin_token_file", "admin_username", "ca_bundle", "chat_url", "consumer_key", "org_id", "private_key_file",
        "url", "username",
    ]  # fmt: skip
    assert all(isinstance(value, str) and value for value in connection.as_dict().values())
    assert connection.url.startswith("https://localhost:")
    assert running(directory) == start(directory) == connection
    client = logged_in(connection, directory)
    assert client.query("SELECT Id FROM Organization") == [{"Id": connection.org_id}]
    client.close()
    assert status(directory)["running"] is True
    assert stop(directory) is True
    assert running(directory) is None
    assert stop(directory) is False
    assert status(directory)["running"] is False


def test_only_the_owner_can_look_into_it(directory: Path) -> None:
    connection = start(directory)
    logged_in(connection, directory).close()
    layout = Layout.of(directory)
    assert mode(directory) == 0o700
    for file in (layout.login_key, layout.server_key, layout.database, layout.log, layout.serving_lock):
        assert mode(file) == 0o600, file
    assert {entry.name for entry in directory.iterdir()} <= layout.names()
    assert layout.git_ignore.read_text() == "*\n"


def test_what_was_done_survives_a_restart(directory: Path) -> None:
    first = start(directory)
    client = logged_in(first, directory)
    client.deploy(KEY)
    client.deploy({"MessagingChannel/Web_Chat": channel_file()})
    token, file = client.token, client.file("MessagingChannel", "Web_Chat")
    break_(directory, "deploy-queued=2")
    client.close()
    assert stop(directory)
    assert start(directory) == first
    client = Client(first, directory)
    client.token = token
    client.http.headers["Authorization"] = f"Bearer {token}"
    assert client.file("MessagingChannel", "Web_Chat") == file
    assert len(client.query("SELECT Id FROM DeployRequest", tooling=True)) == 2
    assert [row["name"] for row in status(directory)["faults"]] == ["deploy-queued"]
    assert status(directory)["components"] == {
        "ConnectedApp": 1, "EmbeddedServiceConfig": 5, "MessagingChannel": 5, "PublicKeyCertificate": 1,
        "Settings": 1,
    }  # fmt: skip
    client.close()


def test_a_deployment_under_way_goes_on_after_a_restart(directory: Path) -> None:
    connection = start(directory)
    client = logged_in(connection, directory)
    break_(directory, "deploy-queued=100000")
    from tests.localorg.client import package

    deployment_id = client.submit(package(KEY))
    client.close()
    stop(directory)
    mend(directory)
    start(directory)
    client = logged_in(connection, directory)
    assert client.wait(deployment_id)["success"]
    client.close()


def test_a_reset_makes_it_newborn_and_keeps_the_credentials(directory: Path) -> None:
    connection = start(directory)
    client = logged_in(connection, directory)
    client.deploy(KEY)
    break_(directory, "production")
    reset(directory)
    assert running(directory) == connection
    assert client.get("/services/data/v67.0/limits").status_code == 401
    client.login()
    found = status(directory)
    assert (found["components"], found["faults"], found["deployments"]) == (
        {"ConnectedApp": 1, "EmbeddedServiceConfig": 5, "MessagingChannel": 5, "Settings": 1},
        [],
        0,
    )
    assert client.deploy(KEY)["success"]
    client.close()


def test_a_killed_server_is_not_running_and_starts_again(directory: Path) -> None:
    first = start(directory)
    client = logged_in(first, directory)
    client.deploy(KEY)
    client.close()
    process_id = locks.holder(Layout.of(directory).serving_lock)
    assert process_id
    os.kill(process_id, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while running(directory) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert start(directory) == first
    assert status(directory)["components"]["PublicKeyCertificate"] == 1


STARTER = """
import json, sys
from pathlib import Path
from provisioner.localorg import start
print(json.dumps(start(Path(sys.argv[1])).as_dict()))
"""


def test_starts_side_by_side_agree(directory: Path) -> None:
    words = [sys.executable, "-c", STARTER, str(directory)]
    starters = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    printed = [starter.communicate(timeout=60)[0] for starter in starters]
    assert len({json.loads(line)["url"] for line in printed}) == 1
    connection = running(directory)
    assert connection is not None
    assert {json.dumps(connection.as_dict()) + "\n"} == set(printed)
    logged_in(connection, directory).close()


def test_the_port_is_kept_unless_it_is_taken(directory: Path) -> None:
    port = int(start(directory).url.rpartition(":")[2])
    stop(directory)
    assert start(directory).url.endswith(f":{port}")
    stop(directory)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(InputError, match=str(port)) as caught:
            start(directory, port=port)
        assert caught.value.code == "port-taken"
        moved = start(directory)
        assert not moved.url.endswith(f":{port}")
        logged_in(moved, directory).close()
    with pytest.raises(InputError) as again:
        start(directory, port=port)
    assert again.value.code == "already-running"


def test_a_port_can_be_chosen(directory: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert start(directory, port=port).url == f"https://localhost:{port}"


def test_directories_that_are_not_for_an_org(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x")
    file = tmp_path / "file"
    file.write_text("x")
    for place, code in (
        (tmp_path, "directory-in-use"),
        (file, "directory-unusable"),
        (file / "below", "directory-unusable"),
    ):
        with pytest.raises(InputError) as caught:
            start(place)
        assert caught.value.code == code
        assert caught.value.next
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "precious.txt"]


def test_there_may_be_no_org(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for act in (reset, status, mend, lambda place: break_(place, "production")):
        with pytest.raises(InputError) as caught:
            act(nowhere)
        assert caught.value.code == "no-local-org"
    assert running(nowhere) is None
    assert stop(nowhere) is False
    assert not nowhere.exists()


@pytest.mark.parametrize("content", [b"not a database", b""])
def test_a_database_that_is_spoilt(directory: Path, content: bytes) -> None:
    start(directory)
    stop(directory)
    database = Layout.of(directory).database
    for file in directory.glob(f"{database.name}*"):
        file.unlink()
    database.write_bytes(content)
    if content:
        with pytest.raises(InputError) as caught:
            start(directory)
        assert caught.value.code == "localorg-unusable"
    else:
        logged_in(start(directory), directory).close()


def test_a_half_born_org_is_born_anew(directory: Path) -> None:
    directory.mkdir()
    (directory / "ca.pem").write_text("half")
    (directory / "login.key.new").write_text("half")
    logged_in(start(directory), directory).close()


def test_a_server_that_does_not_start_says_why(directory: Path) -> None:
    start(directory)
    stop(directory)
    Layout.of(directory).server_key.write_text("spoilt")
    with pytest.raises(InputError, match="could not be started") as caught:
        start(directory)
    assert "log" in caught.value.next
    assert running(directory) is None


def test_missing_packages_are_named(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "provisioner.localorg.serving.find_spec", lambda name: None if name == "uvicorn" else found(name)
    )
    with pytest.raises(UsageError, match="uvicorn") as caught:
        start(directory)
    assert "[localorg]" in caught.value.next
    assert not directory.exists()


def test_the_log_tells_what_was_asked_and_no_secret(directory: Path) -> None:
    connection = start(directory)
    client = logged_in(connection, directory)
    assertion = client.assertion()
    client.ask_token(assertion)
    client.get("/services/data/v67.0/query", q="SELECT Id FROM User")
    stop(directory)
    text = Layout.of(directory).log.read_text()
    assert "POST /services/oauth2/token 200" in text
    assert str(client.token) not in text
    assert assertion not in text
    assert "Traceback" not in text
    client.close()


def test_importing_costs_nothing() -> None:
    dear = ["starlette", "uvicorn", "cryptography", "jwt", "lxml", "sqlite3"]
    code = f"import sys; import provisioner.localorg; print([name for name in {dear} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


FOREGROUND = """
import sys
from pathlib import Path
from provisioner.localorg import serve
serve(Path(sys.argv[1]), ready=lambda connection: print(connection.url, flush=True))
"""


def test_in_the_foreground(directory: Path) -> None:
    words = [sys.executable, "-c", FOREGROUND, str(directory)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        connection = running(directory)
        assert connection is not None
        assert connection.url == url
        logged_in(connection, directory).close()
        with pytest.raises(InputError, match="served already"):
            serve(directory)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    assert running(directory) is None


@pytest.mark.parametrize("replaced", [False, True])
def test_an_org_whose_directory_is_gone_ends_by_itself(directory: Path, replaced: bool) -> None:
    start(directory)
    process_id = locks.holder(Layout.of(directory).serving_lock)
    assert process_id
    shutil.rmtree(directory)
    if replaced:
        start(directory)
    deadline = time.monotonic() + 60
    while alive(process_id):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (running(directory) is not None) is replaced


def alive(process_id: int) -> bool:
    """Whether the process runs; one that ended and was not waited for yet does not."""
    try:
        return os.waitpid(process_id, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def test_what_breaks_while_it_runs_holds_at_once(directory: Path) -> None:
    connection = start(directory)
    client = logged_in(connection, directory)
    client.get("/services/data/v67.0/limits")
    break_(directory, "request-limit")
    assert client.get("/services/data/v67.0/limits").status_code == 403
    mend(directory, "request-limit")
    assert client.get("/services/data/v67.0/limits").status_code == 200
    client.close()


def test_breaking_from_many_sides_while_it_serves(directory: Path) -> None:
    """Writers in several processes and the server share one database without losing or refusing anything."""
    connection = start(directory)
    client = logged_in(connection, directory)
    problems: list[Exception] = []

    def breaks() -> None:
        try:
            for _ in range(20):
                break_(directory, "slow=1ms")
                mend(directory, "slow")
        except ProvisionerError as problem:
            problems.append(problem)

    threads = [threading.Thread(target=breaks) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(5):
        assert client.deploy({f"PublicKeyCertificate/k{number}": key_file()})["success"]
    for thread in threads:
        thread.join()
    assert problems == []
    client.close()
