"""Video files: the boxes of an MP4, and the label that says how a video was made."""
