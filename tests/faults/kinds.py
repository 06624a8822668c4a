"""The faults that a request can meet.

The errors are those of requests itself. :func:`provisioner.salesforce.network.explain` tells by their classes whether a
request can have arrived. The bodies are those of an org, of a gateway in front of it, and of nobody.
"""

from __future__ import annotations

import http.client
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError
from urllib3.response import HTTPResponse

from tests.faults.wire import Meddle, Send

SOAP_CODES = (
    "UNABLE_TO_LOCK_ROW", "ALREADY_IN_PROCESS", "INVALID_SESSION_ID", "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED",
    "INVALID_CROSS_REFERENCE_KEY", "UNKNOWN_EXCEPTION",
)  # fmt: skip
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="http://soap.sforce.com/2006/04/metadata">'
    "<soapenv:Body><soapenv:Fault><faultcode>sf:{0}</faultcode><faultstring>{0}: Injected.</faultstring>"
    "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """``lasts``: it can also stay, from that request on. ``served``: the org carried the request out all the same."""

    name: str
    meddle: Meddle
    lasts: bool = False
    served: bool = False


def _refused(request: requests.PreparedRequest, send: Send, times: int) -> NoReturn:
    reason = NewConnectionError(None, "Failed to establish a new connection: [Errno 111] Connection refused")  # type: ignore[arg-type]
    raise requests.ConnectionError(MaxRetryError(None, str(request.url), reason), request=request)  # type: ignore[arg-type]


def _broken(request: requests.PreparedRequest) -> requests.ConnectionError:
    ended = http.client.RemoteDisconnected("Remote end closed connection without response")
    return requests.ConnectionError(ProtocolError("Connection aborted.", ended), request=request)


def _dropped_before(request: requests.PreparedRequest, send: Send, times: int) -> NoReturn:
    raise _broken(request)


def _dropped_after(request: requests.PreparedRequest, send: Send, times: int) -> NoReturn:
    send()
    raise _broken(request)


def _stalled_before(request: requests.PreparedRequest, send: Send, times: int) -> NoReturn:
    raise requests.ReadTimeout("Read timed out.", request=request)


def _stalled_after(request: requests.PreparedRequest, send: Send, times: int) -> NoReturn:
    send()
    raise requests.ReadTimeout("Read timed out.", request=request)


def _answer(request: requests.PreparedRequest, status: int, body: bytes, content_type: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer.url = str(request.url)
    answer.request = request
    answer.headers["Content-Type"] = content_type
    answer.raw = HTTPResponse(io.BytesIO(body), status=status, preload_content=False)
    return answer


def _status(status: int, title: str) -> Meddle:
    def meddle(request: requests.PreparedRequest, send: Send, times: int) -> requests.Response:
        return _answer(request, status, _PAGE.format(f"{status} {title}").encode(), "text/html")

    return meddle


def _served_then(status: int, title: str) -> Meddle:
    def meddle(request: requests.PreparedRequest, send: Send, times: int) -> requests.Response:
        send()
        return _status(status, title)(request, send, times)

    return meddle


def _code(code: str, status: int, request: requests.PreparedRequest, send: Send, times: int) -> requests.Response:
    """The org's own no, as the API in question writes it."""
    url = str(request.url)
    if "/services/Soap/" in url:
        return _answer(request, 500 if status != 403 else 403, _FAULT.format(code).encode(), "text/xml")
    if url.endswith("/oauth2/token"):
        body: object = {"error": "unknown_error" if status >= 500 else "invalid_request", "error_description": code}
        return _answer(request, 400 if status < 500 else 500, json.dumps(body).encode(), "application/json")
    body = [{"errorCode": code, "message": "Injected."}]
    status = 401 if code == "INVALID_SESSION_ID" else status
    return _answer(request, status, json.dumps(body).encode(), "application/json")


def _truncated(request: requests.PreparedRequest, send: Send, times: int) -> requests.Response:
    whole = send()
    return _answer(
        request, whole.status_code, whole.content[: len(whole.content) // 2], whole.headers.get("Content-Type", "")
    )


def _cut(request: requests.PreparedRequest, send: Send, times: int) -> NoReturn:
    send()
    partial_read = http.client.IncompleteRead(b"x" * 10, 90)
    raise requests.exceptions.ChunkedEncodingError(ProtocolError("Connection broken", partial_read), request=request)


def _garbage(body: bytes) -> Callable[[requests.PreparedRequest, Send, int], requests.Response]:
    def meddle(request: requests.PreparedRequest, send: Send, times: int) -> requests.Response:
        send()
        return _answer(request, 200, body, "application/octet-stream")

    return meddle


FAULTS: tuple[Fault, ...] = (
    Fault("connection refused", _refused, lasts=True),
    Fault("dropped before it arrived", _dropped_before),
    Fault("dropped after it was served", _dropped_after, served=True),
    Fault("stalled before it arrived", _stalled_before, lasts=True),
    Fault("stalled after it was served", _stalled_after, served=True),
    Fault("429", _status(429, "Too Many Requests")),
    Fault("403 REQUEST_LIMIT_EXCEEDED", partial(_code, "REQUEST_LIMIT_EXCEEDED", 403), lasts=True),
    *(Fault(f"500 {code}", partial(_code, code, 500)) for code in SOAP_CODES),
    Fault("502 page", _status(502, "Bad Gateway")),
    Fault("503 page", _status(503, "Service Unavailable"), lasts=True),
    Fault("504 page after it was served", _served_then(504, "Gateway Timeout"), served=True),
    Fault("truncated answer", _truncated, served=True),
    Fault("connection cut in the answer", _cut, served=True),
    Fault("garbage for an answer", _garbage(b"\x00\xff\xfe garbage"), served=True),
    Fault("an empty answer", _garbage(b""), served=True),
    Fault("JSON of nobody for an answer", _garbage(b"[]"), served=True),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
