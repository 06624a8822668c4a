"""The checks of a login diagnosis with their results, in the order in which they ran."""

from __future__ import annotations

from provisioner.diagnosis.login.evidence import LoginEvidence, NetworkSeen, SessionSeen


def seen(evidence: LoginEvidence) -> tuple[tuple[str, str], ...]:
    """Return ``(check, result)`` pairs; no value in them is secret."""
    rows: list[tuple[str, str]] = []
    login = evidence.configured
    if evidence.pasted is not None:
        rows.append(("output", evidence.pasted.client))
        for attempt in evidence.pasted.attempts:
            where = f"{attempt.login} with audience {attempt.audience}: " if attempt.login else ""
            what = f"{where}{attempt.answer.words}"
            rows.append(
                (
                    f"attempt {attempt.number}",
                    f"{what} ({attempt.not_usable_because})" if attempt.not_usable_because else what,
                )
            )
    if evidence.key is not None:
        key = evidence.key
        rows.append(("private key", key.words if key.cause else f"RSA, {key.bits} bits"))
        rows += [("", note) for note in key.notes]
        if key.beside is not None:
            fits = {True: "fits the key", False: "does not fit the key", None: "not compared"}[key.beside.matches]
            rows.append(("certificate", f"{key.beside.place}: {fits}, valid to {key.beside.not_after:%Y-%m-%d}"))
    if login.login_url:
        rows.append(("login URL", f"{login.login_url} ({login.host_kind.value})"))
        rows.append(("audience", login.audience or login.login_url))
    if evidence.network is not None:
        rows += _network(evidence.network)
    answer = evidence.answer
    if answer is not None and answer.ours:
        tries = f", after {answer.tries} attempts in {answer.seconds:.0f} seconds" if answer.tries > 1 else ""
        status = f"HTTP {answer.status}, " if answer.status else ""
        rows.append(("token endpoint", f"{status}{answer.words or answer.shape}{tries}"))
    if evidence.session is not None:
        rows += _session(evidence.session)
    rows += _admin(evidence)
    return tuple(rows)


def _network(network: NetworkSeen) -> list[tuple[str, str]]:
    rows = []
    if network.addresses:
        rows.append(("host", f"{network.host} resolves to {', '.join(network.addresses)}"))
    if network.proxy:
        rows.append(("proxy", network.proxy))
    if network.refused:
        rows.append(("host", network.refused))
    if network.failure is not None:
        rows.append(("connection", network.failure.words))
    if network.tls_issuer:
        rows.append(("TLS", f"certificate issued by {network.tls_issuer}"))
    if network.versions:
        rows.append(("API", f"versions {network.versions[0]} to {network.versions[-1]}"))
    elif network.page:
        rows.append(("API", f"no list of versions: {network.page}"))
    if network.issuer:
        rows.append(("calls itself", network.issuer))
    if network.skew is not None:
        rows.append(("clock", _skew(network.skew)))
    return rows


def _session(session: SessionSeen) -> list[tuple[str, str]]:
    kind = {True: "sandbox", False: "production", None: "kind not known"}[session.sandbox]
    rows = [("login", f"org {session.org_id} ({kind}) at {session.instance_url}")]
    for name, call in (("REST", session.rest), ("SOAP metadata", session.soap)):
        if call is not None:
            rows.append((name, f"works at {session.api_version}" if call.ok else call.words))
    return rows


def _admin(evidence: LoginEvidence) -> list[tuple[str, str]]:
    admin = evidence.admin
    if admin is None:
        return []
    if admin.problem is not None:
        return [("administrator", f"{admin.who}: {admin.problem}")]
    failed = [f"{name} ({asked.problem})" for name, asked in admin.asked.items() if asked.problem is not None]
    answered = [name for name, asked in admin.asked.items() if asked.problem is None]
    rows = [("administrator", f"{admin.who}; answered: {', '.join(answered) or 'nothing'}")]
    if failed:
        rows.append(("", f"not answered: {'; '.join(failed)}"))
    return rows


def _skew(seconds: float) -> str:
    """Return the difference in words; a Date header has whole seconds, so one second is no difference."""
    return "in step with the host's" if abs(seconds) < 1.5 else f"the host's differs by {round(seconds):+d} seconds"
