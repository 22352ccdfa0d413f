"""The way from a command, button or form to the intake."""
