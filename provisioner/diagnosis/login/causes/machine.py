"""Causes on this machine and on the network path to the org: the private key and the network."""

from __future__ import annotations

from provisioner.diagnosis.catalogue import Cause, Grade
from provisioner.diagnosis.login.causes.setup_paths import CLI_PAGE, JWT_FLOW

_INSPECT = "provisioner keys inspect FILE shows the kind of the key file and the next step."
_NEW_KEY = "provisioner keys generate --login NAME makes a new pair; upload its certificate to the app."

MACHINE_CAUSES = (
    Cause(
        "key-unreadable",
        "The private key cannot be used, so nothing was signed.",
        Grade.REPRODUCED,
        ("jsonwebtoken 9.0.3 and PyJWT 2.15 with each mistake",),
        fix=(_INSPECT,),
    ),
    Cause(
        "key-encrypted",
        "The private key is encrypted, and it could not be decrypted.",
        Grade.REPRODUCED,
        ("jsonwebtoken 9.0.3 and PyJWT 2.15",),
        fix=(
            _INSPECT,
            (
                "Set private_key_passphrase in {file}, as a reference; a client that has no such setting needs "
                "a decrypted copy: openssl pkey -in FILE -out COPY."
            ),
        ),
    ),
    Cause(
        "key-too-small",
        "The RSA key has fewer bits than Salesforce asks for.",
        Grade.DOCUMENTED,
        (JWT_FLOW,),
        fix=(_NEW_KEY,),
    ),
    Cause(
        "key-not-rsa",
        "The private key is not an RSA key, and Salesforce accepts only RS256.",
        Grade.DOCUMENTED,
        (JWT_FLOW,),
        fix=(_INSPECT, _NEW_KEY),
    ),
    Cause(
        "host-not-found",
        "The name of the host does not resolve.",
        Grade.OBSERVED,
        (CLI_PAGE,),
        fix=(
            (
                "Compare login_url in {file} with Setup > My Domain: a typing error, a deleted or refreshed "
                "sandbox, a My Domain that is still being made, or an old address that is no longer redirected."
            ),
            "If other names do not resolve either, it is this machine's name server.",
        ),
    ),
    Cause(
        "not-a-login-host",
        "The login URL is not that of a token endpoint: a Lightning address, a site, an instance, or something that "
        "is not Salesforce's.",
        Grade.OBSERVED,
        ("jsforce#1161", "jsforce#1352", "forcedotcom/cli#1257"),
        fix=(
            (
                "In {file}: login_url is https:// and the org's My Domain (Setup > My Domain), never a "
                "lightning.force.com, my.site.com or instance address, and nothing after the host."
            ),
        ),
    ),
    Cause(
        "tls-untrusted",
        "This machine does not trust the certificate that the host shows.",
        Grade.OBSERVED,
        (CLI_PAGE,),
        fix=(
            (
                "If a proxy of your company opens TLS: get its authority's certificate as PEM; add it to the operating "
                "system's trust store, or name it as ca_bundle in {file} (or in REQUESTS_CA_BUNDLE)."
            ),
            "If there should be no proxy: stop; another server may be answering.",
        ),
    ),
    Cause(
        "proxy",
        "A proxy between here and Salesforce blocks the request.",
        Grade.OBSERVED,
        (CLI_PAGE,),
        fix=(
            "Check HTTPS_PROXY (with 407: https_proxy=http://USER:PASSWORD@HOST:PORT) and NO_PROXY.",
            "curl -v {login_url}/services/data/ shows the same without this program.",
        ),
    ),
)
