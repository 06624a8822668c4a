"""The options and the help of the commands for keys and tokens. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.options import Syntax, add_chat_hosts, add_endpoint_options, add_target_org, minutes, moment, whole

SIGNING_DAYS = 365
LOGIN_DAYS = 730
_BITS = whole(2048, 4096, "must be a number of bits from 2048 to 4096, in whole octets", step=8)
_VALIDITY = whole(11, 7300, "must be from 11 to 7300: Salesforce refuses a certificate that expires within ten days")
_DAYS = whole(0, 36500, "must be a number of days, 0 or more")
#: Ten years: a longer lifetime is a mistake.
_TTL = whole(1, 10 * 365 * 24 * 3600, "must be a whole number of seconds from 1 to {most}")


def _keys_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the API name of the key; with --login, the name of the files")
    parser.add_argument(
        "--login", action="store_true", help="create the key pair that provisioner logs in to an org with"
    )
    parser.add_argument(
        "--kid", metavar="K", help="the key id in the header of the tokens (default: NAME, with dashes)"
    )
    parser.add_argument("--keyset", metavar="S", help="also list the key in this keyset of the declaration")
    parser.add_argument(
        "--algorithm", choices=("RS256", "RS512"), help="the algorithm that signs the tokens (default: RS256)"
    )
    parser.add_argument(
        "--from", dest="source", metavar="FILE", help="use this private key instead of a new one; - for standard input"
    )
    parser.add_argument("--private-key", metavar="FILE", help="the path to write the private key to")
    parser.add_argument("--bits", metavar="N", type=_BITS, help="the size of the key, 2048 to 4096 (default: 2048)")
    parser.add_argument(
        "--days",
        metavar="N",
        type=_VALIDITY,
        help=f"validity of the certificate (default: {SIGNING_DAYS}; with --login {LOGIN_DAYS})",
    )
    parser.add_argument(
        "--passphrase-env",
        metavar="V",
        help="encrypt the private key with the passphrase in this variable; with --from, decrypt it",
    )
    parser.add_argument("--csr", action="store_true", help="write a certificate request instead of a certificate")
    parser.add_argument("--certificate", metavar="FILE", help="declare the certificate that was issued for a request")


KEYS_GENERATE = Syntax(
    _keys_generate,
    """Create an RSA key pair in one step: the private key (PKCS #8, readable only by you), its
self-signed certificate in the config directory (config/keys), and the entry of the key in the declaration, which
keeps its comments and order. The private key goes to ~/.config/provisioner/keys/PROJECT/NAME.key (the folder for
settings of your system, or XDG_CONFIG_HOME) or to the path of --private-key, never into the config directory, and
never into a git work tree that does not ignore it. The command overwrites nothing and contacts no org; if a step
fails, it leaves no files.

With --from, the private key is one that you have, in any form that token mint takes (PEM, DER, PKCS #12, a Java
keystore, OpenSSH, a private JWK): only its certificate is made and declared, and the key is not copied.""",
    """With --csr, an authority signs the certificate: the command writes a certificate request and declares
nothing. When you have the certificate, --certificate FILE stores it and declares the key. To renew a certificate
later, replace the file that the declaration names.

examples:
  provisioner keys generate storefront_2027_01 --keyset storefront
  provisioner keys generate storefront_2027_01 --kid shop-7 --algorithm RS512 \\
      --private-key ~/.secrets/shop-7.key
  provisioner keys generate storefront_2027_01 --from ~/.secrets/shop.key \\
      --keyset storefront
  provisioner keys generate storefront_2027_01 --csr
  provisioner keys generate storefront_2027_01 --certificate signed.crt \\
      --keyset storefront
  provisioner keys generate --login provisioner --passphrase-env KEY_PASSPHRASE""",
)


def _keys_rotate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keyset", metavar="KEYSET", nargs="?", help="the keyset's name in the declaration")
    parser.add_argument("--status", action="store_true", help="only print the state of the rotation (of every keyset)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    which = parser.add_argument_group("old and new key, if their dates do not tell")
    which.add_argument("--new", metavar="NAME", help="the new key (of an endpoint: its kid)")
    which.add_argument("--old", metavar="NAME", help="the old key to replace (of an endpoint: its kid)")
    proof = parser.add_argument_group("proving the new key")
    signing = proof.add_mutually_exclusive_group()
    signing.add_argument("--key-file", metavar="FILE", type=Path, help="the new key's private key; it stays here")
    signing.add_argument("--token", metavar="FILE|-", help="a token from the signer, for a subject uv-probe-…")
    proof.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of the private key")
    proof.add_argument("--channel", metavar="C", help="the channel that --deployment belongs to")
    proof.add_argument("--deployment", metavar="D", help="the Embedded Service deployment's API name")
    add_chat_hosts(parser)
    end = parser.add_argument_group("retiring the old key")
    end.add_argument("--retire", action="store_true", help="every signer uses the new key: remove the old key")
    end.add_argument("--switched-at", metavar="TIME", type=moment, help="when the last signer switched (ISO 8601)")
    end.add_argument("--token-life", metavar="MINUTES", type=minutes, help="lifetime of the signer's tokens")
    end.add_argument("--shared", action="store_true", help="confirm that the other environments have reached this step")
    leak = parser.add_argument_group("a leaked key")
    leak.add_argument("--revoke", metavar="KEY", help="deactivate this key at once")
    leak.add_argument("--confirm", metavar="NAME", action="append", default=[], help="the name of the key, again")
    add_endpoint_options(parser)


KEYS_ROTATE = Syntax(
    _keys_rotate,
    """Rotate the signing key of a keyset, one safe step at a time: publish the new key beside the old
one, prove that its tokens verify, switch the signer, deactivate the old key, delete it. The command reads the state
of the rotation from the declaration and the org each time, so you can run it again at any moment and from any
machine. It performs the next step only: it shows the plan, asks, and prints the following step and how to go back.
Without --retire it removes no key.""",
    """--revoke is for a leaked key: it deactivates the key at once, even if no customer can chat afterwards.
The command first lists the consequences; --confirm repeats the name of the key. At a terminal it asks before it
sends anything; in production without a terminal, a second --confirm with the name of the environment is needed too.

examples:
  provisioner keys rotate storefront --env sandbox
  provisioner keys rotate storefront --env sandbox \\
      --key-file storefront_2027_01.key
  provisioner keys rotate storefront --env sandbox --retire --token token.jwt
  provisioner keys rotate --status --env sandbox
  provisioner keys rotate storefront --env sandbox \\
      --revoke storefront_2026_11 --confirm storefront_2026_11

Exits with 0 if the step is complete or is yours to do, 1 if a proof failed, 3 if the step was refused.""",
)


def _keys_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file to inspect; - for standard input")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of a private key")


KEYS_INSPECT = Syntax(
    _keys_inspect,
    """Identify a file (a certificate, a JWK or a JWKS, a public or private key, a certificate request, a
keystore), print its thumbprints, dates and sizes, and find the declared key that it belongs to. Keys are compared
by their public keys, so a private key matches the entry of its certificate. The command prints nothing private; -
is standard input.""",
    """examples:
  provisioner keys inspect config/keys/storefront-2026-11.crt
  provisioner keys inspect storefront_2027_01.key
  provisioner keys inspect jwks.json --env production

`provisioner diagnose key FILE` checks whether Salesforce would accept it, and repairs it.""",
)


def _keys_expiring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--days", metavar="N", type=_DAYS, default=30, help="number of days to look ahead (default: 30)"
    )
    add_endpoint_options(parser)
    add_target_org(parser)


KEYS_EXPIRING = Syntax(
    _keys_expiring,
    """List the certificates of all keys by expiry date: those of the declaration in every environment,
those of declared logins, and those that JWKS endpoints serve in x5c. With --env (a comma-separated list, globs) the
command also reads the orgs, in parallel, counts undeclared keys that a keyset uses, and adds the certificate beside
the private key of the login. It writes nothing. It lists an endpoint that cannot be reached from this machine as not
checked.""",
    """examples:
  provisioner keys expiring
  provisioner keys expiring --env 'prod*' --days 60 --format json

Exits with 2 if a certificate in use expires within --days or has expired, 1 if an expected certificate cannot be
read, 4 or 5 if an org cannot be read.""",
    formats=("human", "json", "markdown", "junit"),
)


def _keys_jwks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keyset", metavar="KEYSET", help="a declared keyset that lists its keys")


KEYS_JWKS = Syntax(
    _keys_jwks,
    """Print the JWKS (RFC 7517) of a declared keyset, exactly as your own endpoint should serve it. It
holds the public members of the active keys. The command contacts no org.""",
    """examples:
  provisioner keys jwks storefront > jwks.json
  provisioner keys jwks storefront --env production > jwks.json""",
    formats=("json",),
)


def _token_mint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keyset", metavar="S", required=True, help="the declared keyset that must verify the token")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", metavar="NAME", help="the declared key that the private key must belong to")
    which.add_argument("--kid", metavar="K", help="the same, by kid; needed for a keyset with an endpoint")
    parser.add_argument("--key-file", metavar="FILE", required=True, help="the private key; - for standard input")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable that holds the private key's passphrase")
    parser.add_argument("--sub", metavar="SUB", help="subject of the token: the stable id of the customer")
    parser.add_argument("--ttl", metavar="SECONDS", type=_TTL, help="lifetime of the token (default: 300)")
    parser.add_argument("--aud", metavar="A", help="an audience; nothing is known to check it")
    parser.add_argument(
        "--claim", metavar="N=V", action="append", default=[], help="a further claim: N=TEXT, or N:=JSON; repeatable"
    )
    parser.add_argument("--yes", action="store_true", help="allow a lifetime over a day and a token that cannot verify")
    endpoint = parser.add_argument_group("a keyset with an endpoint")
    endpoint.add_argument(
        "--check-endpoint", action="store_true", help="compare the key with those that the endpoint serves"
    )
    endpoint.add_argument("--algorithm", choices=("RS256", "RS512"), help="default: the served key's, else RS256")
    add_endpoint_options(parser)
    preset = parser.add_argument_group("Fin Messenger")
    preset.add_argument("--preset", choices=("intercom",), help="both tokens, and intercomSettings")
    preset.add_argument("--intercom-secret-file", metavar="F", help="Intercom's Messenger API Secret; - for stdin")
    preset.add_argument("--user-id", metavar="U", help="the logged-in user; also sub, unless --sub is given")
    preset.add_argument("--app-id", metavar="A", help="the Intercom workspace id")
    preset.add_argument("--api-base", metavar="URL", help="needed if the workspace is not in the United States")


TOKEN_MINT = Syntax(
    _token_mint,
    """Sign an identity token with the private key of a declared keyset. kid, algorithm and issuer come
from the declaration. The private key must belong to a declared key; no login and no consumer key are needed.
Standard output is only the token. Anyone who has the token is this customer until it expires: use it for tests and
analysis. A server signs tokens with the Python API in docs/server.md.""",
    """Without --yes the command refuses to sign a token that cannot verify (inactive key, expired certificate,
kid not served); with --yes you can test that Salesforce refuses it. For a keyset with an endpoint, name the kid;
only --check-endpoint compares it with the served keys.

--preset intercom prints both tokens of Fin Messenger and the complete intercomSettings as one JSON object. Each of
the two tokens has its own key. sub is then the user id, ttl is an hour, and aud is the chat host if it is known
without a request to the org.

examples:
  provisioner token mint --env sandbox --keyset storefront \\
      --key-file ~/.secrets/shop.key --sub uv-probe-1
  provisioner token mint --env sandbox --keyset storefront \\
      --key-file shop.key --sub 4711 --ttl 900 --claim tier=gold
  provisioner token mint --env sandbox --keyset mobile --kid app-7 \\
      --check-endpoint --key-file app.key --sub 4711
  provisioner token mint --env sandbox --keyset fin --key-file sf.key \\
      --preset intercom --intercom-secret-file fin.txt
      --user-id 4711 --app-id abc123""",
    formats=("human", "json"),
)


def _token_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file with the token; - for standard input")
    parser.add_argument("--channel", metavar="C", help="API name of the messaging channel that the token is for")
    parser.add_argument("--live", action="store_true", help="check against the org, and request endpoints")
    parser.add_argument("--show-claims", action="store_true", help="show every claim; by default only iss and times")
    add_endpoint_options(parser)
    add_target_org(parser)


TOKEN_EXPLAIN = Syntax(
    _token_explain,
    """Check an identity token against every question of Salesforce's troubleshooting page, using the
declaration of an environment or, with --live, the configuration of its org. Without --env, only what holds in every
org is checked. The token is in FILE; - is standard input. A token is never an argument, because the shell history
would keep it. The command sends the token nowhere.""",
    """examples:
  provisioner token explain token.txt
  provisioner token explain token.txt --env sandbox --channel Web_Chat
  provisioner token explain - --env production --live < token.txt

Exits with 0 if no check refuses the token, 1 if a check does.""",
    formats=("human", "json", "markdown", "junit"),
)
