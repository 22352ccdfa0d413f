"""Work on the whole database: migration, backup, checks, retention and privacy."""
