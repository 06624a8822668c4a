"""``provisioner keys generate``: a key pair, its certificate, and its place in the declaration."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.generate_options import add_generate, generate_options
from provisioner.errors import ExitStatus

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Create an RSA key pair in one step: the private key (PKCS #8, readable only by you), its
self-signed certificate in the config directory (config/keys), and the entry of the key in the declaration, which
keeps its comments and order. The private key goes to ~/.config/provisioner/keys/PROJECT/NAME.key (the folder for
settings of your system, or XDG_CONFIG_HOME) or to the path of --private-key, never into the config directory, and
never into a git work tree that does not ignore it. The command overwrites nothing and contacts no org; if a step
fails, it leaves no files.

With --from, the private key is one that you have, in any form that token mint takes (PEM, DER, PKCS #12, a Java
keystore, OpenSSH, a private JWK): only its certificate is made and declared, and the key is not copied."""
EPILOG = """With --csr, an authority signs the certificate: the command writes a certificate request and declares
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
  provisioner keys generate --login provisioner --passphrase-env KEY_PASSPHRASE"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_generate(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.generated import generated_json, generated_view
    from provisioner.workflows.generate_key import generate

    made = generate(context, generate_options(arguments))
    context.show(lambda: generated_view(made), lambda: generated_json(made))
    return ExitStatus.DONE
