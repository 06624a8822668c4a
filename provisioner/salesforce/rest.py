"""Queries and records, by simple-salesforce over our own transport."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeGuard, TypeVar
from urllib.parse import urlsplit

import requests

from provisioner.errors import ProvisionerError, UnreachableError
from provisioner.model.ids import require_id
from provisioner.salesforce.api_errors import AttemptFailed, OrgFault, not_understood, org_says_no, redirected
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.login import Session
from provisioner.salesforce.retries import ONE_ATTEMPT, RetryPolicy
from provisioner.salesforce.simple import Salesforce, SalesforceError

T = TypeVar("T")
#: A page holds 200 records or more, and no org has 100,000 channels.
PAGES_AT_MOST = 500
Page = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unsent:
    """A request that never reached the org, and why."""

    why: ProvisionerError


class Rest:
    """The REST API at one version."""

    def __init__(self, connection: Connection, api_version: str) -> None:
        self._connection = connection
        self._version = api_version

    def query(self, soql: str, *, tooling: bool = False, patience: RetryPolicy | None = None) -> list[dict[str, Any]]:
        """Return all records, page by page, without their ``attributes``.

        Raises :class:`OrgFault` if the org refuses, :class:`UnreachableError` if its answer is missing or unusable.
        """
        request = f"the query {soql!r}"
        page = self._page(request, partial(_first_page, soql=soql, tooling=tooling), patience)
        records, asked = list(page["records"]), set[str]()
        while not page.get("done", True):
            following = page["nextRecordsUrl"]
            if following in asked:
                raise UnreachableError(
                    f"The org answered {request} with the same page again and again.", next="Run the command again."
                )
            asked.add(following)
            if len(asked) >= PAGES_AT_MOST:
                raise UnreachableError(
                    f"The org answered {request} with more than {PAGES_AT_MOST} pages.",
                    next="Check any proxy between this machine and Salesforce; -vv shows the answers.",
                )
            page = self._page(request, partial(_next_page, url=following), patience)
            records += page["records"]
        return [{name: value for name, value in record.items() if name != "attributes"} for record in records]

    def calls_left(self) -> int:
        """Return the number of API calls that remain today. Raises as :meth:`query` does."""
        request = "the question for its limits"

        def understood(org: Salesforce) -> int:
            limits = org.limits()
            try:
                return int(limits["DailyApiRequests"]["Remaining"])
            except (KeyError, TypeError, ValueError):
                raise not_understood(str(org.sf_instance), 200, str(limits), request=request) from None

        return self._call(request, understood, None)

    def update(self, sobject: str, record_id: str, values: dict[str, Any]) -> None:
        """Set fields of one record; a repetition does no harm, so it is tried again like any other request."""
        require_id(record_id, "", f"a record of {sobject}")

        def change(org: Salesforce) -> object:
            return getattr(org, sobject).update(record_id, values)

        self._call(f"the change of {sobject} {record_id}", change, None)

    def get(self, path: str, **params: str) -> Any:
        """Return the JSON at a path below the version, such as ``apps/oauth/usage``. Raises :class:`OrgFault`."""
        return self._call(f"the request for {path}", lambda org: org.restful(path, params=params or None), None)

    def create(self, sobject: str, values: dict[str, Any]) -> None:
        """Create a record. If the answer is lost it is tried again, so a duplicate counts as created.

        Only for objects that allow a combination of ``values`` once. Raises :class:`OrgFault`.
        """

        def make(org: Salesforce) -> object:
            return getattr(org, sobject).create(values)

        try:
            self._call(f"the creation of {sobject}", make, None)
        except OrgFault as fault:
            if fault.fault_code != "DUPLICATE_VALUE":
                raise

    def post(self, path: str) -> dict[str, Any]:
        """Send an empty request to an idempotent resource; return the answer's object."""

        def send(org: Salesforce) -> dict[str, Any]:
            answer = org.restful(path, method="POST", json={})
            if not isinstance(answer, dict):
                raise not_understood(str(org.sf_instance), 200, str(answer), request=f"the request to {path}")
            return answer

        return self._call(f"the request to {path}", send, None)

    def post_once(self, path: str, values: dict[str, Any]) -> dict[str, Any] | Unsent:
        """Send a request that must not be carried out twice; the answer's object, or that it certainly never left.

        Raises :class:`OrgFault` and :class:`UnreachableError`; after them only a look tells if it was carried out.
        """

        def send(org: Salesforce) -> dict[str, Any] | Unsent:
            try:
                answer = org.restful(path, method="POST", json=values)
            except AttemptFailed as failed:  # of the network: an answer of the org is a SalesforceError
                if failed.lost:
                    raise
                return Unsent(failed.verdict)
            if not isinstance(answer, dict):
                raise not_understood(str(org.sf_instance), 200, str(answer), request=f"the request to {path}")
            return answer

        return self._call(f"the request to {path}", send, ONE_ATTEMPT)

    def _page(self, request: str, ask: Callable[[Salesforce], Any], patience: RetryPolicy | None) -> Page:
        def understood(org: Salesforce) -> Page:
            page = ask(org)
            if not _is_page(page):
                raise not_understood(str(org.sf_instance), 200, str(page), request=request)
            return page

        return self._call(request, understood, patience)

    def _call(self, request: str, use: Callable[[Salesforce], T], patience: RetryPolicy | None) -> T:
        def send(http: requests.Session, session: Session) -> T:
            host = urlsplit(session.instance_url).netloc
            org = Salesforce(
                session_id=session.access_token.reveal(), instance=host, version=self._version, session=http
            )
            try:
                return use(org)
            except SalesforceError as error:
                raise _meaning(error, host, request) from error
            except (ValueError, RecursionError) as error:  # not JSON, or too deeply nested
                raise not_understood(host, 200, getattr(error, "doc", "JSON"), request=request) from error

        return self._connection.call(send, patience=patience)


def _is_page(page: Any) -> TypeGuard[Page]:
    """Return whether it is a page of records; the address of a following page must be a path of this org."""
    if not isinstance(page, dict) or not isinstance(page.get("records"), list):
        return False
    following = page.get("nextRecordsUrl")
    leads_on = isinstance(following, str) and following.startswith("/services/data/")
    return all(isinstance(each, dict) for each in page["records"]) and (leads_on or bool(page.get("done", True)))


def _first_page(org: Salesforce, *, soql: str, tooling: bool) -> Any:
    return org.toolingexecute("query", params={"q": soql}) if tooling else org.query(soql)


def _next_page(org: Salesforce, *, url: str) -> Any:
    return org.query_more(url, identifier_is_url=True)


def _meaning(error: SalesforceError, host: str, request: str) -> Exception:
    """Return the exception for an answer of the REST API: ``[{"errorCode": …, "message": …}]``, or another form."""
    content: Any = error.content
    first = content[0] if isinstance(content, list) and content else content
    if isinstance(first, dict) and first.get("errorCode"):
        meaning = org_says_no(str(first["errorCode"]), str(first.get("message") or ""), request=request)
        busy = error.status >= 500 or error.status == 429
        return AttemptFailed(meaning) if busy and isinstance(meaning, OrgFault) else meaning
    if 300 <= error.status < 400:
        return redirected(host, error.status, "", request=request)
    return not_understood(host, error.status, content if isinstance(content, str) else "", request=request)
