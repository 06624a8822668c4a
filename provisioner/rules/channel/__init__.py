"""Rules for channels, their configurations and expirations, and for removed components."""
