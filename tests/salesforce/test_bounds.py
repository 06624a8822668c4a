"""Answers without end, huge ones, lost ones, and ones that ask for patience: bounded, and gone on with."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest
from lxml import etree

from provisioner.errors import UnreachableError
from provisioner.model.types import MetadataType
from provisioner.salesforce import Org
from provisioner.salesforce.retrieve import document_of, index_problems
from provisioner.salesforce.soap import TAGS_AT_MOST, parse_xml
from tests.salesforce.conftest import Waits
from tests.salesforce.server import CUT, HTML_503, Answer, ScriptedOrg, fault, json_answer, records

Connect = Callable[..., Org]
KEY = MetadataType.KEY
QUERY = "SELECT Id FROM Account"
GONE = fault("INVALID_LOCATOR", "the zip was deleted")
BUSY = "<html><head><title>Too many requests</title></head></html>"


@pytest.fixture
def large(scripted: ScriptedOrg) -> ScriptedOrg:
    scripted.components["PublicKeyCertificate"] = {f"k{number}": "<isActive>true</isActive>" for number in range(25)}
    scripted.components["PublicKeyCertificateSet"] = {
        f"s{number}": "<masterLabel>s</masterLabel>" for number in range(25)
    }
    return scripted


@pytest.mark.parametrize("answers", [(CUT, GONE), (GONE,), (HTML_503, GONE), (CUT, GONE, CUT, GONE)])
def test_a_zip_that_is_gone_is_retrieved_again(
    connect: Connect, large: ScriptedOrg, answers: tuple[Answer, ...]
) -> None:
    large.script("checkRetrieveStatus", *answers)
    assert len(connect().observe().present(KEY)) == 25
    assert large.count("retrieve") == 1 + answers.count(GONE)


def test_a_zip_that_is_always_gone_is_out_of_reach(connect: Connect, large: ScriptedOrg) -> None:
    large.always("checkRetrieveStatus", GONE)
    with pytest.raises(UnreachableError) as failed:
        connect().observe()
    assert failed.value.exit_status == 4
    assert large.count("retrieve") == 3


def test_faults_after_a_lost_answer_mean_a_new_retrieve(connect: Connect, large: ScriptedOrg) -> None:
    unknown = fault("INVALID_ID_FIELD", "no such process")
    large.script("checkRetrieveStatus", CUT, *[unknown] * 3)
    assert len(connect().observe().present(KEY)) == 25
    assert large.count("retrieve") == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", ["20", "date"])
def test_the_time_that_is_asked_for_is_waited(
    connect: Connect, scripted: ScriptedOrg, waits: Waits, status: int, asked: str
) -> None:
    org = connect()
    header = formatdate(waits.now() + 20, usegmt=True) if asked == "date" else asked
    scripted.script("query Account", *[Answer(BUSY, status, {"Retry-After": header})] * 2)
    scripted.script("query Account", records({"Id": "1"}))
    assert org.query(QUERY) == [{"Id": "1"}]
    assert [round(each) >= 15 for each in waits.slept] == [True, True]


def test_no_longer_than_the_deadline(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    org = connect()
    scripted.always("query Account", Answer(BUSY, 429, {"Retry-After": "3600"}))
    with pytest.raises(UnreachableError) as failed:
        org.query(QUERY)
    assert waits.slept == []
    assert "3600 seconds" in failed.value.next
    assert "proxy" not in failed.value.next


@pytest.mark.parametrize("asked", ["soon", "-5", "1e9", "", "99999999999999999999999"])
def test_a_wait_that_is_none_is_not_heeded(connect: Connect, scripted: ScriptedOrg, waits: Waits, asked: str) -> None:
    org = connect()
    scripted.script("query Account", Answer(BUSY, 503, {"Retry-After": asked}))
    scripted.always("query Account", records())
    org.query(QUERY)
    assert sum(waits.slept) < 5


def test_a_login_heeds_it_too(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    scripted.script("token", Answer(BUSY, 503, {"Retry-After": "7"}))
    connect()
    assert waits.slept[0] >= 7


def test_pages_without_end_are_given_up(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    number = iter(range(10_000_000))

    def page() -> Answer:
        following = f"/services/data/v67.0/query/01g-{next(number)}"
        return json_answer({"done": False, "records": [], "totalSize": 1, "nextRecordsUrl": following})

    scripted.script("query Account", page)
    for each in range(3000):
        scripted.script(f"/services/data/v67.0/query/01g-{each}", page)
    began = time.monotonic()
    with pytest.raises(UnreachableError, match="pages"):
        org.query(QUERY)
    assert len(scripted.received) < 1200
    assert time.monotonic() - began < 60


def test_many_reasons_are_found_in_linear_time() -> None:
    names = [f"component_{number}" for number in range(200_000)]
    problems = [f"Entity of type 'PublicKeyCertificate' named '{name}' can't be found" for name in names]
    began = time.process_time()
    found = index_problems(problems)
    reasons = [document_of((KEY, name), None, found) for name in names]
    assert time.process_time() - began < 10
    assert reasons == problems


def test_a_reason_is_that_of_its_type() -> None:
    found = index_problems(["Entity of type 'PublicKeyCertificateSet' named 'k' cannot be found"])
    assert "lists it" in str(document_of((KEY, "k"), None, found))


@pytest.mark.parametrize("piece", [b"<a/>", b"<a>x</a> ", b'<a b="c"/>', b"<!--x-->", b"<?x y?>"])
def test_too_many_elements_are_refused_before_they_are_built(piece: bytes) -> None:
    with pytest.raises(etree.XMLSyntaxError, match="elements"):
        parse_xml(b"<r>" + piece * (40_000_000 // len(piece)) + b"</r>")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells it on Linux")
def test_the_largest_document_takes_little_memory() -> None:
    code = (
        "from provisioner.salesforce.soap import TAGS_AT_MOST, parse_xml\n"
        "parse_xml(b'<r>' + b'<a>x</a> ' * ((TAGS_AT_MOST - 2) // 2) + b'</r>')\n"
        # Not ru_maxrss: a child's begins with the most that its parent held.
        "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 400_000_000
    assert TAGS_AT_MOST >= 1_250_000, "200,000 names with a type each"
