"""A local Discord and local video providers, for the demo and the tests.

========================  ==========================================================
`sandbox.discord`         a local Discord that the real discord.py client logs in to
`sandbox.vtrix`           a local provider that speaks Vtrix's API
`sandbox.dashscope`       a local provider that speaks DashScope's API
`sandbox.providers`       what the local providers share
`sandbox.video`           the MP4 that a provider makes from a picture
`sandbox.samples`         sample pictures: fine ones, odd ones, broken ones
========================  ==========================================================

The bot knows nothing of them, and nothing leaves this machine.
"""
