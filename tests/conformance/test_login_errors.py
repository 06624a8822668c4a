"""What the official Salesforce CLI prints of a login that fails, read back by ``diagnose login --error``."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.conformance.cli import SalesforceCli
from tests.conformance.product import LocalOrg, provisioner

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("user-not-preauthorized", "user-not-preauthorized"),
        ("wrong-certificate", "certificate-mismatch"),
        ("wrong-consumer-key", "wrong-consumer-key"),
        ("key-too-small", "key-too-small"),
        ("key-not-rsa", "key-not-rsa"),
        ("key-wrapped=one-line", "key-unreadable"),
    ],
)
def test_the_clis_words_lead_to_the_cause(visitor: SalesforceCli, org: LocalOrg, fault: str, cause: str) -> None:
    provisioner("localorg", "break", fault, "--dir", org.folder, cwd=org.folder).expect(0)
    printed = subprocess.run(
        visitor.command(
            *("org", "login", "jwt", "--instance-url", org.url, "--username", org.username),
            *("--client-id", org.consumer_key, "--jwt-key-file", str(org.private_key_file)),
        ),
        cwd=visitor.project,
        env=visitor.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert printed.returncode != 0, printed.stdout
    explained = provisioner(
        "diagnose", "login", "--error", printed.stdout + printed.stderr, "--format", "json", cwd=org.folder
    ).expect(1)
    findings = json.loads(explained.stdout)["findings"]
    assert findings[0]["cause"] == cause, printed.stderr
