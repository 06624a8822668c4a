"""The values with which a page or an app opens a chat with a deployment.

Source: Salesforce's own skill text on code snippets. Setup shows the authoritative code of a deployment.
"""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.model.estate import DeploymentType


@dataclass(frozen=True, slots=True)
class Snippet:
    """The values of a snippet.

    ``org_id`` has 15 characters; ``site_url`` is the endpoint of a web deployment's site, None for the others.
    """

    environment: str
    deployment: str
    kind: DeploymentType
    org_id: str
    chat_url: str
    site_url: str | None = None


def setup_page(deployment: str) -> str:
    """Return the Setup page that shows the code of a deployment."""
    return f"Setup > Embedded Service Deployments > {deployment} > Install Code Snippet"
