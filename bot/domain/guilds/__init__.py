"""Servers: settings, audit log, statistics, and notices about new defaults."""
