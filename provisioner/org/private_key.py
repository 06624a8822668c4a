"""The private key that signs assertions: read as every private key is."""

from provisioner.keys.private_key import SMALLEST_KEY_BITS, explain_bytes, load_private_key

__all__ = ["SMALLEST_KEY_BITS", "explain_bytes", "load_private_key"]
