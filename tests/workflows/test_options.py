"""The options of commands that exclude or need each other, as they are typed: each refusal names one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.errors import ProvisionerError, RefusedError, UsageError
from provisioner.workflows.administrator import AdminOptions
from provisioner.workflows.apply import ApplyOptions
from provisioner.workflows.diagnose_login import LoginDiagnosisOptions
from provisioner.workflows.generate_key import GenerateOptions
from provisioner.workflows.mint import IntercomOptions, MintOptions, intercom_options, parse_claims
from provisioner.workflows.plan import PlanOptions
from provisioner.workflows.promote import PromotionOptions
from provisioner.workflows.rotation.run import RotationOptions
from provisioner.workflows.signing import SigningRequest

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SIGNER = SigningRequest("shop", "shop.key")
ADMIN = AdminOptions(sf_org="uat")
DAY = timedelta(days=1)


def generate(**options: object) -> Callable[[], object]:
    return lambda: GenerateOptions(name="shop_2027", default_days=365, **options)  # type: ignore[arg-type]


def rotate(**options: object) -> Callable[[], object]:
    return lambda: RotationOptions(now=NOW, **options)  # type: ignore[arg-type]


def intercom(**options: str | None) -> Callable[[], object]:
    given = {"secret_file": None, "user_id": None, "app_id": None, "api_base": None, **options}
    return lambda: intercom_options(wanted=True, **given)


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (lambda: AdminOptions(sf_org="uat", admin_env="admin"), "--sf-org and --admin-env"),
        (lambda: AdminOptions(sf_org="uat", instance_url="https://a.my.salesforce.com"), "--instance-url"),
        (lambda: ApplyOptions(plan=Path("plan.json"), targets=("key.a",)), "--target"),
        (lambda: ApplyOptions(plan=Path("plan.json"), resume="0Af5g00000ABCDEAA4"), "--resume"),
        (lambda: PlanOptions(out=Path("p.json"), target_org="uat"), "--target-org"),
        (lambda: PlanOptions(offline=True), "--base"),
        (lambda: PlanOptions(base=Path("other")), "--offline"),
        (lambda: PlanOptions(offline=True, base=Path("other"), out=Path("p.json")), "--out"),
        (lambda: PromotionOptions("sandbox", "sandbox"), "--to"),
        (lambda: LoginDiagnosisOptions(AdminOptions(), text="x", wait=True), "--wait-propagation"),
        (lambda: LoginDiagnosisOptions(ADMIN, text="x"), "administrator's session"),
        (lambda: LoginDiagnosisOptions(AdminOptions(), fix=True), "--fix"),
        (generate(login=True, keyset="shop"), "--keyset"),
        (generate(certificate="a.crt", bits=2048), "--bits"),
        (generate(request_only=True, days=30), "--days"),
        (generate(source="a.key", private_key="b.key"), "--private-key"),
        (generate(source="a.key", certificate="a.crt"), "--certificate"),
        (rotate(), "No keyset"),
        (rotate(status=True, yes=True), "--yes"),
        (rotate(status=True, retire=True), "--retire"),
        (rotate(keyset="shop", confirm=("old",)), "--confirm"),
        (rotate(keyset="shop", revoke="old", key_file=Path("a.key")), "--key-file"),
        (rotate(keyset="shop", channel="Web"), "--deployment"),
        (rotate(keyset="shop", switched_at=NOW + DAY), "--switched-at"),
        (lambda: MintOptions(SIGNER, {}), "--sub"),
        (intercom(), "--intercom-secret-file"),
        (intercom(secret_file="f", user_id="4711"), "--app-id"),
        (lambda: parse_claims(["tier"]), "N=V"),
        (lambda: parse_claims(["exp=1"]), "exp"),
        (lambda: parse_claims(["a=1", "a=2"]), "twice"),
        (lambda: parse_claims(["a:=NaN"]), "not JSON"),
    ],
)
def test_options_that_do_not_go_together(made: Callable[[], object], named: str) -> None:
    with pytest.raises(UsageError) as refused:
        made()
    assert named in f"{refused.value.message} {refused.value.next}"


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a\\b", "a\0b", "x" * 201])
def test_a_name_that_no_file_can_have(name: str) -> None:
    with pytest.raises(UsageError):
        GenerateOptions(name=name, default_days=365)


def test_a_life_over_a_day_must_be_agreed_to() -> None:
    with pytest.raises(RefusedError) as refused:
        MintOptions(SIGNER, {}, subject="1", ttl=100_000)
    assert refused.value.code == "long-life"
    assert MintOptions(SIGNER, {}, subject="1", ttl=100_000, yes=True).ttl == 100_000


def test_claims_keep_their_json() -> None:
    assert parse_claims(["tier=gold", "age:=42", "roles:=[1, null]"]) == {"tier": "gold", "age": 42, "roles": [1, None]}


def test_the_subject_is_the_user_of_intercom_unless_given() -> None:
    fin = IntercomOptions("secret.txt", "4711", "app")
    assert MintOptions(SIGNER, {}, fin).subject_or_user == "4711"
    assert MintOptions(SIGNER, {}, fin, subject="uv-probe-1").subject_or_user == "uv-probe-1"


@pytest.mark.parametrize(("path", "record"), [(None, None), ("r.md", "r.json"), ("r", "r.json"), ("r.txt", "r.txt")])
def test_the_file_of_a_promotion_s_record(path: str | None, record: str | None) -> None:
    options = PromotionOptions("a", "b", out=Path(path) if path is not None else None)
    expected = record or "promotion-a-to-b-20261120T120000Z.json"
    assert options.record_file(NOW) == Path(expected)


def test_an_existing_bundle_is_not_overwritten(tmp_path: Path) -> None:
    taken = tmp_path / "bundle.zip"
    taken.write_bytes(b"")
    for path in (taken, tmp_path / "missing" / "bundle.zip"):
        with pytest.raises(ProvisionerError):
            LoginDiagnosisOptions(AdminOptions(), bundle=str(path))
    assert LoginDiagnosisOptions(AdminOptions(), bundle=str(tmp_path / "new.zip")).bundle is not None
