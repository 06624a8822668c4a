"""The diagnosis of a login that fails: evidence, clues, causes, and known messages."""
