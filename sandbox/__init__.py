"""A local Discord and a local video provider, for the demo and the tests.

========================  ==========================================================
`sandbox.discord`         a local Discord that the real discord.py client logs in to
`sandbox.vtrix`           a local provider that speaks Vtrix's API
`sandbox.video`           the five-second MP4 that the provider makes from a picture
`sandbox.samples`         sample pictures: fine ones, odd ones, broken ones
========================  ==========================================================

The bot knows nothing of them, and nothing leaves this machine.
"""
