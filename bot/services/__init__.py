"""What people and moderators can have done: requests, rerolls, limits, privacy."""
