"""A local Discord and a local video provider: the demo and the tests run on them."""
