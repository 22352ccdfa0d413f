"""Client of a moderation endpoint, which checks pictures and prompts before anything is spent."""
