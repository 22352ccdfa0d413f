"""Everything that people read and press."""
