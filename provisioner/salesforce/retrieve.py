"""Retrieves many components: polls a retrieve and unpacks its zip; several for thousands of components.

Source: Metadata API Developer Guide, retrieve(), checkRetrieveStatus(): at most 10,000 files and 39 MB; the server
deletes the zip after it was read, so a lost answer requires a new retrieve.
"""

from __future__ import annotations

import binascii
import contextlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import qualified
from provisioner.components.package import FILES_AT_MOST
from provisioner.components.xml import text_of
from provisioner.errors import OrgRefusedError, UnreachableError
from provisioner.model.types import MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.documents import as_document
from provisioner.salesforce.retries import ONE_ATTEMPT
from provisioner.salesforce.soap import Soap, element, parse_xml

Name = tuple[MetadataType, str]
#: The manifest is also a file.
COMPONENTS_AT_MOST = FILES_AT_MOST - 1
#: A package of 39 MB may unpack to 600 MB, but XML is not packed so tightly: ten thousand channels stay below these.
UNPACKED_BYTES_AT_MOST, FILE_BYTES_AT_MOST = 150_000_000, 10_000_000
#: The time limit for one retrieve, and the number of new ones after a lost answer.
SECONDS_AT_MOST = 600.0
ATTEMPTS = 3
#: An org's answer if the zip was read before, and deleted.
_DELETED = "INVALID_LOCATOR"
#: Seconds between two polls; a local org is done immediately, a real one takes seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 2.0


def retrieve(soap: Soap, names: Sequence[Name], clock: Clock) -> Mapping[Name, etree._Element | str]:
    """Return the documents of ``names``, or the org's reason for each that did not come.

    Names are listed one by one: a ``*`` would omit the components of managed packages. If one retrieve is too small,
    several run one after another. Raises :class:`OrgRefusedError` if the org cancels a retrieve.
    """
    found: dict[Name, etree._Element | str] = {}
    for start in range(0, len(names), COMPONENTS_AT_MOST):
        found.update(_retrieve(soap, names[start : start + COMPONENTS_AT_MOST], clock))
    return found


def _retrieve(soap: Soap, names: Sequence[Name], clock: Clock) -> Mapping[Name, etree._Element | str]:
    for _ in range(ATTEMPTS):
        result = _wait(soap, _begin(soap, names), clock)
        if result is not None:
            return _unpack(result, names)
    raise UnreachableError(
        f"The org's answer to a retrieve was lost {ATTEMPTS} times.",
        next="Check the network between here and Salesforce, and run the command again.",
    )


def _begin(soap: Soap, names: Sequence[Name]) -> str:
    types = []
    for kind in dict.fromkeys(kind for kind, _ in names):
        members = [element("members", text=name) for of_kind, name in names if of_kind is kind]
        if members:
            types.append(element("types", *members, element("name", text=kind.xml_name)))
    version = soap.api_version
    request = element(
        "retrieveRequest",
        element("apiVersion", text=version),
        element("singlePackage", text="true"),
        element("unpackaged", *types, element("version", text=version)),
    )
    results = soap.call(element("retrieve", request))
    retrieve_id = text_of(results[0], "id") if results else None
    if retrieve_id is None:
        raise _nonsense("a retrieve without an id")
    return retrieve_id


def _wait(soap: Soap, retrieve_id: str, clock: Clock) -> etree._Element | None:
    """Return the finished result with its zip; None if the zip was lost in transit, and the org deleted it."""
    question = element(
        "checkRetrieveStatus", element("asyncProcessId", text=retrieve_id), element("includeZip", text="true")
    )
    deadline, pause, lost, silent = clock.monotonic() + SECONDS_AT_MOST, FIRST_PAUSE, 0, False
    while clock.monotonic() < deadline:
        clock.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
        try:
            results = soap.call(question, patience=ONE_ATTEMPT)
        except UnreachableError:
            lost, silent = lost + 1, True
            if lost > ATTEMPTS:
                raise
            continue
        except OrgFault as fault:
            lost += 1
            if fault.fault_code == _DELETED or (silent and lost > ATTEMPTS):
                return None
            if lost > ATTEMPTS:
                raise
            continue
        if results and text_of(results[0], "done") == "true":
            return _finished(results[0], lost > 0)
    raise OrgRefusedError(
        f"The org did not finish a retrieve within {SECONDS_AT_MOST:.0f} seconds.",
        next="Check whether other retrieves and deployments are running (Setup > Deployment Status), and try again.",
    )


