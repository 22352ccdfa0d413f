"""Video providers: a package for each, and what they share."""
