"""Rules for keysets and their issuers."""
