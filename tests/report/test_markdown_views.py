"""Every view as Markdown: the documents whose terminal text other tests hold."""

from __future__ import annotations

import pytest

from provisioner.diagnosis.chat.diagnosis import diagnose
from provisioner.jose.diagnosis import diagnose as diagnose_key
from provisioner.jose.endpoint_diagnosis import judge_endpoint
from provisioner.jose.repair import Given, repair
from provisioner.report.chat_diagnosis import chat_view
from provisioner.report.document import Document
from provisioner.report.endpoint import endpoint_view
from provisioner.report.environments import environments_view
from provisioner.report.errors import error_view
from provisioner.report.findings import findings_view
from provisioner.report.imported import imported_view
from provisioner.report.key import key_view
from provisioner.report.markdown import markdown
from provisioner.report.outcome import outcome_view
from provisioner.report.rotation import rotation_view, status_view, warning_view
from provisioner.report.rules import rule_view, rules_view
from provisioner.report.token import token_view
from provisioner.report.verify import verified_view, verify_view
from provisioner.report.written import Exported, exported_view, written_view
from provisioner.tokens.explain import explain
from tests.jose.making import NOW
from tests.report import diagnosed, samples, test_drift, test_imported, test_listings, test_rotation
from tests.report.golden import assert_golden
from tests.report.test_diagnoses import ANSWERS, PRINTED, SLASH
from tests.report.test_errors import REFUSED
from tests.report.test_verify_and_chat import DIAGNOSES, PROBED, PROOFS


def key() -> Document:
    found = diagnose_key(PRINTED, "out.txt", NOW)
    return key_view("out.txt", found, repair(found, Given(), NOW), asked=True, written="key.jwk.json")


def token() -> Document:
    state = diagnosed.state()
    return token_view(explain(SLASH, state, state.channels["Web_Chat"], NOW), state.source)


def endpoint() -> Document:
    answered, kid = ANSWERS["good"]
    return endpoint_view(judge_endpoint(diagnosed.URL, answered, NOW, kid))


DOCUMENTS = {
    "chat": chat_view(diagnose(DIAGNOSES["several causes"]), details=True),
    "endpoint": endpoint(),
    "environments": environments_view(test_listings.ENVIRONMENTS),
    "error": error_view(REFUSED),
    "exported": exported_view(
        Exported("sandbox", "67.0", "out", ("sfdx-project.json",), (), (), (), "sf project deploy start")
    ),
    "findings": findings_view([samples.error(), samples.warning()], lambda _: samples.SOURCE),
    "imported": imported_view(
        test_imported.IMPORTED, test_imported.SNAPSHOT, "sandbox", test_imported.WRITTEN, test_imported.NEXT
    ),
    "key": key(),
    "outcome": outcome_view(samples.FAILED),
    "revoking": warning_view(test_rotation.REVOKED),
    "rotation": rotation_view(test_rotation.CASES["to switch"]),
    "rotations": status_view("production", [test_rotation.CASES["to switch"], test_rotation.CASES["at rest"]]),
    "rule": rule_view(test_listings.EXPIRED),
    "rules": rules_view([test_listings.NAME, test_listings.EXPIRED], test_listings.AREAS.__getitem__),
    "token": token(),
    "verified": verified_view([("Web_Chat", (PROOFS["verified"], PROBED)), ("App_Chat", test_drift.FAILED)]),
    "verify": verify_view(PROOFS["the token was refused"], PROBED),
    "written": written_view(["config/user-verification.yaml"], ["provisioner validate   (it is right)"]),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_view_as_markdown(name: str) -> None:
    assert_golden(f"markdown/{name}.md", markdown(DOCUMENTS[name]))
