"""Every word that people read, by topic, ready for gettext.

- ``language``: how a text finds its language
- ``measures``: durations, sizes, moments; foreign words made harmless
- ``refusals``, ``pictures``: why something was not started
- ``endings``: what states are called, and how a task can end without a video
- ``cards``: the command's own message, from "reading" to the result
- ``commands``: what commands and options say about themselves
- ``answers``: `/quota`, `/help`, ℹ️

Each text is one msgid with named placeholders, so that a translation can move them. Money comes
from ``str(Usd)``, moments are Discord's own timestamps, which each reader sees in their own zone.
"""
