"""The gateway: client connections and their sessions."""
