"""Parsers for the structure of picture files, used before a decoder sees them."""
