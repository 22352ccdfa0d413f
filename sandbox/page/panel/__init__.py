"""The side panel: shows what happens behind the channel, and injects faults."""
