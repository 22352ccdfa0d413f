"""The composition root: everything is built, opened and closed here."""
