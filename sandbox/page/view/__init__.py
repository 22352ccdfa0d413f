"""What one tab shows: the places, the messages, and the changes to send."""
