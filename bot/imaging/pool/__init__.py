"""Worker processes that decode pictures, and their memory budget."""
