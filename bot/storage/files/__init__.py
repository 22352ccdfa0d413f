"""Pictures and videos on the local disk and in the object store."""
