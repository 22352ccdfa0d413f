"""The rules: pure, without Discord, HTTP or SQL."""
