"""The org: login, reading, deploying. The only room that talks to Salesforce; its door is :class:`Org`."""

from provisioner.salesforce.client import Org
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.deploy import DeployUnsettled, RecentDeploy, keys_of
from provisioner.salesforce.deploy_status import DeployProblem, DeployStatus, DeploySuccess
from provisioner.salesforce.faults import OrgFault
from provisioner.salesforce.login import Session
from provisioner.salesforce.observe import Wanted
from provisioner.salesforce.settings import Access, LoginSettings, SfSettings, TokenSettings

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
    "Session",
    "SfSettings",
    "TokenSettings",
    "Wanted",
    "keys_of",
]
