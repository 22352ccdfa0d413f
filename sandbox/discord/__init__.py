"""A local Discord, which the real discord.py client logs in to over real sockets.

It speaks HTTP API version 10 and the gateway (plain text frames) as far as a bot with slash
commands, components, modals, reactions and files needs. It refuses what Discord refuses, with the
same status and the same JSON error codes. Everything is kept in memory.

How to use it::

    async with LocalDiscord() as discord_:            # host, port, clock, rates … by keyword
        discord_.api_url                              # what DISCORD_API_URL is set to
        discord_.cdn_url                              # what DISCORD_CDN_URL is set to
        discord_.token                                # what DISCORD_TOKEN is set to; made per run
        await discord_.ready()                        # until a client has identified
        await discord_.synced("animate")              # until the command is registered

        ada = discord_.person("Ada")                  # also "Grace" and the moderator "Mona"
        shown = await ada.command("animate", channel="general",
                                  image=Upload("cat.png", data), prompt="it blinks")
        shown.message                                 # the answer, once there is one
        shown.followups, shown.modal, shown.ephemeral, shown.acknowledged_after
        await ada.command("quota-admin show", user=discord_.person("Grace"))
        await ada.press(shown.message, "🔁")          # a custom_id, a label or an emoji
        await ada.select(shown.message, "task-menu", ["value"])
        shown = await ada.menu("Animate", message)    # the Apps menu of a message or of somebody
        await ada.submit_modal(shown, {"prompt": "it blinks"})   # fields by custom_id
        await ada.complete("animate", "prompt", "it b")          # autocomplete: the choices
        await ada.react(message, "🔁");  await ada.unreact(message, "🔁")
        await ada.forward(message, "general")
        await ada.say("general", "hello", Upload("cat.png", data), reply_to=message)
        ada.sees("general")                           # messages, oldest first, own ephemerals too
        ada.direct_messages()                         # what the bot wrote to Ada alone
        message = await ada.wait_for(lambda seen: …, within=10, channel="general")

``command``, ``press``, ``select``, ``menu`` and ``submit_modal`` wait until the interaction is
acknowledged and return the `Interaction`; they raise `DidNotRespond` after 3 s. With ``wait=False``
they return at once, and ``await shown.acknowledged()`` waits. Options are checked as Discord's own
client checks them (`ClientRefused`); ``raw=True`` sends what is given, as a foreign client would.
The returned objects are the world's own: read them, but do not change them.

A `Message` has ``id``, ``content``, ``embeds``, ``components``, ``files`` (each with ``name``,
``data``, ``content_type``, ``spoiler``), ``reactions`` (emoji to user ids), ``mentions``,
``reply_to``, ``flags``, ``ephemeral``, ``loading``, ``edited_at``, ``text`` (all words, including
those
of embeds and components) and ``buttons``.

The world (`World`) is ``discord_.world``: ``world.guild``, ``world.channel("general")``; more with
``world.add_guild``, ``add_channel``, ``add_role``, ``add_member``, ``add_thread``; overwrites with
``world.set_overwrite``. Connected clients learn of changes to the world with
``discord_.tell_channel(channel)``, ``tell_role(role)``, ``tell_member``, ``tell_guild`` and
``tell_guild_gone``; ``tell_channel_gone`` deletes a channel. The default world is one server,
"Workshop", with the channels ``general`` and ``no-files`` (where the bot may not attach files).

Faults, for tests: ``discord_.faults.add(Fault("POST", "/channels/{channel_id}/messages", …))``,
see `sandbox.discord.faults`. Every request is in ``discord_.requests`` (method, route template,
status, seconds, bodies); ``discord_.count("POST", "/channels/{channel_id}/messages")`` counts.
``discord_.gateway.close(code)`` closes the gateway's connections; ``ask_to_reconnect()`` and
``invalidate(resumable=…)`` end them in Discord's own ways. Clients resume, and get the events that
they missed, unless ``forget()`` made that impossible. Between ``await discord_.go_away()`` and
``discord_.come_back()``, nobody can reach it. ``rates=Rates(enforced=False)`` switches the rate
limits off, ``acknowledge=10`` gives a slow machine more than Discord's 3 s, and
``discord_.acknowledge = 1`` changes it for new interactions.

For a page: ``discord_.commands.all(None)`` lists the registered commands as JSON with their
options,
``person.offered(channel)`` the names that somebody may use. ``discord_.messages.rendered(message)``
is a message as JSON with fresh file URLs, and ``discord_.files.url(file)`` a single URL.
``discord_.world.changes.until(holds, within)`` wakes after every change, and
``discord_.world.typing.ids(channel)`` lists who is typing. `sandbox.page` is such a page.
"""

from sandbox.discord.faults import BLOCK_PAGE, NETWORK_ERROR, Fault
from sandbox.discord.interaction import DidNotRespond, Interaction
from sandbox.discord.people.people import ClientRefused, Person
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.server import LocalDiscord
from sandbox.discord.state.model import (
    Channel,
    Guild,
    Member,
    Message,
    Role,
    StoredFile,
    Upload,
    User,
)
from sandbox.discord.state.world import World

__all__ = [
    "BLOCK_PAGE",
    "NETWORK_ERROR",
    "Channel",
    "ClientRefused",
    "DidNotRespond",
    "Fault",
    "Guild",
    "Interaction",
    "LocalDiscord",
    "Member",
    "Message",
    "Permission",
    "Person",
    "Role",
    "StoredFile",
    "Upload",
    "User",
    "World",
]
