"""Everything that goes on by itself: submit, poll, deliver, and notify."""
