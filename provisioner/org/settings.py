"""What a login needs to know."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError
from provisioner.files import UnreadableError, read_regular
from provisioner.secrets import Secret

#: keys, keysets and the channels' verification exist in the Metadata API from this version on.
LOWEST_API_VERSION = "62.0"
#: All public authorities take a quarter of a MiB.
LARGEST_CA_BUNDLE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LoginSettings:
    """One environment's login.

    ``login_url`` and ``audience`` are https origins without a trailing slash; ``api_version`` pins (``"67.0"``),
    else the newest that the org offers is used; ``timeout`` is in seconds, for one answer;
    ``environment`` is the environment's name, for the commands that messages recommend. ``shown_username`` and
    ``shown_key`` are what messages call the two: the reference where there is one, never the value that it gave.
    """

    login_url: str
    audience: str
    username: str
    consumer_key: str
    private_key: Secret
    passphrase: Secret | None = None
    ca_bundle: Path | None = None
    api_version: str | None = None
    timeout: float | None = None
    environment: str = "NAME"
    shown_username: str = ""
    shown_key: str = ""

    @property
    def user(self) -> str:
        """What messages call the user."""
        return self.shown_username or self.username

    @property
    def diagnose(self) -> str:
        """The command that finds out why a login fails."""
        return f"provisioner diagnose login --env {self.environment}"


def version_number(version: str) -> tuple[int, int]:
    """``"67.0"`` as (67, 0), for comparison. Raises ValueError for anything else."""
    match = re.fullmatch(r"([0-9]{1,3})\.([0-9])", version)
    if match is None:
        raise ValueError(version)
    return int(match[1]), int(match[2])


def check_ca_bundle(path: Path | None) -> None:
    """Raises :class:`InputError` where the CA bundle cannot be used, which requests would only say in the middle."""
    if path is None:
        return
    try:
        if path.is_dir():
            return
        read_regular(path, LARGEST_CA_BUNDLE)  # first, because OpenSSL reads a pipe or a device without end
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        problem = "holds no certificate in PEM form"
    except UnreadableError as error:
        problem = error.problem
    except OSError as error:
        problem = f"cannot be read ({(error.strerror or 'error').lower()})"
    else:
        return
    raise InputError(
        f"The CA bundle {path} {problem}.",
        next="Give ca_bundle the path of a PEM file with the certificate of the authority that signed the host's own.",
        code="ca-bundle-unreadable",
    )
