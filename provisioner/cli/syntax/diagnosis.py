"""The options and the help of the diagnosis. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.options import (
    Syntax,
    add_admin,
    add_chat_hosts,
    add_details,
    add_endpoint_options,
    add_target_org,
    add_wait,
    web_origin,
)


def _diagnose_login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--error", metavar="TEXT", help="explain the output of any client, as `diagnose paste` does (-: from stdin)"
    )
    parser.add_argument(
        "--wait-propagation",
        action="store_true",
        help="retry every 30 seconds for up to 10 minutes while waiting may help",
    )
    parser.add_argument(
        "--bundle", metavar="FILE", help="write the details that support asks for to a zip file, without secrets"
    )
    add_details(parser)
    add_admin(parser)
    parser.add_argument(
        "--fix",
        action="store_true",
        help="plan the repair of the causes that an administrator's changes can repair; show it, ask, apply, and prove",
    )
    parser.add_argument("--yes", action="store_true", help="apply the repair without asking")
    parser.add_argument(
        "--allow-destroy", action="store_true", help="replace a certificate with which logins worked lately"
    )


DIAGNOSE_LOGIN = Syntax(
    _diagnose_login,
    """Explain why a JWT bearer login fails: gather evidence, rank the causes, and print a fix for each.

The command checks the private key and the fields of the login, the network, the response of the token endpoint (it
sends one assertion), and one REST and one SOAP call with the token. With an administrator's session it also reads
the org's login history. It changes nothing without --fix, and never users, login hours or IP ranges.""",
    """examples:
  provisioner diagnose login --env sandbox
  provisioner diagnose login --env sandbox --wait-propagation
  provisioner diagnose login --env sandbox --admin-env sandbox-admin
  provisioner diagnose login \\
      --error "invalid_grant: user hasn't approved this consumer"
  provisioner diagnose login --env sandbox --sf-org acme-uat --fix
  provisioner diagnose login --env sandbox --bundle FILE

Exits with 0 if the login works, 1 if it fails, 4 if the org cannot be reached.""",
    formats=("human", "json", "markdown", "junit"),
)


