"""Objects of the local Discord as Discord writes them down in JSON."""
