"""Connected apps and external client apps as metadata: consumer key, certificate, scopes.

Source: Metadata API Developer Guide, ConnectedApp, ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from provisioner.components.xml import name_of
from provisioner.errors import ProvisionerError
from provisioner.salesforce.soap import Soap, element

#: readMetadata takes ten names in one call, and no org has this many apps of its own.
_A_CALL = 10
_MOST_APPS = 50


def read_apps(soap: Soap) -> list[Mapping[str, Any]]:
    """Return the consumer keys, certificates and scopes of all apps.

    Keys: ``kind``, ``fullName``, ``label``, ``consumerKey``, ``certificate``, ``scopes`` (None: not known).

    Raises the error of the first kind of app if neither kind can be read.
    """
    found: list[Mapping[str, Any]] = []
    problems: list[ProvisionerError] = []
    for read in (_connected, _external):
        try:
            found += read(soap)
        except ProvisionerError as problem:
            problems.append(problem)
    if len(problems) == 2:
        raise problems[0]
    return found


def _connected(soap: Soap) -> list[Mapping[str, Any]]:
    apps: list[Mapping[str, Any]] = []
    for record in _records(soap, "ConnectedApp"):
        oauth = _child(record, "oauthConfig")
        apps.append(
            {
                "kind": "connected",
                "fullName": _text(record, "fullName"),
                "label": _text(record, "label"),
                "consumerKey": _text(oauth, "consumerKey"),
                "certificate": _text(oauth, "certificate"),
                "scopes": [(child.text or "") for child in oauth if name_of(child) == "scopes"]
                if oauth is not None
                else None,
            }
        )
    return apps


def _external(soap: Soap) -> list[Mapping[str, Any]]:
    records = _records(soap, "ExtlClntAppGlobalOauthSettings")
    scopes: dict[str | None, list[str]] = {}
    if records:
        try:
            for record in _records(soap, "ExtlClntAppOauthSettings"):
                listed = _text(record, "commaSeparatedOauthScopes")
                if listed is not None:
                    scopes[_text(record, "externalClientApplication")] = [each.strip() for each in listed.split(",")]
        except ProvisionerError:
            scopes = {}
    return [
        {
            "kind": "external",
            "fullName": _text(record, "externalClientApplication"),
            "label": _text(record, "label"),
            "consumerKey": _text(record, "consumerKey"),
            "certificate": _text(record, "certificate"),
            "scopes": scopes.get(_text(record, "externalClientApplication")),
        }
        for record in records
    ]


def _records(soap: Soap, kind: str) -> list[etree._Element]:
    listed = soap.call(
        element(
            "listMetadata",
            element("queries", element("type", text=kind)),
            element("asOfVersion", text=soap.api_version),
        )
    )
    names = [name for each in listed if (name := _text(each, "fullName"))][:_MOST_APPS]
    records: list[etree._Element] = []
    for start in range(0, len(names), _A_CALL):
        wanted = [element("fullNames", text=name) for name in names[start : start + _A_CALL]]
        results = soap.call(element("readMetadata", element("type", text=kind), *wanted))
        records += [child for result in results for child in result if name_of(child) == "records"]
    return [record for record in records if _text(record, "fullName")]


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return next((child for child in parent if name_of(child) == name), None) if parent is not None else None


def _text(parent: etree._Element | None, name: str) -> str | None:
    child = _child(parent, name)
    return child.text if child is not None and child.text else None
