"""simple-salesforce is loaded without the clients that this program does not use, and they still work."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys
from provisioner.salesforce.simple import Salesforce
print([name for name in ("zeep", "more_itertools", "simple_salesforce.metadata") if name in sys.modules])
org = Salesforce(session_id="x", instance="localhost")
print(type(org.mdapi).__module__, type(org.bulk2).__module__)
import simple_salesforce.metadata
print(type(org.mdapi) is simple_salesforce.metadata.SfdcMetadataApi)
"""
_LOADED_BEFORE = """
import simple_salesforce
from provisioner.salesforce.simple import Salesforce
print(Salesforce is simple_salesforce.Salesforce, simple_salesforce.api.SfdcMetadataApi.__module__)
"""


def lines(code: str) -> list[str]:
    """Return the output of a new interpreter."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_unused_clients_are_loaded_at_their_first_use() -> None:
    assert lines(_LOADED) == ["[]", "simple_salesforce.metadata simple_salesforce.bulk2", "True"]


def test_a_loaded_package_stays_as_it_is() -> None:
    assert lines(_LOADED_BEFORE) == ["True simple_salesforce.metadata"]
