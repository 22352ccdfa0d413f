"""Every text that people read, by topic, translatable with gettext.

- ``language``, ``catalogues``: how a text finds its language
- ``measures``: durations, sizes and moments; escaping of other people's text
- ``refusals/``: why something was not started
- ``endings``: the names of states, and how a task can end without a video
- ``cards``, ``rerolls``, ``tasks``, ``picture_questions``: a task's message, the forms behind its
  buttons, `/tasks`, consent to a picture
- ``command_names``: commands that can be clicked in an answer
- ``choices``: the models, lengths and resolutions that `/animate` offers, with prices
- ``quota``, ``guide``, ``details``, ``privacy``: `/quota`, `/help`, ℹ️ and `/privacy`
- ``moderation/``: what moderators read

The descriptions of commands and options are beside them, in ``cogs``, as ``locale_str``. Each text
is one msgid with named placeholders, so that a translation can move them. Money is formatted by
``str(Usd)``. Moments are Discord's timestamps, which each reader sees in their own time zone. `make
texts-list` prints all texts with their occasions.
"""
