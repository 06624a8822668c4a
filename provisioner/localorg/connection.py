"""The connection values of a local org, as ``localorg start`` prints them, one string each."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Connection:
    """The connection values. ``url`` and ``chat_url`` are origins without a trailing slash; paths are absolute.

    A bare org has no ``consumer_key`` before an app has the certificate of the private key. The token in
    ``admin_token_file`` is ``admin_username``'s, and needs no app.
    """

    url: str
    chat_url: str
    ca_bundle: str
    org_id: str
    username: str
    consumer_key: str
    private_key_file: str
    admin_username: str = ""
    admin_token_file: str = ""
    audience: str = ""
    """Set if it differs from ``url``: a fault provides another one."""

    def as_dict(self) -> dict[str, str]:
        """Return the members of the JSON object that ``localorg start`` prints."""
        return {name: value for name, value in asdict(self).items() if value}
