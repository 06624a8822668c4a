"""The org as an ASGI application: every request passes one gate, then goes to the resource it asks for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from provisioner.localorg import deploy_rest, deploy_soap, metadata_api, oauth, rest, retrieving, soap, versions
from provisioner.localorg.answers import Cut, Problem, Unavailable, html_page, json_answer, rest_refusal, unavailable
from provisioner.localorg.jobs import Deployer
from provisioner.localorg.metadata_api import Context
from provisioner.localorg.org import Org
from provisioner.localorg.records import User
from provisioner.localorg.sessions import is_jwt, user_of
from provisioner.localorg.store import Store

#: The key in the ASGI scope's extensions under which the server leaves the way to cut a connection.
CUT = "provisioner.cut"
_JWT_IN_SOAP_SINCE = 68
_METADATA_REFUSED = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"
_log = logging.getLogger("provisioner.localorg")
_Scope = dict[str, Any]
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]
_Rest = Callable[[Request, Org, User, int], Awaitable[Response] | Response]


class Gate:
    """What happens to every request: delays, broken answers, the org's own clock, the log."""

    def __init__(self, database: Path) -> None:
        self._store = Store(database)
        self._deployer = Deployer(self._store)
        self._app = self._routes()

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        org = Org(self._store)
        scope.setdefault("state", {})["org"] = org
        status = 0

        async def watched(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                date = formatdate(org.now / 1000, usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", ()), (b"date", date)]}
            await send(message)

        await asyncio.sleep(org.faults.milliseconds("slow") / 1000)
        try:
            if org.faults.on("maintenance"):
                page = html_page(
                    503, "We are down for maintenance.", "Sorry for the inconvenience. We'll be back shortly."
                )
                await page(scope, receive, watched)
            elif org.faults.strike("server-error"):
                await html_page(500, "Server Error", "An internal server error has occurred.")(scope, receive, watched)
            else:
                await self._app(scope, receive, watched)
        except Cut:
            await _cut(scope, receive)
        _log.info(
            "%s %s %s %.0f ms", scope["method"], scope["path"], status or "cut", 1000 * (time.monotonic() - begun)
        )

    def _routes(self) -> Starlette:
        data = "/services/data/{version}"
        routes = [
            Route("/services/oauth2/token", _with_org(oauth.token), methods=["GET", "POST", "PUT"]),
            Route(
                "/services/oauth2/userinfo",
                _signed_in(lambda org, user: oauth.user_info(org, user)),
                methods=["GET", "POST"],
            ),
            Route("/services/oauth2/revoke", _with_org(_revoke), methods=["GET", "POST"]),
            Route("/.well-known/openid-configuration", _with_org(_discovery)),
            Route("/id/{org_id}/{user_id}", _signed_in(lambda org, user: oauth.identity(org, user))),
            Route("/services/data", _with_org(_versions)),
            Route("/services/data/", _with_org(_versions)),
            Route(data, _rest(lambda request, org, user, version: rest.resources(version))),
            Route(data + "/limits", _rest(lambda request, org, user, version: rest.limits(org.store.tally("calls")))),
            Route(
                data + "/query",
                _rest(lambda request, org, user, version: rest.query(request, org, version, tooling=False)),
            ),
            Route(
                data + "/tooling/query",
                _rest(lambda request, org, user, version: rest.query(request, org, version, tooling=True)),
            ),
            Route(data + "/sobjects/MessagingChannel/{record_id}", _rest(_channel), methods=["GET", "PATCH"]),
            Route(data + "/metadata/deployRequest", _rest(self._submit), methods=["POST"]),
            Route(data + "/metadata/deployRequest/validatedDeployRequestId", _rest(self._submit), methods=["POST"]),
            Route(data + "/metadata/deployRequest/{deployment_id}", _rest(_deployment), methods=["GET", "PATCH"]),
            Route("/services/Soap/m/{version}", _with_org(self._soap), methods=["GET", "POST"]),
            Route("/services/Soap/m/{version}/{rest:path}", _with_org(self._soap), methods=["GET", "POST"]),
        ]
        routes += [
            Route(route.path + "/", route.endpoint, methods=list(route.methods or ()))
            for route in routes
            if route.path.startswith(data)
        ]
        handlers: dict[Any, Any] = {
            Problem: _refused,
            Unavailable: _unavailable,
            404: _no_such_resource,
            405: _no_such_method,
        }
        return Starlette(routes=routes, exception_handlers=handlers, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        work = asyncio.create_task(self._deployer.work())
        try:
            yield
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            self._store.close()

    async def _submit(self, request: Request, org: Org, user: User, _version: int) -> Response:
        _may_use_metadata(org)
        return await deploy_rest.submit(request, org, user, self._deployer)

    async def _soap(self, request: Request, org: Org) -> Response:
        if request.method != "POST":
            return html_page(405, "Only POST allowed", "Only POST allowed")
        try:
            version = versions.parse(request.path_params["version"])
            if version is None or not versions.OLDEST <= version <= org.newest:
                raise Problem("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
            call = soap.read(await request.body())
            usable = not is_jwt(call.session_id or "") or version >= _JWT_IN_SOAP_SINCE
            user = user_of(org, call.session_id if usable else None)
            _limited(org, "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
            _may_use_metadata(org)
            return soap.answer(call.operation, self._operate(Context(org, user, version), call))
        except Problem as problem:
            return soap.fault(problem)

    def _operate(self, context: Context, call: soap.Call) -> list[Any]:
        with_deployer = {"deploy": deploy_soap.deploy, "deployRecentValidation": deploy_soap.deploy_recent_validation}
        if call.operation in with_deployer:
            return with_deployer[call.operation](context, call, self._deployer)
        operation = _OPERATIONS.get(call.operation)
        if operation is None:
            raise Problem(
                "UNKNOWN_EXCEPTION", f"No operation available for request {{{call.body.namespace}}}{call.operation}"
            )
        return operation(context, call)


_OPERATIONS: dict[str, metadata_api.Operation] = {
    "describeMetadata": metadata_api.describe,
    "listMetadata": metadata_api.list_metadata,
    "readMetadata": metadata_api.read,
    "createMetadata": metadata_api.save(creates=True, updates=False),
    "updateMetadata": metadata_api.save(creates=False, updates=True),
    "upsertMetadata": metadata_api.save(creates=True, updates=True),
    "deleteMetadata": metadata_api.delete,
    "renameMetadata": metadata_api.rename,
    "retrieve": retrieving.retrieve,
    "checkRetrieveStatus": retrieving.check,
    "checkDeployStatus": deploy_soap.check,
    "cancelDeploy": deploy_soap.cancel,
}


def _with_org(endpoint: Callable[[Request, Org], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def wrapped(request: Request) -> Response:
        return await endpoint(request, request.state.org)

    return wrapped


def _signed_in(endpoint: Callable[[Org, User], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def wrapped(request: Request) -> Response:
        org = request.state.org
        return endpoint(org, user_of(org, _bearer(request)))

    return wrapped


def _rest(endpoint: _Rest) -> Callable[[Request], Awaitable[Response]]:
    """A resource below ``/services/data/vXX.0``: version and session are checked, the call is counted."""

    async def wrapped(request: Request) -> Response:
        org = request.state.org
        version = rest.version_of(org, request.path_params["version"])
        user = user_of(org, _bearer(request))
        _limited(org, "TotalRequests Limit exceeded.")
        answer = endpoint(request, org, user, version)
        response = answer if isinstance(answer, Response) else await answer
        response.headers["Sforce-Limit-Info"] = f"api-usage={org.store.tally('calls')}/{rest.DAILY_REQUESTS}"
        return response

    return wrapped


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else None


def _limited(org: Org, text: str) -> None:
    if org.faults.strike("request-limit"):
        raise Problem("REQUEST_LIMIT_EXCEEDED", text, 403)


def _may_use_metadata(org: Org) -> None:
    if org.faults.on("metadata-permission-missing"):
        raise Problem("INSUFFICIENT_ACCESS", _METADATA_REFUSED, 403)


async def _channel(request: Request, org: Org, user: User, version: int) -> Response:
    record_id = request.path_params["record_id"]
    if request.method == "PATCH":
        return await rest.change_channel(request, org, user, record_id)
    return rest.read_channel(org, record_id, version)


async def _deployment(request: Request, org: Org, user: User, _version: int) -> Response:
    _may_use_metadata(org)
    deployment_id = request.path_params["deployment_id"]
    if request.method == "PATCH":
        return await deploy_rest.cancel(request, org, user, deployment_id)
    return deploy_rest.look(request, org, deployment_id)


async def _versions(_request: Request, org: Org) -> Response:
    return json_answer(versions.listing(org.newest))


async def _discovery(_request: Request, org: Org) -> Response:
    return oauth.discovery(org)


async def _revoke(request: Request, org: Org) -> Response:
    token = request.query_params.get("token") or (await request.form()).get("token")
    if not isinstance(token, str) or org.store.session(token) is None:
        return json_answer({"error": "invalid_token", "error_description": "invalid token"}, 400)
    org.store.end_session(token)
    return Response(status_code=200)


async def _refused(_request: Request, problem: Problem) -> Response:
    return rest_refusal(problem)


async def _unavailable(_request: Request, _problem: Unavailable) -> Response:
    return unavailable()


async def _no_such_resource(request: Request, _problem: Exception) -> Response:
    if request.url.path.startswith("/services/data/"):
        return rest_refusal(rest.not_found())
    return html_page(404, "URL No Longer Exists", "You have attempted to reach a URL that no longer exists.")


async def _no_such_method(request: Request, _problem: Exception) -> Response:
    return rest_refusal(Problem("METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed", 405))


async def _cut(scope: _Scope, receive: _Receive) -> None:
    """Drop the connection, and wait until the server has seen it go."""
    scope["extensions"][CUT]()
    while (await receive())["type"] != "http.disconnect":
        pass
