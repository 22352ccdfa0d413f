"""Messages to Discord: progress, results, notices, and what Discord answers to them."""
