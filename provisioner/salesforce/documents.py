"""Components as documents: the same shape from readMetadata and from a retrieved package."""

from __future__ import annotations

from copy import copy
from urllib.parse import unquote

from lxml import etree

from provisioner.components.metadata import qualified
from provisioner.components.xml import new_component
from provisioner.model.types import MetadataType
from provisioner.secrets import redactor

_FULL_NAME, _CONSUMER_SECRET = qualified("fullName"), qualified("consumerSecret")


def as_document(kind: MetadataType, node: etree._Element) -> etree._Element:
    """Return a root as in a package's file: the type's name, no ``fullName``, no ``xsi:type``, no indentation.

    ``node`` is a ``records`` element or a file's root, and stays unchanged. All other elements are kept, in order,
    except consumer secrets.
    """
    root = new_component(kind)
    root.extend([copy(child) for child in node if child.tag != _FULL_NAME])  # lxml's copies are deep
    _drop_secrets(root)
    for inner in root.iter():
        if len(inner):
            inner.text = _unless_blank(inner.text)
        inner.tail = _unless_blank(inner.tail)
    etree.cleanup_namespaces(root)
    return root


def _drop_secrets(root: etree._Element) -> None:
    """Remove consumer secrets: no command needs one, so none may reach a plan, a journal or a file."""
    for secret in list(root.iter(_CONSUMER_SECRET)):
        redactor.keep((secret.text or "").strip())
        parent = secret.getparent()
        assert parent is not None  # the root is a component
        parent.remove(secret)


def decoded(full_name: str) -> str:
    """Return a full name for comparison: the org percent-encodes some of them in some places."""
    return unquote(full_name)


def _unless_blank(text: str | None) -> str | None:
    return text if text and text.strip() else None
