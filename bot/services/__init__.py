"""What people and moderators can do: request videos, reroll, set limits, manage stored data."""
