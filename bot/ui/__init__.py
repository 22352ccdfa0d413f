"""The user interface in Discord: texts, messages, buttons and forms."""
