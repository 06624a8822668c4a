"""Connected apps and external client apps as metadata: consumer key, certificate, scopes.

Source: Metadata API Developer Guide, ConnectedApp, ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from provisioner.components.login_app import is_consumer_key
from provisioner.components.xml import name_of
from provisioner.errors import ProvisionerError
from provisioner.salesforce.soap import Soap, element

#: readMetadata takes ten names in one call, and no org has this many apps of its own.
_A_CALL = 10
_MOST_APPS = 50


def read_apps(soap: Soap) -> list[Mapping[str, Any]]:
    """Return the consumer keys, certificates and scopes of all apps.

    Keys: ``kind``, ``fullName``, ``label``, ``consumerKey``, ``certificate``, ``scopes`` (None: not known). A row with
    the kind alone is for apps of this kind that could not be read, or that are too many.

    Raises the error of the first kind of app if neither kind can be read.
    """
    found: list[Mapping[str, Any]] = []
    problems: list[ProvisionerError] = []
    for kind, read in (("connected", _connected), ("external", _external)):
        try:
            rows = read(soap)
            found += rows
            if len(rows) >= _MOST_APPS:
                found.append({"kind": kind})
        except ProvisionerError as problem:
            problems.append(problem)
            found.append({"kind": kind})
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
                "consumerKey": _consumer_key(oauth),
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
            "consumerKey": _consumer_key(record),
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


def _consumer_key(parent: etree._Element | None) -> str | None:
    """Return the consumer key; None for a placeholder that an org may show in its place."""
    found = _text(parent, "consumerKey")
    return found if is_consumer_key(found) else None


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return next((child for child in parent if name_of(child) == name), None) if parent is not None else None


def _text(parent: etree._Element | None, name: str) -> str | None:
    child = _child(parent, name)
    return child.text if child is not None and child.text else None
