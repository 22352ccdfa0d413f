"""What the bot does, in the order of the line: intake, submitter, watcher, deliverer."""
