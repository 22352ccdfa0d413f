"""One file for each version, which never changes after its release."""
