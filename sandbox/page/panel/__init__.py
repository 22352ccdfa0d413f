"""The side panel: what happens behind the channel, and what can be made to go wrong."""
