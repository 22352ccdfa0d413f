"""Work on the whole database: upgrade, backup, checks, retention and privacy."""
