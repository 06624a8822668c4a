"""The trusted authorities of a connection: one precedence for every request to an org.

``ca_bundle`` of the environment file, then REQUESTS_CA_BUNDLE, then CURL_CA_BUNDLE (as requests has them), then the
operating system's trust store. On Linux that store is OpenSSL's, which SSL_CERT_FILE and SSL_CERT_DIR name.

The rules of the running Python apply to a bundle, those of the operating system to its store.
"""

from __future__ import annotations

import os
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from provisioner.errors import InputError
from provisioner.files import UnreadableError, read_regular

#: In bytes; all public authorities take a quarter of a MiB.
LARGEST_BUNDLE = 16 * 1024 * 1024
#: Variables that name a bundle, the first that is set takes precedence; requests knows the same two.
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: Variables that name OpenSSL's store on a machine that is neither Windows nor macOS.
STORE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True)
class Trust:
    """The trusted authorities. ``named_by`` is the setting that names ``bundle``; both are None without one."""

    context: ssl.SSLContext
    bundle: Path | None = None
    named_by: str | None = None

    @property
    def words(self) -> str:
        """Return the authorities' name for messages."""
        if self.bundle is not None:
            return f"the CA bundle {self.bundle} ({self.named_by})"
        if sys.platform not in ("win32", "darwin"):
            named = [f"{name}={os.environ[name]}" for name in STORE_VARIABLES if os.environ.get(name)]
            if named:
                return f"the operating system's trust store ({', '.join(named)})"
        return "the operating system's trust store"


def choose_trust(ca_bundle: Path | None) -> Trust:
    """Return the trusted authorities. Raises :class:`InputError` if the bundle cannot be used."""
    bundle, named_by = _named_bundle(ca_bundle)
    return system_trust() if bundle is None else Trust(_bundle_context(bundle, named_by), bundle, named_by)


def system_trust() -> Trust:
    """Return the authorities of the operating system."""
    import truststore

    return Trust(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def endpoint_trusts(ca_bundle: Path | None) -> tuple[Trust, ...]:
    """Return the trusted authorities for a JWKS endpoint, in order; the first that accepts its certificate decides.

    The public ones, as Salesforce trusts them; then those of a configured bundle. Not the operating system's: its store
    may hold a company's own authorities, and Salesforce knows none of those. Raises :class:`InputError` if the bundle
    cannot be used.
    """
    public = Trust(ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH))
    bundle, named_by = _named_bundle(ca_bundle)
    return (public,) if bundle is None else (public, Trust(_bundle_context(bundle, named_by), bundle, named_by))


def _named_bundle(ca_bundle: Path | None) -> tuple[Path | None, str]:
    """Return the configured bundle and the setting that names it; ``(None, "")`` if there is none."""
    if ca_bundle is not None:
        return ca_bundle, "ca_bundle"
    variable = next((name for name in BUNDLE_VARIABLES if os.environ.get(name)), None)
    return (Path(os.environ[variable]), variable) if variable is not None else (None, "")


def _bundle_context(bundle: Path, named_by: str) -> ssl.SSLContext:
    """Return a context that trusts the authorities of a file or folder, and no others.

    Raises :class:`InputError` if it cannot be used, which OpenSSL would only report during a connection.
    """
    try:
        if bundle.is_dir():
            return ssl.create_default_context(capath=str(bundle))
        read_regular(bundle, LARGEST_BUNDLE)  # first, because OpenSSL reads a pipe or a device without limit
        return ssl.create_default_context(cafile=str(bundle))
    except ssl.SSLError:
        problem = "holds no certificate in PEM form"
    except UnreadableError as error:
        problem = error.problem
    except OSError as error:
        problem = f"cannot be read ({(error.strerror or 'error').lower()})"
    raise InputError(
        f"The CA bundle {bundle} ({named_by}) {problem}.",
        next=f"Set {named_by} to a PEM file that holds the certificate of the authority that signed the host "
        f"certificate.",
        code="ca-bundle-unreadable",
    )
