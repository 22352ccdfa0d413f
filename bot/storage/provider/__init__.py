"""What the bot learns about the provider: status, charges, durations and request form."""
