"""The routes of URLs to resources, and the checks before them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from provisioner.localorg import (
    app_credentials,
    chat,
    deploy_rest,
    deployment_setup,
    oauth,
    publishing,
    rest,
    sites,
    soap_service,
    sobjects,
    versions,
)
from provisioner.localorg.answers import (
    ApiProblem,
    Cut,
    Silence,
    Unavailable,
    html_page,
    json_answer,
    not_found,
    rest_refusal,
    unavailable,
)
from provisioner.localorg.org import Org
from provisioner.localorg.records import User
from provisioner.localorg.sessions import may_use_metadata, user_of, within_limits

_LIMIT = "TotalRequests Limit exceeded."
_Endpoint = Callable[[Request], Awaitable[Response]]


def routes() -> list[Route]:
    soap = "/services/Soap/m/{version}"
    return [
        Route("/services/oauth2/token", _open(oauth.token), methods=["GET", "POST", "PUT"]),
        Route("/services/oauth2/userinfo", _signed_in(oauth.user_info), methods=["GET", "POST"]),
        Route("/services/oauth2/revoke", _open(_revoke), methods=["GET", "POST"]),
        Route("/.well-known/openid-configuration", _open(_discovery)),
        Route("/id/{org_id}/{user_id}", _signed_in(oauth.identity)),
        Route("/services/data", _open(_versions)),
        Route("/services/data/", _open(_versions)),
        *_data("", _resources),
        *_data("/limits", _limits),
        *_data("/query", _query),
        *_data("/query/{cursor}", _next_page),
        *_data("/tooling/query", _tooling_query),
        *_data("/tooling/query/{cursor}", _next_tooling_page),
        *_data("/sobjects/MessagingChannel/{record_id}", _channel, "GET", "PATCH"),
        *_data("/connect/embeddedservice/embeddedserviceconfig/publish/{deployment_id}", _publish, "POST"),
        *_data("/connect/embeddedmessaging/deployment/setup", _set_up, "POST"),
        *_data("/connect/communities", _communities),
        *_data("/sobjects/{name}", _create, "POST"),
        *_data("/sobjects/{name}/describe", _describe),
        *_data("/sobjects/{name}/{record_id}", _record, "GET", "DELETE"),
        *_data("/apps/oauth/usage", _apps_in_use),
        *_data("/apps/oauth/credentials/{app_id}", _consumers),
        *_data("/apps/oauth/credentials/{app_id}/{consumer_id}", _consumer),
        *_data("/metadata/deployRequest", _submit, "POST"),
        *_data("/metadata/deployRequest/validatedDeployRequestId", _submit, "POST"),
        *_data("/metadata/deployRequest/{deployment_id}", _deployment, "GET", "PATCH"),
        Route(soap, _open(soap_service.serve), methods=["GET", "POST"]),
        Route(soap + "/{rest:path}", _open(soap_service.serve), methods=["GET", "POST"]),
        Route("/ESW{site}", _open(sites.page)),
        *chat.routes(),
    ]


def _open(endpoint: Callable[[Request, Org], Awaitable[Response]]) -> _Endpoint:
    """Return an endpoint that needs no session, or that reads it itself."""

    async def wrapped(request: Request) -> Response:
        return await endpoint(request, request.state.org)

    return wrapped


def _signed_in(endpoint: Callable[[Org, User], Response]) -> _Endpoint:
    async def wrapped(request: Request) -> Response:
        org = request.state.org
        return endpoint(org, user_of(org, _bearer(request)))

    return wrapped


def _data(
    path: str, endpoint: Callable[[Request, Org, User, int], Awaitable[Response]], *methods: str
) -> tuple[Route, Route]:
    """Return the routes below ``/services/data/vXX.0``, with checks of version and session, and a count of calls."""

    async def wrapped(request: Request) -> Response:
        org = request.state.org
        version = rest.version_of(org, request.path_params["version"])
        user = user_of(org, _bearer(request))
        within_limits(org, _LIMIT)
        response = await endpoint(request, org, user, version)
        response.headers["Sforce-Limit-Info"] = f"api-usage={org.store.tally('calls')}/{rest.DAILY_REQUESTS}"
        return response

    whole = "/services/data/{version}" + path
    allowed = list(methods or ("GET",))
    return Route(whole, wrapped, methods=allowed), Route(whole + "/", wrapped, methods=allowed)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else None


async def _versions(_request: Request, org: Org) -> Response:
    return json_answer(versions.listing(org.newest))


async def _discovery(_request: Request, org: Org) -> Response:
    return oauth.discovery(org)


async def _revoke(request: Request, org: Org) -> Response:
    async with request.form() as form:
        token = request.query_params.get("token") or form.get("token")
    if not isinstance(token, str) or org.store.session(token) is None:
        return json_answer({"error": "invalid_token", "error_description": "invalid token"}, 400)
    org.store.end_session(token)
    return Response(status_code=200)


async def _resources(_request: Request, _org: Org, _user: User, version: int) -> Response:
    return rest.resources(version)


async def _limits(_request: Request, org: Org, _user: User, _version: int) -> Response:
    return rest.limits(org)


async def _query(request: Request, org: Org, user: User, version: int) -> Response:
    return rest.query(request, org, user, version, tooling=False)


async def _tooling_query(request: Request, org: Org, user: User, version: int) -> Response:
    return rest.query(request, org, user, version, tooling=True)


async def _next_page(request: Request, org: Org, user: User, version: int) -> Response:
    return rest.next_page(org, user, version, request.path_params["cursor"], tooling=False)


async def _next_tooling_page(request: Request, org: Org, user: User, version: int) -> Response:
    return rest.next_page(org, user, version, request.path_params["cursor"], tooling=True)


async def _channel(request: Request, org: Org, user: User, version: int) -> Response:
    record_id = request.path_params["record_id"]
    if request.method == "PATCH":
        return await rest.change_channel(request, org, user, record_id)
    return rest.read_channel(org, record_id, version)


async def _publish(request: Request, org: Org, _user: User, version: int) -> Response:
    return publishing.publish(org, version, request.path_params["deployment_id"])


async def _set_up(request: Request, org: Org, user: User, version: int) -> Response:
    return await deployment_setup.set_up(request, org, user, version)


async def _communities(_request: Request, org: Org, _user: User, _version: int) -> Response:
    return sites.communities(org)


async def _create(request: Request, org: Org, user: User, _version: int) -> Response:
    return await sobjects.create(request, org, user)


async def _describe(request: Request, org: Org, user: User, _version: int) -> Response:
    return sobjects.describe(org, user, request.path_params["name"])


async def _record(request: Request, org: Org, user: User, version: int) -> Response:
    name, record_id = request.path_params["name"], request.path_params["record_id"]
    if request.method == "DELETE":
        return sobjects.delete(org, user, name, record_id)
    return sobjects.read(org, user, name, record_id, version)


async def _apps_in_use(_request: Request, org: Org, user: User, _version: int) -> Response:
    return app_credentials.usage(org, user)


async def _consumers(request: Request, org: Org, user: User, version: int) -> Response:
    return app_credentials.consumers(org, user, request.path_params["app_id"], version)


async def _consumer(request: Request, org: Org, user: User, _version: int) -> Response:
    part = request.query_params.get("part", "keyandsecret")
    return app_credentials.consumer(org, user, request.path_params["app_id"], request.path_params["consumer_id"], part)


async def _submit(request: Request, org: Org, user: User, _version: int) -> Response:
    may_use_metadata(org, user)
    return await deploy_rest.submit(request, org, user)


async def _deployment(request: Request, org: Org, user: User, _version: int) -> Response:
    may_use_metadata(org, user)
    deployment_id = request.path_params["deployment_id"]
    if request.method == "PATCH":
        return await deploy_rest.cancel(request, org, user, deployment_id)
    return deploy_rest.look(request, org, deployment_id)


async def _refused(_request: Request, problem: ApiProblem) -> Response:
    return rest_refusal(problem)


async def _unavailable(_request: Request, _problem: Unavailable) -> Response:
    return unavailable()


async def _no_such_resource(request: Request, _problem: Exception) -> Response:
    if request.url.path.startswith("/services/data/"):
        return rest_refusal(not_found())
    return html_page(404, "URL No Longer Exists", "You have attempted to reach a URL that no longer exists.")


async def _no_such_method(request: Request, _problem: Exception) -> Response:
    return rest_refusal(ApiProblem("METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed", 405))


async def _silent(_request: Request, _problem: Cut) -> Response:
    return Silence()


async def _broken(_request: Request, _problem: Exception) -> Response:
    return html_page(500, "Server Error", "An internal server error has occurred.")


HANDLERS: dict[Any, Any] = {
    ApiProblem: _refused,
    Cut: _silent,
    Exception: _broken,
    Unavailable: _unavailable,
    404: _no_such_resource,
    405: _no_such_method,
}
