"""Personal data: exports, deletions and retention."""
