"""Messages to Discord: progress, results and notices, within its rate limits."""
