"""What is checked before anything is sent: a file a rule, its page and its check together."""
