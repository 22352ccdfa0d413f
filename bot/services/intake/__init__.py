"""Accepts requests for videos: from the picture and the checks of it to the reserved task."""
