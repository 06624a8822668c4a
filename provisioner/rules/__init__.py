"""The checks before anything is sent: each module holds one rule, its page and its check."""
