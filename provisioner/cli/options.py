"""Common options, and a parser that raises our errors."""

from __future__ import annotations

import argparse
import re
import shutil
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

from provisioner.errors import InputError, UsageError
from provisioner.model.names import CLI_ALIAS
from provisioner.names import nearest

DEFAULT_CONFIG = "config"
CONFIG_VARIABLE = "PROVISIONER_CONFIG"
#: The longest wait for a deployment without --wait.
DEFAULT_WAIT_MINUTES = 30.0


class HelpFormatter(argparse.HelpFormatter):
    """Wraps help at 80 columns (fewer in a narrower terminal) and never inside a word.

    Paragraphs of a description or epilog are filled; a block with indented lines, such as examples, stays unchanged.
    """

    COLUMNS = 80

    def __init__(self, prog: str) -> None:
        width = min(self.COLUMNS, shutil.get_terminal_size((self.COLUMNS, 24)).columns)
        super().__init__(prog, max_help_position=26, width=width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        blocks = (block.strip("\n") for block in text.split("\n\n"))
        return "\n\n".join(block if "\n " in block else _filled(block, width, indent) for block in blocks)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _filled(text, width).splitlines()


def _filled(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


class Syntax(NamedTuple):
    """The options, the description, the examples and the formats of one command. The first format is the default."""

    configure: Callable[[argparse.ArgumentParser], None]
    description: str
    epilog: str = ""
    formats: tuple[str, ...] = ("human", "json", "markdown")


def no_options(_: argparse.ArgumentParser) -> None:
    """Add nothing to a parser."""


class HelpAsked(Exception):
    """The words ask for help; the caller of the parser prints it."""


class Parser(argparse.ArgumentParser):
    """An argparse parser that accepts no abbreviations and raises :class:`UsageError` instead of exiting."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", HelpFormatter)
        super().__init__(**options)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does; an error about an unknown option names the nearest one."""
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self._refuse(next((word for word in unknown if word.startswith("-")), unknown[0]))
        return parsed

    def _refuse(self, word: str) -> NoReturn:
        if not word.startswith("-"):
            self.error(f"`{word}` is one word too many")
        option = word.partition("=")[0]
        near = nearest(option, self._option_string_actions)
        hint = f" Did you mean `{near}`?" if near else ""
        raise UsageError(
            f"There is no option `{option}` for `{self.prog}`.{hint}", next=f"Run `{self.prog} --help` for the list."
        )

    def print_help(self, file: Any = None) -> NoReturn:
        raise HelpAsked

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:]
        raise UsageError(f"{sentence}.", next=f"Run `{self.prog} --help`.")


def seconds(text: str) -> float:
    """Return a positive number of seconds."""
    value = float(text)
    if not 0 < value < 86400:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return value


def minutes(text: str) -> float:
    """Return a positive number of minutes."""
    value = float(text)
    if not 0 < value < 1440:
        raise argparse.ArgumentTypeError("must be a number of minutes above 0")
    return value


def moment(text: str) -> datetime:
    """Return a time in ISO 8601; without an offset it is in the local time zone."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError("must be a time such as 2026-11-20T14:30Z") from None


def whole(least: int, most: int, words: str, *, step: int = 1) -> Callable[[str], int]:
    """Return a parser for a whole number in a range, in steps of ``step``; ``words`` state the range."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most or value % step:
            raise argparse.ArgumentTypeError(words.format(most=most))
        return value

    return read


def deployment(text: str) -> str:
    """Return a deployment's id: 15 or 18 characters, case-sensitive. Raises :class:`InputError`."""
    if not re.fullmatch(r"0Af[A-Za-z0-9]{12}([A-Za-z0-9]{3})?", text):
        raise InputError(
            "--resume needs a deployment id: it begins with 0Af and has 15 or 18 characters.",
            next="The interrupted command printed the id; Setup > Deployment Status and `provisioner restore` list "
            "them.",
            code="no-deployment-id",
        )
    return text


def web_origin(text: str) -> str:
    """Return a page's origin, as its browser sends it: ``https://shop.example.com``, without a path."""
    parts = urlsplit(text.strip())
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("https", "http") or not parts.hostname or port == -1 or parts.path.strip("/"):
        raise argparse.ArgumentTypeError(f"{text!r} is not an origin such as https://shop.example.com")
    return f"{parts.scheme}://{parts.hostname}{f':{port}' if port is not None else ''}"


def host_name(text: str) -> str:
    """Return a host's name in lower case, for ``--allow-chat-host``."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", text):
        raise argparse.ArgumentTypeError("must be a host name alone, such as chat.example.com")
    return text.lower()


def cli_alias(text: str) -> str:
    """Return an alias or a username of the official CLI."""
    if not CLI_ALIAS.fullmatch(text):
        raise argparse.ArgumentTypeError("must be an alias or a username that `sf org list` shows")
    return text


def add_target_org(parser: argparse.ArgumentParser) -> None:
    """Add the option of every command that only reads an org: a session of the official CLI in place of --env."""
    parser.add_argument(
        "--target-org",
        metavar="ALIAS",
        type=cli_alias,
        help="in place of --env: the org that the official Salesforce CLI has under this alias or username",
    )


def add_wait(parser: argparse.ArgumentParser, what: str = "the deployment") -> None:
    """Add the option that bounds the wait for a deployment, in minutes."""
    parser.add_argument(
        "--wait",
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_WAIT_MINUTES,
        help=f"time to wait for {what} (default: {DEFAULT_WAIT_MINUTES:.0f})",
    )


def add_details(parser: argparse.ArgumentParser) -> None:
    """Add the option that shows everything that a diagnosis found."""
    parser.add_argument("--details", action="store_true", help="show every finding, its evidence and what is excluded")


def add_admin(parser: argparse.ArgumentParser) -> None:
    """Add the three ways to name an administrator's session."""
    group = parser.add_argument_group("the administrator's session (one of these)")
    group.add_argument(
        "--sf-org", metavar="ALIAS", type=cli_alias, help="the session that the official Salesforce CLI has for ALIAS"
    )
    group.add_argument("--admin-env", metavar="NAME", help="the login of another environment of the same org")
    group.add_argument(
        "--admin-token-env", metavar="VAR", help="the environment variable that holds an administrator's access token"
    )
    group.add_argument(
        "--instance-url",
        metavar="URL",
        help="the org's URL for --admin-token-env (default: that of login_url)",
    )


def add_chat_hosts(parser: argparse.ArgumentParser) -> None:
    """Add the option of every command that connects to a chat host."""
    parser.add_argument(
        "--allow-chat-host",
        metavar="HOST",
        type=host_name,
        action="append",
        default=[],
        help="accept a chat_url on this host, which is not Salesforce's; an identity token is sent to it",
    )


def add_common(parser: argparse.ArgumentParser, *, formats: tuple[str, ...]) -> None:
    """Add the options of every command."""
    group = parser.add_argument_group("everywhere")
    group.add_argument(
        "--config",
        metavar="DIR",
        help="the config directory (default: $PROVISIONER_CONFIG, else config/ in this folder or in one above it)",
    )
    group.add_argument(
        "--env",
        metavar="NAME",
        help="environment name; some commands accept a comma-separated list and globs (default: $PROVISIONER_ENV)",
    )
    group.add_argument(
        "--format",
        choices=formats,
        default=formats[0],
        metavar="FORMAT",
        help=f"output format: {', '.join(formats)} (default: {formats[0]})",
    )
    group.add_argument(
        "-v", "--verbose", action="count", default=0, help="print more; -vv prints requests and responses, redacted"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="print less on stderr")
    group.add_argument("--no-color", action="store_true", help="no colors (as NO_COLOR)")
    group.add_argument("--no-input", action="store_true", help="never prompt; refuse instead")
    group.add_argument("--timeout", metavar="SECONDS", type=seconds, help="timeout of one request")
    group.add_argument(
        "--allow-commands", action="store_true", help="run ${command:} references (PROVISIONER_ALLOW_COMMANDS=1)"
    )
    group.add_argument(
        "--untrusted",
        action="store_true",
        help="treat the files as untrusted: resolve, request, start and write nothing (PROVISIONER_UNTRUSTED=1)",
    )


def add_endpoint_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that asks JWKS endpoints."""
    group = parser.add_argument_group("JWKS endpoints")
    group.add_argument(
        "--allow-private", action="store_true", help="also request endpoints on private and loopback addresses"
    )
    group.add_argument(
        "--ca-bundle",
        metavar="F",
        type=Path,
        help="private CA for endpoints (PEM), in addition to the public ones (default: the environment's ca_bundle)",
    )
