"""`flipbook check`: one module for each area that is checked; `checks` puts them in order."""
