"""Answers of servers in the org's place: a proxy, a site, a server that is not an org."""

from __future__ import annotations

from starlette.responses import Response

from provisioner.localorg.answers import ELSEWHERE, html_page
from provisioner.localorg.org import Org


def other_server(org: Org, path: str) -> Response | None:
    """Return the answer of the server in the org's place; None if it is the org."""
    if org.faults.on("proxy"):
        page = html_page(407, "407 Proxy Authentication Required", "This proxy wants a user name and a password.")
        page.headers["Proxy-Authenticate"] = 'Basic realm="proxy"'
        return page
    if not org.faults.on("not-a-login-host"):
        return None
    match org.faults.argument("not-a-login-host"):
        case "page":
            return html_page(200, "Acme Shop", "Welcome to our shop.")
        case "only-post":
            return html_page(405, "Error 405 Only POST allowed", "Only POST allowed")
        case "empty":
            return Response(status_code=200)
        case _:
            return Response(status_code=302, headers={"Location": ELSEWHERE + path})
