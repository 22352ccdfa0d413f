"""What a server's moderators set, and the audit of it."""
