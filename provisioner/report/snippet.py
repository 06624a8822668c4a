"""The code that opens a deployment in a page or an app."""

from __future__ import annotations

import json

from provisioner.model.estate import DeploymentType
from provisioner.report.document import Block, Code, heading, line
from provisioner.report.json import FORMAT_VERSION, Json
from provisioner.salesforce.snippet import Snippet, setup_page

_WEB = """\
<!-- {reservation} -->
<script>
  function initEmbeddedMessaging() {{
    embeddedservice_bootstrap.settings.language = "en_US";
    embeddedservice_bootstrap.init("{org_id}", "{deployment}", "{site_url}", {{scrt2URL: "{chat_url}"}});
  }}
</script>
<script src="{site_url}/assets/js/bootstrap.min.js" onload="initEmbeddedMessaging()"></script>"""


def reservation(snippet: Snippet) -> str:
    """Return the sentence that names the authoritative code."""
    return f"Put together by provisioner. If it differs from the code in {setup_page(snippet.deployment)}, use that."


def settings(snippet: Snippet) -> dict[str, str] | None:
    """Return the settings file of an app or a custom client; None for a web page."""
    if snippet.kind is DeploymentType.WEB:
        return None
    return {"OrganizationId": snippet.org_id, "DeveloperName": snippet.deployment, "Url": snippet.chat_url}


def snippet_code(snippet: Snippet) -> str:
    """Return the code to copy: HTML for a web page, JSON for an app or a custom client."""
    found = settings(snippet)
    if found is not None:
        return json.dumps(found, indent=2)
    return _WEB.format(
        reservation=reservation(snippet),
        org_id=snippet.org_id,
        deployment=snippet.deployment,
        site_url=snippet.site_url,
        chat_url=snippet.chat_url,
    )


def snippet_view(snippet: Snippet) -> list[Block]:
    """Return the code under a heading."""
    language = "html" if snippet.kind is DeploymentType.WEB else "json"
    return [
        heading(f"Code for {snippet.deployment} in {snippet.environment}"),
        line(reservation(snippet)),
        Code(tuple(snippet_code(snippet).splitlines()), language),
    ]


def snippet_json(snippet: Snippet) -> Json:
    """Return ``settings``, null for a web page, and ``code``, the text of the other formats."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": snippet.environment,
        "deployment": snippet.deployment,
        "type": snippet.kind.value,
        "org_id": snippet.org_id,
        "chat_url": snippet.chat_url,
        "site_url": snippet.site_url,
        "settings": settings(snippet),
        "code": snippet_code(snippet),
        "reservation": reservation(snippet),
    }
