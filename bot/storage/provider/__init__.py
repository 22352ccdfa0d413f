"""What is known of the provider: its status, charges, durations and request form."""
