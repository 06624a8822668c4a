"""The pages of the documentation that explain rules and causes."""

from __future__ import annotations

from functools import cache

RULES, CAUSES, CHAT_CAUSES = (f"docs/reference/{name}.md" for name in ("rules", "causes", "chat-causes"))


@cache
def rule_page(rule: str) -> str:
    """Return the page of a rule: an address, or a path in the documentation if the project has no address."""
    return _page(f"{RULES}#{rule}")


@cache
def cause_page(cause: str) -> str:
    """Return the page of a cause of a failing login or of pasted output."""
    from provisioner.diagnosis.chat.causes import CAUSES as CHAT_CAUSE_NAMES
    from provisioner.diagnosis.login.causes import CAUSES as LOGIN_CAUSES

    is_chat = cause in CHAT_CAUSE_NAMES and cause not in LOGIN_CAUSES
    return chat_cause_page(cause) if is_chat else _page(f"{CAUSES}#{cause}")


@cache
def chat_cause_page(cause: str) -> str:
    """Return the page of a cause of guests in a chat."""
    return _page(f"{CHAT_CAUSES}#{cause}")


def published(page: str) -> str | None:
    """Return a page that has an address; None for a path."""
    return page if "://" in page else None


def _page(path: str) -> str:
    from provisioner.project import page_address  # loads importlib.metadata

    return page_address(path) or path
