"""Clues from the network path to the host: names, certificates, proxies, pages, clocks."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnosis.cases import For, Mark
from provisioner.diagnosis.login.evidence import LoginEvidence, NetworkSeen
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce.hosts import host_of

#: A clock with a smaller error, in seconds, is right.
SKEW_SECONDS = 60
_NETWORK_CAUSES = {"host-not-found": 99, "tls-untrusted": 98, "proxy": 97}


def clue(evidence: LoginEvidence) -> Iterator[Mark]:
    network = evidence.network
    if network is None:
        return
    yield from _failure(network)
    if network.refused is not None and not evidence.configured.problems:
        yield For("not-a-login-host", 80, network.refused, proof=True)
    yield from _page(network)
    yield from _other_org(evidence, network)
    if network.skew is not None and abs(network.skew) > SKEW_SECONDS:
        yield For("clock-skew", 5, skew_words(network.skew))


def skew_words(skew: float) -> str:
    """Return the difference between our clock and the host's, and whether it looks like a time zone."""
    minutes = round(abs(skew) / 60)
    far = f"{minutes} minutes" if minutes >= 3 else f"{abs(skew):.0f} seconds"
    half_hours = abs(skew) / 1800
    zone = half_hours >= 0.9 and abs(half_hours - round(half_hours)) < 0.04
    return f"This machine's clock is {far} {'behind' if skew > 0 else 'ahead of'} the host's (its Date header)." + (
        " A whole number of half hours: that is rather a wrong time zone than a wrong clock." if zone else ""
    )


def _failure(network: NetworkSeen) -> Iterator[Mark]:
    failure = network.failure
    if failure is None:
        return
    if failure.code in _NETWORK_CAUSES:
        issuer = f" The certificate was issued by {network.tls_issuer}." if network.tls_issuer else ""
        words = f"{failure.words}{issuer}"
        yield For(failure.code, _NETWORK_CAUSES[failure.code], words, proof=True, remedy=failure.remedy)
        return
    if network.proxy:
        yield For("proxy", 40, f"{failure.words} The way there is the proxy {network.proxy}.")
    else:
        yield For("proxy", 30, f"{failure.words} The name resolves; a device on the network path may drop connections.")
    yield For("transient", 20, failure.words)


def _page(network: NetworkSeen) -> Iterator[Mark]:
    """Yield marks if a web page answered in place of the list of API versions."""
    if network.page is None or network.failure is not None:
        return
    said = f"{network.host} answers /services/data with {network.page}, not with its API versions."
    if network.status == 407:
        yield For("proxy", 97, said, proof=True)
    elif network.status in (502, 503) or "maintenance" in network.page.lower():
        yield For("maintenance", 30, said)
    elif (network.status or 0) < 500:
        yield For("not-a-login-host", 30, said)


def _other_org(evidence: LoginEvidence, network: NetworkSeen) -> Iterator[Mark]:
    """Yield marks if an org's own address calls itself a generic login host."""
    if network.issuer is None or evidence.answer is None:
        return
    issuer = host_kind(host_of(network.issuer))[0]
    if issuer in (HostKind.LOGIN, HostKind.TEST) and evidence.configured.host_kind not in (
        HostKind.LOGIN,
        HostKind.TEST,
    ):
        yield For(
            "wrong-login-host",
            48,
            f"{network.host} calls itself {network.issuer} (its discovery document): it is no org's own address.",
        )
