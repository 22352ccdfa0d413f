"""Flipbook: a Discord bot that turns a picture and a sentence into a video."""

__version__ = "0.1.0"
