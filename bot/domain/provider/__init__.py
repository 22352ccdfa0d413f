"""Jobs at a provider, its status, reasons of failures, and durations."""
