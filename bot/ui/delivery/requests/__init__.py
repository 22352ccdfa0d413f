"""Requests to Discord: its rate limits, its errors, and the wait while it refuses everything."""
