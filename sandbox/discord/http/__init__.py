"""Discord's HTTP API, version 10, by resource."""
