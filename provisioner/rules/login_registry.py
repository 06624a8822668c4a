"""The checks that run over the declared logins."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provisioner.diagnostics import Diagnostic
from provisioner.rules.login import (
    login_certificate_expires,
    login_certificate_unusable,
    login_contact_invalid,
    login_duplicate,
    login_gate_missing,
    login_name_invalid,
    login_permission_missing,
    login_permission_unknown,
    login_raises_itself,
    login_replaces_invalid,
    login_scope_full,
    login_scope_missing,
    login_scope_unknown,
    login_self_authorized,
    login_self_managed,
    login_session_timeout_invalid,
    login_user_invalid,
)
from provisioner.rules.login_context import LoginContext

LoginCheck = Callable[[LoginContext], Iterator[Diagnostic]]

LOGIN_CHECKS: tuple[LoginCheck, ...] = (
    login_certificate_expires.check,
    login_certificate_unusable.check,
    login_contact_invalid.check,
    login_duplicate.check,
    login_gate_missing.check,
    login_name_invalid.check,
    login_permission_missing.check,
    login_permission_unknown.check,
    login_raises_itself.check,
    login_replaces_invalid.check,
    login_scope_full.check,
    login_scope_missing.check,
    login_scope_unknown.check,
    login_self_authorized.check,
    login_self_managed.check,
    login_session_timeout_invalid.check,
    login_user_invalid.check,
)