def _finished(result: etree._Element, answer_was_lost: bool) -> etree._Element | None:
    if text_of(result, "zipFile") is not None:
        return result
    code, text = text_of(result, "errorStatusCode"), text_of(result, "errorMessage")
    if code is None and text is None and answer_was_lost:
        return None
    raise OrgFault(code or text_of(result, "status") or "Failed", text or "no reason was given", request="the retrieve")


def _unpack(result: etree._Element, names: Sequence[Name]) -> Mapping[Name, etree._Element | str]:
    problems = index_problems(text_of(row, "problem") or "" for row in result.iterchildren(qualified("messages")))
    with _zip_is_sound():
        archive = zipfile.ZipFile(io.BytesIO(_take_zip(result)))
        wanted = {_place(kind.path(full_name)) for kind, full_name in names}
        entries = {_place(entry.filename): entry for entry in archive.infolist() if _place(entry.filename) in wanted}
        if sum(entry.file_size for entry in entries.values()) > UNPACKED_BYTES_AT_MOST:
            raise _nonsense(f"a package that unpacks to more than {UNPACKED_BYTES_AT_MOST:,} bytes")
        if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries.values()):
            raise _nonsense("a package that is packed in an unusual way")
        if any(entry.file_size > FILE_BYTES_AT_MOST for entry in entries.values()):
            raise _nonsense(f"a component of more than {FILE_BYTES_AT_MOST:,} bytes")
    found: dict[Name, etree._Element | str] = {}
    for name in names:  # one file at a time: all files of a large package together are tens of megabytes
        kind, full_name = name
        entry = entries.get(_place(kind.path(full_name)))
        with _zip_is_sound():
            content = archive.read(entry) if entry is not None else None
        found[name] = document_of(name, content, problems)
    return found


def _take_zip(result: etree._Element) -> bytes:
    """Return the zip, and remove its text from the result: of a large package, each copy has tens of megabytes."""
    text = text_of(result, "zipFile") or ""
    xml.remove(result, "zipFile")
    return binascii.a2b_base64(text)


@contextlib.contextmanager
def _zip_is_sound() -> Iterator[None]:
    """Raise :class:`UnreachableError` in place of each error that a damaged zip file causes."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise _nonsense(f"a package that is not a zip file ({error})") from error


def index_problems(problems: Iterable[str]) -> Mapping[str, list[str]]:
    """Return an org's messages by the names in them in single quotes."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        for name in set(problem.split("'")[1:-1]):
            found.setdefault(name, []).append(problem)
    return found


def document_of(name: Name, content: bytes | None, problems: Mapping[str, list[str]]) -> etree._Element | str:
    """Return the component's document, or why there is none: the org's message about it, else a sentence."""
    kind, full_name = name
    if content is not None:
        try:
            return as_document(kind, parse_xml(content))
        except etree.XMLSyntaxError as error:
            return f"the org's file is not XML ({error.msg})"
    spoken = (problem for problem in problems.get(full_name, ()) if kind.xml_name in problem.split("'"))
    return next(spoken, "the org lists it, but did not put it into the retrieved package")


def _place(path: str) -> str:
    """Return a path from the package's root, decoded: orgs percent-encode some names, in some places."""
    return unquote(path).removeprefix("unpackaged/")


def _nonsense(what: str) -> UnreachableError:
    return UnreachableError(
        f"The org answered with {what}.",
        next="Run the command again; -vv prints the requests and responses, without secrets.",
    )
