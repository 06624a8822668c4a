"""The commands by purpose, and the overview that ``provisioner --help`` prints."""

from __future__ import annotations

#: Every command with its summary, in sections by purpose.
SECTIONS: dict[str, dict[str, str]] = {
    "everyday": {
        "validate": "check the declaration without an org or secrets",
        "plan": "show what would change in an org",
        "show": "print a saved plan",
        "apply": "apply the plan to an org and read it back",
        "verify": "prove at the chat runtime that customers are verified",
        "drift": "show where an org differs from the declaration",
        "status": "show who verifies where, by which key, and what expires",
        "guests": "count the sessions of verified customers and guests",
        "restore": "list earlier applies, or undo one",
        "import": "write an org's configuration as a declaration",
        "export": "write a project for the official Salesforce CLI",
    },
    "keys and tokens": {
        "keys generate": "generate a key pair and declare it",
        "keys rotate": "replace a signing key in safe steps, or revoke it",
        "keys inspect": "identify a key file and its declared key",
        "keys expiring": "list certificates by expiry date",
        "keys jwks": "print the JWKS that your own endpoint should serve",
        "token mint": "sign an identity token with a private key",
        "token explain": "explain why Salesforce would refuse a token",
    },
    "diagnosis": {
        "diagnose login": "find out why a login fails",
        "diagnose chat": "find out why customers are guests",
        "diagnose paste": "explain the output of another program",
        "diagnose key": "find out why Salesforce refuses a key; repair it",
        "diagnose endpoint": "check whether Salesforce can use a JWKS endpoint",
        "rules": "list the checks of validate, or explain one",
        "probe": "settle on a sandbox how an org behaves",
    },
    "the login": {
        "login plan": "show what an org lacks for the declared logins",
        "login apply": "create or update the login's app, and prove the login",
        "login status": "show the declared logins as an org has them",
        "login rotate": "replace a login's certificate without an outage",
        "login retire": "end the app that a rotation replaced",
    },
    "CI": {
        "promote": "promote a verified configuration to another environment",
        "envs": "list the environments, also for a CI matrix",
        "render": "print the merged declaration with each value's origin",
    },
    "local org": {
        "localorg start": "start a simulated org on this machine",
        "localorg stop": "stop it",
        "localorg reset": "reset it; its credentials are kept",
        "localorg status": "show whether it runs and which faults are on",
        "localorg break": "switch a fault on",
        "localorg mend": "switch faults off",
    },
    "setup": {
        "init": "write a commented starting config",
        "doctor": "check the machine, the config and a login",
        "schema": "print the JSON Schema of the config files",
        "completion": "print a completion script for a shell",
        "version": "print the version",
    },
}
VERBS = {verb: summary for section in SECTIONS.values() for verb, summary in section.items()}
#: First words that need a second word.
GROUPS = {verb.split()[0] for verb in VERBS if " " in verb}

_ABOUT = "Salesforce chat user verification as code: write it once, plan it, apply it,\nread it back."
_EVERYWHERE = """Options of every command, before or after its name: --config DIR, --env NAME,
--format FORMAT, -v, -vv, -q, --no-color, --no-input, --timeout SECONDS,
--allow-commands, --untrusted.

Run `provisioner help COMMAND` for the options and examples of a command."""


def overview(group: str | None = None) -> str:
    """Return the help text: one row of at most 80 columns for each command, or for each of a group such as ``keys``."""
    width = max(map(len, VERBS)) + 2
    parts = [f"usage: provisioner {f'{group} ' if group else ''}COMMAND [options]"]
    if group is None:
        parts.append(_ABOUT)
    for section, verbs in SECTIONS.items():
        lines = [f"  {verb:<{width}}{text}" for verb, text in verbs.items() if group in (None, verb.split()[0])]
        if lines:
            parts.append("\n".join([f"{'commands' if group else section}:", *lines]))
    return "\n\n".join([*parts, _EVERYWHERE]) + "\n"
