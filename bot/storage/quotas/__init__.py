"""Limits and budgets: rules, usage and holds."""
