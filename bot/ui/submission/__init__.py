"""From a command, button or form to the intake."""
