"""The certificate of a login's app: the requirements of an app, and the certificate to send.

Source: Salesforce Help, "Configure a JWT Flow for an External Client App"; Metadata API Developer Guide,
ExtlClntAppGlobalOauthSettings.certificate (one PEM, at most 4 KB).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioner.diagnostics import Severity
from provisioner.jose.certificates import SMALLEST_KEY_BITS, Certificate, pem_of, read_certificate_file
from provisioner.jose.defects import Defect, Findings
from provisioner.jose.file_kinds import call_private, take
from provisioner.model.estate import KeyFile

#: Bytes of the PEM text that an app takes.
LARGEST_PEM = 4096
_MAKE_NEW = "Make a new pair with `provisioner keys generate --login NAME`."


@dataclass(frozen=True, slots=True)
class LoginCertificate:
    """``certificate`` is None if the file holds none that can be used; ``defects`` say why."""

    certificate: Certificate | None
    defects: tuple[Defect, ...]

    @property
    def is_usable(self) -> bool:
        return self.certificate is not None and not any(each.severity is Severity.ERROR for each in self.defects)

    @property
    def expires(self) -> datetime | None:
        """Return the expiry of the certificate, in UTC."""
        return self.certificate.x509.not_valid_after_utc if self.certificate is not None else None


def read_login_certificate(file: KeyFile) -> LoginCertificate:
    """Return the certificate in a file, and why an app does not take it. Never raises; dates are not judged."""
    found = Findings()
    if file.content is None:
        rule, message, fix = file.problem or ("key-file-missing", f"{file.shown_path} cannot be read.", "Check it.")
        found.error(rule, message, fix)
        return LoginCertificate(None, tuple(found.defects))
    taken = take(file.content)
    if taken.is_private:
        call_private(taken, file.shown_path, found)
        return LoginCertificate(None, tuple(found.defects))
    certificate = read_certificate_file(file.content, file.shown_path, found)
    if file.content.count(b"-----BEGIN CERTIFICATE-----") > 1:
        found.error(
            "login-certificate-unusable",
            f"{file.shown_path} holds several certificates, and an app has exactly one.",
            "Keep the login's own certificate in the file, which is usually the first one.",
        )
    if certificate is not None:
        _judge(certificate, file.shown_path, found)
    return LoginCertificate(certificate, tuple(found.defects))


def _judge(certificate: Certificate, shown: str, found: Findings) -> None:
    bits = certificate.n.bit_length()
    if bits < SMALLEST_KEY_BITS:
        found.error(
            "login-certificate-unusable",
            f"The certificate in {shown} has an RSA key of {bits} bits; a login needs {SMALLEST_KEY_BITS} or more.",
            _MAKE_NEW,
        )
    size = len(pem_of(certificate.der))
    if size > LARGEST_PEM:
        found.error(
            "login-certificate-unusable",
            f"The certificate in {shown} has {size} bytes as PEM; an app takes at most {LARGEST_PEM}.",
            "Use a certificate without extra extensions. " + _MAKE_NEW,
        )
