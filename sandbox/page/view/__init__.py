"""What one tab shows: the places, the messages, and what of them has to be told to it."""
