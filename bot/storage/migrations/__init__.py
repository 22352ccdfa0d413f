"""Numbered, forward-only migrations. Each runs in one transaction, so a kill leaves no half."""
