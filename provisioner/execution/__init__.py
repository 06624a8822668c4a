"""Plan to package to deploy to read-back to Outcome."""
