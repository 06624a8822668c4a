"""Identity tokens: minting and explaining."""
