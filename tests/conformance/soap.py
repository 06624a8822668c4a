"""Reading an org's metadata with nothing but requests and PyJWT, from the Metadata API Developer Guide alone."""

from __future__ import annotations

import time

import jwt
import requests
from lxml import etree

from tests.conformance.material import API_VERSION, NAMESPACE
from tests.conformance.product import LocalOrg

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{namespace}">
<s:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader></s:Header>
<s:Body><readMetadata><type>{kind}</type><fullNames>{name}</fullNames></readMetadata></s:Body></s:Envelope>"""


def http(org: LocalOrg) -> requests.Session:
    """Trusts the org's CA, and takes nothing from the machine's environment."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(org.ca_bundle)
    return session


def session_id(org: LocalOrg) -> str:
    """Log in by JWT bearer (RFC 7523)."""
    claims = {"iss": org.consumer_key, "sub": org.username, "aud": org.url, "exp": int(time.time()) + 180}
    assertion = jwt.encode(claims, org.private_key_file.read_text(encoding="utf-8"), algorithm="RS256")
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    answer = http(org).post(f"{org.url}/services/oauth2/token", data=grant, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def read(org: LocalOrg, kind: str, name: str) -> dict[str, str]:
    """A component's own elements with text, by name."""
    envelope = ENVELOPE.format(namespace=NAMESPACE, session=session_id(org), kind=kind, name=name)
    answer = http(org).post(
        f"{org.url}/services/Soap/m/{API_VERSION}",
        data=envelope.encode(),
        headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'},
        timeout=30,
    )
    answer.raise_for_status()
    (record,) = etree.fromstring(answer.content).iter(f"{{{NAMESPACE}}}records")
    return {etree.QName(element).localname: element.text or "" for element in record if not len(element)}
