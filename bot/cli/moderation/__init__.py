"""`flipbook report`, `flipbook block` and `flipbook unblock`."""
