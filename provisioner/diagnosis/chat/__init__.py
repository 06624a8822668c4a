"""The diagnosis of a chat with guest customers: evidence, clues, causes, and known messages."""
