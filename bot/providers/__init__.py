"""The providers of videos: a folder for each, and what every one of them needs."""
