"""Background work on tasks: submit, poll, deliver, and notify."""
