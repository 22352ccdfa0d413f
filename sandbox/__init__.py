"""A local Discord and a local video provider: the demo and the tests run on them.

========================  ==========================================================
`sandbox.discord`         a local Discord that the real discord.py client logs in to
`sandbox.vtrix`           a local provider that speaks Vtrix's API
`sandbox.video`           the five-second MP4 that the provider makes of a picture
`sandbox.samples`         pictures to feed them: fine ones, odd ones, broken ones
========================  ==========================================================

They live beside the bot and the bot does not know them. Nothing leaves this machine.
"""
