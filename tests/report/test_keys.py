"""What `keys generate`, `keys inspect` and `keys expiring` print, in golden files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner.errors import LoginError
from provisioner.jose.certificates import Certificate, read_certificate_file
from provisioner.jose.defects import Findings
from provisioner.jose.expiry import ExpiryList, Found, Seen, Undated, Where, expiry_list
from provisioner.jose.generation import Generated, jwk_of
from provisioner.jose.inspection import inspect
from provisioner.report.expiring import expiring_json, expiring_view
from provisioner.report.generated import generated_json, generated_view
from provisioner.report.inspected import inspected_json, inspected_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report.golden import assert_golden, assert_golden_json

FILE = Path(__file__).parents[2] / "config/keys/storefront-2026-11.crt"
#: 20 days before the example's certificate ends.
NOW = datetime(2045, 12, 12, tzinfo=UTC)
STYLE = Style(100)


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    found = read_certificate_file(FILE.read_bytes(), FILE.name, Findings())
    assert found is not None
    return found


@pytest.fixture
def generated(certificate: Certificate) -> Generated:
    return Generated(
        name="storefront_2026_11",
        numbers=(certificate.n, certificate.e),
        private_key_file="/home/ada/.config/provisioner/keys/storefront_2026_11.key",
        certificate=certificate,
        certificate_file="config/keys/storefront-2026-11.crt",
        jwk=jwk_of(certificate, "storefront-2026-11", "RS256"),
        declaration_file="config/user-verification.yaml",
        keyset="storefront",
        next=("Do this first.", "Then do that; it takes a while and is told in a sentence that is longer than a line."),
    )


def test_a_pair_that_was_made(generated: Generated) -> None:
    assert_golden("keys/generated.txt", terminal(generated_view(generated), STYLE))
    assert_golden_json("keys/generated.json", generated_json(generated))


def test_a_request_that_was_made(generated: Generated) -> None:
    request = replace(generated, certificate=None, certificate_file=None, jwk=None, declaration_file=None, keyset=None)
    request = replace(request, request_file="config/keys/storefront-2026-11.csr", has_passphrase=True)
    assert_golden("keys/request.txt", terminal(generated_view(request), STYLE))
    assert_golden_json("keys/request.json", generated_json(request))


def test_a_certificate_that_came_back(generated: Generated) -> None:
    assert_golden("keys/returned.txt", terminal(generated_view(replace(generated, private_key_file=None)), STYLE))


def test_a_pair_for_the_login(generated: Generated) -> None:
    login = replace(generated, for_login=True, jwk=None, declaration_file=None, keyset=None)
    assert_golden("keys/login.txt", terminal(generated_view(login), STYLE))


@pytest.fixture
def table(certificate: Certificate) -> ExpiryList:
    declared = Seen(Where.DECLARATION, "sandbox", "config/user-verification.yaml:8:3", True)
    in_org = Seen(Where.ORG, "sandbox", None, True)
    old = Seen(Where.ORG, "sandbox", None, False)
    served = Seen(Where.ENDPOINT, None, "https://id.example.com/jwks.json", True)
    x509 = certificate.x509
    found = [
        Found("storefront_2026_11", "storefront-2026-11", x509, declared),
        Found("storefront_2026_11", "storefront-2026-11", x509, in_org),
        Found("storefront_old", "old", x509, old),
        Found("id-7", "id-7", x509, served),
    ]
    undated = [
        Undated("the endpoint https://app.example.com/jwks", "not checked: it did not answer.", False, unseen=True),
        Undated("key.broken", "its certificate cannot be read: run `provisioner validate` for the reason.", fails=True),
    ]
    return expiry_list(found, undated, now=NOW, days=30)


def test_what_ends_soon(table: ExpiryList) -> None:
    errors = [("production", LoginError("The login failed.", next="Look into the app.", code="login-failed"))]
    assert_golden("keys/expiring.txt", terminal(expiring_view(table, errors), STYLE))
    assert_golden("keys/expiring in colour.txt", terminal(expiring_view(table, errors), Style(100, color=True)))
    assert_golden_json("keys/expiring.json", expiring_json(table, errors))


def test_what_has_ended(table: ExpiryList) -> None:
    after = replace(table, now=datetime(2046, 2, 1, tzinfo=UTC), undated=())
    assert_golden("keys/expired.txt", terminal(expiring_view(after, []), STYLE))


def test_nothing_that_ends_soon(table: ExpiryList) -> None:
    assert_golden("keys/good.txt", terminal(expiring_view(replace(table, days=10, undated=()), []), STYLE))
    assert_golden("keys/none.txt", terminal(expiring_view(ExpiryList(NOW, 1, ()), []), STYLE))


def test_a_file_that_was_looked_into(certificate: Certificate) -> None:
    jwk = jwk_of(certificate, "storefront-2026-11", "RS256")
    inspection = inspect(FILE.read_bytes(), FILE.name, NOW, [("storefront_2026_11", jwk)])
    declaration = "config/user-verification.yaml"
    assert_golden("keys/inspected.txt", terminal(inspected_view(FILE.name, inspection, declaration), STYLE))
    assert_golden_json("keys/inspected.json", inspected_json(FILE.name, inspection, declaration))
