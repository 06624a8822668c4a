"""The org: login, reading, deploying. The only room that talks to Salesforce; its door is :class:`Org`."""

from provisioner.org.client import Org
from provisioner.org.clock import Clock
from provisioner.org.deploy import DeployUnsettled, RecentDeploy, keys_of
from provisioner.org.deploy_status import DeployProblem, DeployStatus, DeploySuccess
from provisioner.org.faults import OrgFault
from provisioner.org.login import Session
from provisioner.org.observe import Wanted
from provisioner.org.settings import LoginSettings

__all__ = [
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
    "Wanted",
    "keys_of",
]
