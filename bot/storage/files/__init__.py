"""Pictures and videos: on this disk, and in the object store."""
