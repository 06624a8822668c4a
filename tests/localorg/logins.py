"""Apps, permission sets and files of them that the tests deploy, and a client of the administrator's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provisioner.localorg import Connection, break_
from tests.localorg import material
from tests.localorg.client import Client, failures
from tests.localorg.material import xml

APP = "Provisioner_CI"
KEY = "AbCdEfGhIj" * 8
GATE, PERMISSIONS = "Provisioner_CI_Access", "Provisioner_CI_Permissions"
NAMES = {
    "ExternalClientApplication": APP,
    "ExtlClntAppOauthSettings": f"{APP}_oauth",
    "ExtlClntAppGlobalOauthSettings": f"{APP}_glbloauth",
    "ExtlClntAppOauthConfigurablePolicies": f"{APP}_oauth_defaultPolicy",
    "ExtlClntAppConfigurablePolicies": f"{APP}_defaultPolicy",
}


def pem(name: str = "first") -> str:
    return material.certificate(name).public_bytes(Encoding.PEM).decode()


def private_pem(name: str) -> bytes:
    """The key of the certificate of that name."""
    key = material.private_key(name, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def permission_set(*permissions: str, label: str = "Provisioner CI") -> str:
    given = "".join(
        f"<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>" for name in permissions
    )
    return xml("PermissionSet", f"<hasActivationRequired>false</hasActivationRequired><label>{label}</label>{given}")


SETS = {
    f"PermissionSet/{GATE}": permission_set(label="Gate"),
    f"PermissionSet/{PERMISSIONS}": permission_set(
        "ApiEnabled", "ConfigureLiveMessage", "ModifyMetadata", "ViewRoles", "ViewSetup"
    ),
}


def header(**more: str) -> str:
    return _file("ExternalClientApplication", contactEmail="platform@acme.com", label="Provisioner CI", **more)


def oauth(**more: str) -> str:
    return _file("ExtlClntAppOauthSettings", **{"commaSeparatedOauthScopes": "Api, RefreshToken", **_PARENT, **more})


def secrets(certificate: str = "first", **more: str) -> str:
    given = {"certificate": pem(certificate), "label": "l", "callbackUrl": "http://localhost:1717/OauthRedirect"}
    return _file("ExtlClntAppGlobalOauthSettings", **{**given, **_PARENT, **more})


def oauth_policy(**more: str) -> str:
    given = {"commaSeparatedPermissionSet": GATE, "permittedUsersPolicyType": "AdminApprovedPreAuthorized"}
    return _file("ExtlClntAppOauthConfigurablePolicies", **{**given, **_PARENT, **more})


def policy(enabled: str = "true", **more: str) -> str:
    return _file("ExtlClntAppConfigurablePolicies", **{"isEnabled": enabled, **_PARENT, **more})


_PARENT = {"externalClientApplication": APP}


def _file(kind: str, **elements: str) -> str:
    """The file of a component; its elements in the schema's order."""
    return xml(kind, "".join(f"<{name}>{value}</{name}>" for name, value in sorted(elements.items())))


def app(*, key: str | None = KEY, **files: str) -> dict[str, str]:
    """The five parts; ``files`` replaces some, by type."""
    keyed = {"consumerKey": key} if key is not None else {}
    made = {
        "ExternalClientApplication": header(), "ExtlClntAppOauthSettings": oauth(),
        "ExtlClntAppGlobalOauthSettings": secrets(**keyed), "ExtlClntAppOauthConfigurablePolicies": oauth_policy(),
        "ExtlClntAppConfigurablePolicies": policy(), **files,
    }  # fmt: skip
    return {f"{kind}/{NAMES[kind]}": text for kind, text in made.items() if text}


def one(kind: str, text: str, name: str | None = None) -> dict[str, str]:
    return {f"{kind}/{name or NAMES[kind]}": text}


class Administrator(Client):
    """A client with the administrator's token, for which no app is needed."""

    def __init__(self, connection: Connection, directory: Path) -> None:
        super().__init__(connection, directory)
        self.token = Path(connection.admin_token_file).read_text().strip()
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def breaks(self, *names: str) -> None:
        for name in names:
            break_(self.directory, name)

    def post(self, name: str, **values: Any) -> Any:
        return self.http.post(f"{self.connection.url}/services/data/v67.0/sobjects/{name}", json=values)

    def remove(self, name: str, record_id: str) -> int:
        url = f"{self.connection.url}/services/data/v67.0/sobjects/{name}/{record_id}"
        return self.http.delete(url).status_code

    def succeed(self, files: Mapping[str, str], **options: Any) -> None:
        result = self.deploy(files, **options)
        assert result["success"], result["details"]["componentFailures"]

    def refusals(self, files: Mapping[str, str], **options: Any) -> list[str]:
        """Why a deployment fails."""
        result = self.deploy(files, **options)
        assert not result["success"]
        return failures(result)

    def id_of(self, name: str) -> str:
        """The id of a permission set."""
        [row] = self.query(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'")
        return str(row["Id"])

    def user_id(self, username: str | None = None) -> str:
        [row] = self.query(f"SELECT Id FROM User WHERE Username = '{username or self.connection.username}'")
        return str(row["Id"])

    def assign(self, *names: str) -> None:
        for name in names:
            answer = self.post("PermissionSetAssignment", AssigneeId=self.user_id(), PermissionSetId=self.id_of(name))
            assert answer.status_code == 201, answer.text

    def read(self, kind: str, name: str | None = None) -> dict[str, Any]:
        """The record of a component."""
        body = f"<met:readMetadata><met:type>{kind}</met:type><met:fullNames>{name or NAMES[kind]}</met:fullNames>"
        [result] = self.call(f"{body}</met:readMetadata>")
        return dict(result["records"]) if result["records"] else {}

    def log_in(self, key: str = KEY, signer: str = "first", **claims: Any) -> tuple[int, str, str]:
        """Status, error and description of a login through the app."""
        client = Client(self.connection, self.directory)
        assertion = client.assertion(key=private_pem(signer), iss=key, **claims)
        answer = client.ask_token(assertion)
        client.close()
        body = answer.json()
        return answer.status_code, body.get("error", ""), body.get("error_description", "")

    def made(self) -> Administrator:
        """The whole login: permission sets, assignment, app."""
        self.succeed(SETS)
        self.assign(GATE, PERMISSIONS)
        self.succeed(app())
        return self
