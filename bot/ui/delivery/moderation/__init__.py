"""What moderators see in Discord: the log channel, reports, and hidden videos."""
