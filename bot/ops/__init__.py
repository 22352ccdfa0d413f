"""Logging, health checks and metrics for operators."""
