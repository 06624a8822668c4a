"""A scripted org for each test, a key for its login, and a clock that never waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.salesforce import Clock, LoginSettings, Org
from provisioner.secrets import Secret
from tests.salesforce.certificates import Authority, make_authority, pem
from tests.salesforce.server import ScriptedOrg


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"), "trusted")


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """What the machine says about proxies, authorities and passwords must not reach a test."""
    for name in (
        "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC",
        "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def scripted(authority: Authority) -> Iterator[ScriptedOrg]:
    org = ScriptedOrg(authority.server_chain)
    yield org
    org.stop()


@dataclass
class Waits:
    """A clock whose waits take no time, and are counted: the monotonic time goes on by what was slept."""

    slept: list[float] = field(default_factory=list)
    asked: int = 0

    def now(self) -> float:
        """A second later each time, so that two assertions are never the same."""
        self.asked += 1
        return time.time() + self.asked - 1

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.slept)

    @property
    def clock(self) -> Clock:
        return Clock(now=self.now, monotonic=self.monotonic, sleep=self.sleep)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def settings(scripted: ScriptedOrg, authority: Authority, rsa_key: rsa.RSAPrivateKey) -> LoginSettings:
    return LoginSettings(
        login_url=scripted.url,
        audience=scripted.url,
        username="ci@acme.com.uat",
        consumer_key="3MVG9consumerkey",
        private_key=Secret(pem(rsa_key).decode()),
        ca_bundle=authority.ca_bundle,
        environment="uat",
    )


@pytest.fixture
def connect(settings: LoginSettings, waits: Waits) -> Callable[..., Org]:
    def made(**changes: Any) -> Org:
        return Org.connect(replace(settings, **changes), clock=waits.clock)

    return made
