"""Numbered, forward only; each runs in one transaction, so a killed one leaves nothing."""
