"""The video API on the wire."""
