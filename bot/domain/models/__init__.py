"""The video models: what each accepts, what it costs, and who may use it where."""
