"""The org: login, reading, deploying. Only this package talks to Salesforce; its interface is :class:`Org`.

The import of this package is cheap; each name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provisioner.salesforce.api_errors import OrgFault
    from provisioner.salesforce.client import Org
    from provisioner.salesforce.clock import Clock
    from provisioner.salesforce.deploy import DeployUnsettled, RecentDeploy, keys_of
    from provisioner.salesforce.deploy_status import DeployProblem, DeployStatus, DeploySuccess
    from provisioner.salesforce.login import Session
    from provisioner.salesforce.read_org import Scope
    from provisioner.salesforce.settings import Access, LoginSettings, SfSettings, TokenSettings

_HOMES = {
    "Access": "settings",
    "Clock": "clock",
    "DeployProblem": "deploy_status",
    "DeployStatus": "deploy_status",
    "DeploySuccess": "deploy_status",
    "DeployUnsettled": "deploy",
    "LoginSettings": "settings",
    "Org": "client",
    "OrgFault": "api_errors",
    "RecentDeploy": "deploy",
    "Session": "login",
    "SfSettings": "settings",
    "TokenSettings": "settings",
    "Scope": "read_org",
    "keys_of": "deploy",
}
__all__ = [
    "Access",
    "Clock",
    "DeployProblem",
    "DeployStatus",
    "DeploySuccess",
    "DeployUnsettled",
    "LoginSettings",
    "Org",
    "OrgFault",
    "RecentDeploy",
    "Scope",
    "Session",
    "SfSettings",
    "TokenSettings",
    "keys_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
