"""Limits: rules, usage, holds, and budgets."""
