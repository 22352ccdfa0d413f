"""The Vtrix API on the wire."""
