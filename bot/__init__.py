"""Flipbook: a Discord bot that turns a picture and a prompt into a video."""

__version__ = "0.1.0"
