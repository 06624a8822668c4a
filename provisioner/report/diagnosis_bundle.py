"""The files for a support case, as text: the exact error, the org, the app, and the attempts. Nothing secret."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from provisioner import __version__
from provisioner.diagnosis.findings import LoginDiagnosis
from provisioner.diagnosis.login.clues.configured import looks_like_a_consumer_key
from provisioner.diagnosis.login.evidence import Configured, LoginEvidence
from provisioner.model.salesforce_hosts import HostKind
from provisioner.report.json import json_text
from provisioner.report.login_diagnosis import diagnosis_json, diagnosis_terminal
from provisioner.report.style import Style

_WIDTH = 100
#: Marks the place of the consumer key, which a redactor would mask: support asks for it by name.
_CONSUMER_KEY_MARK = "\N{WHITE SQUARE}consumer key\N{WHITE SQUARE}"


def bundle_files(diagnosis: LoginDiagnosis, evidence: LoginEvidence, redacted: Callable[[str], str]) -> dict[str, str]:
    """Return the files of a bundle by name; ``redacted`` masks secrets in a text."""
    summary = redacted(_summary(diagnosis, evidence))
    return {
        "summary.txt": summary.replace(_CONSUMER_KEY_MARK, _consumer_key(evidence.configured)),
        "diagnosis.txt": redacted(diagnosis_terminal(diagnosis, Style(_WIDTH), details=True)) + "\n",
        "diagnosis.json": json_text(diagnosis_json(diagnosis)) + "\n",
    }


def zipped(files: Mapping[str, str]) -> bytes:
    """Return a zip archive of text files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def _summary(diagnosis: LoginDiagnosis, evidence: LoginEvidence) -> str:
    """Return one page, with :data:`_CONSUMER_KEY_MARK` in place of the consumer key."""
    login = evidence.configured
    rows = [
        ("Exact error", _error(evidence)),
        ("Verdict", diagnosis.verdict.value),
        ("Org id", _org_id(evidence)),
        ("Production or sandbox", _kind(evidence)),
        ("App", f"{login.app_name or 'name not given'} ({_app_kind(login.app_kind)})"),
        ("Consumer key", _CONSUMER_KEY_MARK),
        ("Login URL", login.login_url or "not given"),
        ("Audience", login.audience or login.login_url or "not given"),
        ("Gathered", f"{evidence.now:%Y-%m-%d %H:%M:%S} UTC, provisioner {__version__}"),
    ]
    style = Style(_WIDTH)
    lines = ["A login by OAuth 2.0 JWT bearer", "", *style.table(rows), "", "What was tried", ""]
    lines += style.table(list(diagnosis.seen), indent=2) if diagnosis.seen else ["  nothing"]
    lines += ["", "No private key, passphrase, assertion, access token or consumer secret is in this file.", ""]
    return "\n".join(lines)


def _consumer_key(configured: Configured) -> str:
    """Return the consumer key if the field holds one; any other text could be a secret."""
    key = configured.consumer_key
    if not key:
        return "not given"
    if looks_like_a_consumer_key(key):
        return key
    return f"withheld: the {len(key)} characters in consumer_key do not look like one"


def _error(evidence: LoginEvidence) -> str:
    answer, session, network = evidence.answer, evidence.session, evidence.network
    if evidence.pasted is not None:
        return evidence.pasted.text
    if answer is not None and answer.shape == "json":
        status = f"HTTP {answer.status}, " if answer.status else ""
        return f"{status}{answer.words}"
    if session is not None:
        calls = [call for call in (session.rest, session.soap) if call is not None and not call.ok]
        return calls[0].words if calls else "none: the login works"
    if answer is not None:
        return f"HTTP {answer.status}, {answer.shape}: {answer.shown}"
    if network is not None and network.failure is not None:
        return network.failure.words
    return evidence.key.words if evidence.key is not None and evidence.key.words else "no request was made"


def _org_id(evidence: LoginEvidence) -> str:
    if evidence.session is not None and evidence.session.org_id:
        return evidence.session.org_id
    given = evidence.configured.org_id
    if given:
        return f"{given} (as configured; the login did not get so far)"
    return "not known: the login did not get so far (Setup > Company Information shows it)"


def _kind(evidence: LoginEvidence) -> str:
    session, host = evidence.session, evidence.configured.host_kind
    if session is not None and session.sandbox is not None:
        return "sandbox" if session.sandbox else "production"
    if host in (HostKind.SANDBOX, HostKind.TEST):
        return "sandbox, by the login URL"
    if host in (HostKind.LOGIN, HostKind.MY_DOMAIN):
        return "production, by the login URL"
    return "not known"


def _app_kind(kind: str | None) -> str:
    return {"connected": "connected app", "external": "external client app"}.get(kind or "", "kind not given")
