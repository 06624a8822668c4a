"""The SOAP envelope: parses requests, and wraps answers and faults."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from provisioner.localorg.answers import SESSION_ENDED, ApiProblem
from provisioner.localorg.xmltree import METADATA_NAMESPACE, Node, XmlProblem, compact, escape, parse

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'
_ILLEGAL_SESSION = "Invalid Session ID found in SessionHeader: Illegal Session"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation. ``body`` is its element; the children are the parameters."""

    operation: str
    body: Node
    session_id: str | None
    all_or_none: bool


def read(content: bytes) -> Call:
    """Return the call in an envelope; raises :class:`ApiProblem`.

    Namespaces and the SOAPAction header do not matter.
    """
    try:
        envelope = parse(content)
    except XmlProblem as problem:
        raise ApiProblem("UNKNOWN_EXCEPTION", f"Unable to parse the request: {problem.message}") from None
    body = envelope.find("Body")
    if envelope.name != "Envelope" or body is None or not body.children:
        raise ApiProblem("UNKNOWN_EXCEPTION", "No operation available for request")
    operation = body.children[0]
    session_id = envelope.value("Header", "SessionHeader", "sessionId")
    all_or_none = envelope.value("Header", "AllOrNoneHeader", "allOrNone")
    return Call(operation.name, operation, (session_id or "").strip() or None, truth(all_or_none))


def truth(text: str | None) -> bool:
    """Return True for ``true``, ``True`` and ``1``; everything else is false."""
    return (text or "").strip().lower() in ("true", "1")


def answer(operation: str, results: list[Node]) -> Response:
    content = compact(Node(f"{operation}Response", children=results))
    text = (
        f'{_PROLOGUE}<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns="{METADATA_NAMESPACE}" xmlns:xsi="{_XSI}">'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )
    return Response(text, media_type="text/xml;charset=UTF-8")


def fault(problem: ApiProblem) -> Response:
    message = _ILLEGAL_SESSION if problem.code == SESSION_ENDED else problem.message
    text = (
        f'{_PROLOGUE}<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns:sf="{METADATA_NAMESPACE}" xmlns:xsi="{_XSI}">'
        f"<soapenv:Body><soapenv:Fault><faultcode>sf:{problem.code}</faultcode>"
        f"<faultstring>{problem.code}: {escape(message)}</faultstring></soapenv:Fault></soapenv:Body>"
        "</soapenv:Envelope>"
    )
    return Response(text, 500, media_type="text/xml;charset=UTF-8")
