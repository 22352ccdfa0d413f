"""What a server's moderators set, and the audit log of it."""
