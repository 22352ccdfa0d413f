"""Messages to moderators: the log channel, cards about reports, and hidden videos."""
