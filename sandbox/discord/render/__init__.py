"""Renders objects of the local Discord as Discord's JSON."""
