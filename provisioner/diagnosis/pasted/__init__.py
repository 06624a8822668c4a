"""The output of other programs: its parsing, its known messages, and the causes that only it shows."""
