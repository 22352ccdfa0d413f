"""Every word that people read, by topic, ready for gettext.

- ``language``, ``catalogues``: how a text finds its language
- ``measures``: durations, sizes, moments; other people's words made harmless
- ``refusals``, ``pictures``, ``limits``: why something was not started
- ``endings``: what states are called, and how a task can end without a video
- ``cards``, ``rerolls``, ``tasks``: the command's own message, what its buttons ask, `/tasks`
- ``answers``, ``privacy``: `/quota`, `/help`, ℹ️ and `/privacy`
- ``moderation``, ``settings``, ``log_channel``: what moderators read

What commands and options say about themselves is written beside them, in ``cogs``, as
``locale_str``. Each text is one msgid with named placeholders, so that a translation can move them.
Money comes from ``str(Usd)``, moments are Discord's own timestamps, which each reader sees in their
own zone. `make texts-list` prints all of them with their occasions.
"""
