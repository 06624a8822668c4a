"""The SOAP side of the Metadata API: envelopes built as trees, answers parsed as trees, faults as exceptions.

Source: Metadata API Developer Guide; SOAP 1.1, document/literal, namespace ``http://soap.sforce.com/2006/04/metadata``.
"""

from __future__ import annotations

import requests
from lxml import etree

from provisioner.components.metadata import NSMAP, qualified
from provisioner.components.xml import name_of
from provisioner.errors import UnreachableError
from provisioner.salesforce.api_errors import AttemptFailed, not_understood, org_says_no, redirected
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.hosts import host_of
from provisioner.salesforce.login import Session
from provisioner.salesforce.retries import RetryPolicy

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: The limit of tags and attributes of one document: a larger tree would take over 300 MB. 200,000 listed names have
#: fewer.
TAGS_AT_MOST = 1_300_000
#: No document of an org is nested so deeply; a deeper one would exhaust any recursive code.
DEEPEST = 100
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEEPEST + 1)})")
#: The text of an element whose content is a package.
ZIP_PLACE = "the package in base64"
_HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}


def parse_xml(text: bytes) -> etree._Element:
    """Return the root of an untrusted document: no entities, no network, at most :data:`TAGS_AT_MOST` tags.

    Raises ``etree.XMLSyntaxError``.
    """
    if text.count(b"<") + text.count(b"=") > TAGS_AT_MOST:
        raise _not_xml(f"it has more than {TAGS_AT_MOST:,} elements and attributes")
    root = etree.fromstring(text, _PARSER)
    if _TOO_DEEP(root):
        raise _not_xml(f"elements are nested more than {DEEPEST} levels deep")
    if root.nsmap == NSMAP and text.count(b"xmlns") == 1:
        return root  # a component's file has no other namespace, and a large org has thousands
    for namespace in _namespaces(root):
        try:
            etree.Element(f"{{{namespace}}}x")
        except ValueError:
            raise _not_xml("a namespace is not a URI") from None
    return root


def _namespaces(root: etree._Element) -> set[str]:
    """Return the namespaces of all elements and attributes: a parser admits some that a writer refuses."""
    names = set()
    for each in root.iter("*"):
        names.add(str(each.tag))
        if each.attrib:
            names.update(str(name) for name in each.attrib)
    return {name[1:].partition("}")[0] for name in names if name.startswith("{")}


def _not_xml(why: str) -> etree.XMLSyntaxError:
    return etree.XMLSyntaxError(why, 0, 0, 0)  # type: ignore[call-arg, arg-type]


def element(name: str, *children: etree._Element, text: str | None = None) -> etree._Element:
    """Return an element of the metadata namespace."""
    made = etree.Element(qualified(name), nsmap=NSMAP)
    made.text = text
    made.extend(children)
    return made


class Soap:
    """The Metadata API at one version."""

    def __init__(self, connection: Connection, api_version: str) -> None:
        self._connection = connection
        self.api_version = api_version

    def call(self, operation: etree._Element, *, patience: RetryPolicy | None = None) -> list[etree._Element]:
        """Return the ``result`` elements of the operation's answer, none if it is empty.

        Raises :class:`OrgFault` if the org refuses, and :class:`UnreachableError`.
        """
        return self._connection.call(lambda http, session: self.send_once(operation, http, session), patience=patience)

    def send_once(
        self, operation: etree._Element, http: requests.Session, session: Session, zipped: bytes = b""
    ) -> list[etree._Element]:
        """Make one attempt. ``zipped`` is base64, which takes the place of :data:`ZIP_PLACE` in the operation.

        Raises :class:`AttemptFailed` (``lost`` if the org may have acted) and :class:`OrgFault`.
        """
        response = http.post(
            f"{session.instance_url}/services/Soap/m/{self.api_version}",
            data=_envelope(operation, session.access_token.reveal(), zipped),
            headers=_HEADERS,
        )
        return _understand(response, etree.QName(operation).localname)


def _envelope(operation: etree._Element, session_id: str, zipped: bytes) -> bytes:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soapenv": ENVELOPE, "xsi": XSI})
    header = etree.SubElement(envelope, f"{{{ENVELOPE}}}Header")
    header.append(element("CallOptions", element("client", text="provisioner")))
    header.append(element("SessionHeader", element("sessionId", text=session_id)))
    body = etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")
    body.append(operation)
    whole = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    body.remove(operation)  # it may be sent again
    # A tree with a large package, and its text, would be two more copies of tens of megabytes.
    before, _, after = whole.rpartition(ZIP_PLACE.encode()) if zipped else (whole, b"", b"")
    return b"".join((before, zipped, after))


def _understand(response: requests.Response, operation: str) -> list[etree._Element]:
    host, status, request = host_of(response.url), response.status_code, f"the call {operation}"
    try:
        body = next(child for child in parse_xml(response.content) if name_of(child) == "Body")
        answer = body[0]
    except (etree.XMLSyntaxError, StopIteration, IndexError):
        if 300 <= status < 400:
            raise redirected(host, status, response.headers.get("Location", ""), request=request) from None
        raise not_understood(host, status, response.text, request=request) from None
    if name_of(answer) == "Fault":
        raise _fault(answer, host, request)
    if status != 200 or name_of(answer) != f"{operation}Response":
        raise not_understood(host, status, response.text, request=request)
    return [child for child in answer if name_of(child) == "result"]


def _fault(fault: etree._Element, host: str, request: str) -> Exception:
    """Return the exception for a fault.

    ``faultcode`` is ``sf:CODE`` and ``faultstring`` repeats the code; other prefixes are the web server's own.
    """
    words = {name_of(child): (child.text or "").strip() for child in fault}
    prefix, _, code = words.get("faultcode", "").rpartition(":")
    text = words.get("faultstring", "").removeprefix(f"{code}: ")
    if prefix.lower().startswith("soap") and code == "Server":
        failure = UnreachableError(f"{host} failed at {request}: {text}", next="Run the command again in a minute.")
        return AttemptFailed(failure, lost=True)
    return org_says_no(code or "UNKNOWN", text, request=request)