def _diagnose_chat(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", metavar="C", help="the messaging channel's API name")
    deployment = "the deployment's API name (default: that of `verify:`, else a declared one)"
    parser.add_argument("--deployment", metavar="D", help=deployment)
    origin = "the page's origin (default: the declared ones of D)"
    parser.add_argument("--origin", metavar="URL", type=web_origin, help=origin)
    add_endpoint_options(parser)
    add_chat_hosts(parser)
    add_target_org(parser)
    parser.add_argument("--details", action="store_true", help="show every finding, its evidence and what was seen")


DIAGNOSE_CHAT = Syntax(
    _diagnose_chat,
    """Find out why customers are guests on a channel, or cannot chat at all. No key is needed.

The command checks the channel, its routing (queue, members, flow), its configurations, keysets, keys and issuers in
the org, and the endpoints of the keysets. Of a deployment it also checks that the deployment is published, that the
chat runtime verifies users by tokens, that the runtime refuses an unsigned token, and that a web deployment's site
answers. It checks that the pages of the deployment's declared origins, or those of --origin, may read the configuration
(CORS) and may show the site in a frame. The command changes nothing.""",
    """examples:
  provisioner diagnose chat --env sandbox --channel Web_Chat \\
      --deployment Shop_Web
  provisioner diagnose chat --env sandbox --channel Web_Chat \\
      --deployment Shop_Web --origin https://shop.example.com
  provisioner diagnose chat --env sandbox --channel Web_Chat --format json

Exits with 0 if no cause was found in the org, 1 if a cause was found, 4 if the org or the chat host cannot be
reached.""",
    formats=("human", "json", "markdown", "junit"),
)


def _diagnose_paste(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="the text; - or nothing reads stdin")
    add_details(parser)


DIAGNOSE_PASTE = Syntax(
    _diagnose_paste,
    """Explain what another program printed: a client that logs in or deploys, a CI log, a signing library,
the chat runtime, the chat page or its console. Nothing is sent, and no environment is needed.

Everything in the text is evidence: hosts, usernames, claims of an assertion, Date headers, the order of attempts.
Tokens and keys in it are never printed again.""",
    """examples:
  provisioner diagnose paste ci.log
  sf org login jwt ... 2>&1 | provisioner diagnose paste
  provisioner diagnose paste --env sandbox --details < console.txt

Exits with 1 if the text was read, because it is about a failure. JSON has the shape of `diagnose login`.""",
    formats=("human", "json", "markdown", "junit"),
)


def _diagnose_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file to check; - for standard input")
    parser.add_argument("--repair", metavar="OUT", help="write a JWK that Salesforce accepts to a new file")
    parser.add_argument("--certificate", metavar="FILE", help="the key's public certificate, to compare and to include")
    parser.add_argument("--kid", metavar="K", help="the kid from the header of the tokens; selects a key of a set")
    parser.add_argument("--alg", metavar="A", choices=("RS256", "RS512"), help="RS256 (default) or RS512")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of a private key")


DIAGNOSE_KEY = Syntax(
    _diagnose_key,
    """Identify a file of key material, check whether Salesforce would accept it as a key (Setup >
Enhanced Chat User Verification > New Key), and explain why not. FILE is a JWK, the output of Salesforce's Java
tool, a JWKS, a certificate (PEM or DER), a public or private key, a certificate request, or a keystore; - is
standard input. The command sends nothing.""",
    """examples:
  provisioner diagnose key key.jwk.json
  provisioner diagnose key key.jwk.json --repair fixed.jwk.json
  provisioner diagnose key shop.crt --kid shop-2026 --repair shop.jwk.json
  provisioner diagnose key shop.pub --certificate shop.crt --kid shop-2026 \\
      --repair shop.jwk.json

Exits with 0 if Salesforce accepts the file as it is, 1 if not. A certificate is not a JWK, so it exits with 1 even
if --repair wrote an acceptable JWK.""",
    formats=("human", "json", "markdown", "junit"),
)


def _diagnose_endpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the endpoint's URL")
    parser.add_argument("--kid", metavar="K", help="the kid from a token's header to look for")
    add_endpoint_options(parser)


DIAGNOSE_ENDPOINT = Syntax(
    _diagnose_endpoint,
    """Ask a JWKS endpoint as Salesforce does (HTTPS, no credentials, from the public Internet) and judge its
answer: status, content type, caching, every key, and the key that a token's kid finds. The address of an issuer, or of
its description, is followed to its keys, and the keyset to declare is printed. The command requests no
private, link-local or loopback address without --allow-private. It checks and reports each redirect in the same
way.""",
    """examples:
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json \\
      --kid shop-2026
  provisioner diagnose endpoint https://acme.eu.auth0.com/

Exits with 0 if Salesforce would find a usable key at this address (with --kid, that key), 1 if it would not, 4 if the
endpoint did not answer here. An address that is not on the public Internet exits with 1 also if its answer is good.""",
    formats=("human", "json", "markdown", "junit"),
)


def _rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="the rule to explain")


RULES = Syntax(
    _rules,
    "List every check, or explain one: its finding, why it matters, and how to fix it.",
    """examples:
  provisioner rules
  provisioner rules keyset-unknown-key""",
)


def _probe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="only this experiment (repeatable)")
    parser.add_argument("--channel", metavar="NAME", help="an inactive channel to change and to put back")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="also write the record: JSON, or Markdown if the name ends with .md"
    )
    parser.add_argument("--clean", action="store_true", help="only remove what an earlier probe left")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")
    add_wait(parser, "a deployment")


PROBE = Syntax(
    _probe,
    """Run experiments on a sandbox, and record how the org behaves (docs/unproven.md). The command shows the
list and asks. It creates only components named uvprobe_…, and removes them whatever happens. With --channel it also
changes one inactive channel, and puts it back. It never runs in production. The record names no org, no user and no
component of yours.""",
    """examples:
  provisioner probe --env sandbox
  provisioner probe --env sandbox --channel Test_Chat --out record.json
  provisioner probe --env sandbox --only keyset-type --only x5c --yes
  provisioner probe --env sandbox --clean

Exits with 0 if every experiment ran, settled or not; 3 if the org or the channel must not be probed; 4 if the org is
out of reach; 5 if something remains in the org; 130 if it was interrupted.""",
)
