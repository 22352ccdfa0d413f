"""State of the page except for its messages: the person, the server and the channel."""

from sandbox.discord import Channel, Guild, LocalDiscord, Member, Permission, Person, Role, User
from sandbox.discord.rules.commands import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from sandbox.discord.state.model import ChannelKind, Json
from sandbox.discord.translatable import marked

_KINDS = {
    ChannelKind.THREAD: "thread",
    ChannelKind.PRIVATE_THREAD: "thread",
    ChannelKind.DIRECT: "dm",
}
_TOPICS = {
    "general": marked("Pictures start to move here"),
    "no-files": marked("Flipbook may not attach files here: see how it handles that"),
}
# Readable on a dark background, and different from each other.
_COLOURS = ("#f0b232", "#57c7a3", "#c38bf5", "#f2798f", "#69b3ff", "#e8915b")
_BOT_COLOUR = "#7984f5"
_ENGLISH = "en-US"
_MAY = {
    "send": Permission.SEND_MESSAGES,
    "attach": Permission.ATTACH_FILES,
    "react": Permission.ADD_REACTIONS,
    "commands": Permission.USE_APPLICATION_COMMANDS,
    "manage_messages": Permission.MANAGE_MESSAGES,
}


def people(discord: LocalDiscord) -> list[Person]:
    """Return the people whose view can be shown: members, then the owner, who runs the bot."""
    guild = discord.world.guild
    members = [one.user for one in guild.members.values() if not one.user.bot]
    members.sort(key=lambda one: one.id == guild.owner_id)
    return [discord.person(one.name) for one in members]


def channels(discord: LocalDiscord, person: Person) -> list[Channel]:
    """Return the channels that somebody sees, and their direct messages with the bot last."""
    world = discord.world
    seen = [
        one
        for one in world.guild.channels.values()
        if world.permissions(person.user, one) & Permission.VIEW_CHANNEL
    ]
    return [*seen, world.direct_channel(person.user)]


def page_state(discord: LocalDiscord, person: Person, channel: Channel) -> Json:
    """Return the push named ``scene``, without its messages."""
    guild = discord.world.guild
    return {
        "op": "scene",
        "me": _person(discord, person.user) | {"locale": person.user.locale},
        "languages": languages(discord),
        "people": [_person(discord, one.user) for one in people(discord)],
        "guild": {"id": str(guild.id), "name": guild.name},
        "channels": [_channel(discord, one) for one in channels(discord, person)],
        "channel": str(channel.id),
        "may": _may(discord, person, channel),
        "commands": _offered(discord, person, channel, CHAT_INPUT),
        "menus": _offered(discord, person, channel, MESSAGE_MENU),
        "user_menus": _offered(discord, person, channel, USER_MENU),
        "members": [_member(guild, one) for one in guild.members.values()],
        "roles": [_role(guild, one) for one in guild.roles.values()],
    }


def languages(discord: LocalDiscord) -> list[str]:
    """Return the locales that the bot's commands are translated to, English first."""
    guild = discord.world.guild.id
    commands = [one for scope in (guild, None) for one in discord.commands.all(scope)]
    told = {locale for one in commands for locale in one["description_localizations"] or {}}
    return [_ENGLISH, *sorted(told - {_ENGLISH})]


def _person(discord: LocalDiscord, user: User) -> Json:
    guild = discord.world.guild
    granted = discord.world.guild_permissions(user, guild)
    body = _member(guild, guild.members[user.id])
    return body | {
        "moderator": bool(granted & Permission.MANAGE_GUILD),
        "operator": user.id == guild.owner_id,
    }


def _member(guild: Guild, member: Member) -> Json:
    user = member.user
    return {
        "id": str(user.id),
        "name": user.name,
        "display_name": member.nick or user.name,
        "colour": _BOT_COLOUR if user.bot else _colour(list(guild.members).index(user.id)),
        "bot": user.bot,
    }


def _role(guild: Guild, role: Role) -> Json:
    colour = _colour(list(guild.roles).index(role.id))
    return {"id": str(role.id), "name": role.name, "colour": colour}


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]


def _channel(discord: LocalDiscord, channel: Channel) -> Json:
    direct = channel.kind is ChannelKind.DIRECT
    granted = discord.world.permissions(discord.world.bot, channel)
    may_attach = granted & Permission.ATTACH_FILES
    return {
        "id": str(channel.id),
        "name": discord.world.bot.name if direct else channel.name,
        "topic": None if direct else _TOPICS.get(channel.name),
        "kind": _KINDS.get(channel.kind, "text"),
        "type": int(channel.kind),
        "note": None if may_attach else marked("The bot may not attach files here."),
    }


def _may(discord: LocalDiscord, person: Person, channel: Channel) -> dict[str, bool]:
    granted = discord.world.permissions(person.user, channel)
    wanted = dict(_MAY)
    if channel.is_thread:
        wanted["send"] = Permission.SEND_MESSAGES_IN_THREADS
    return {name: bool(granted & permission) for name, permission in wanted.items()}


def _offered(discord: LocalDiscord, person: Person, channel: Channel, kind: int) -> list[Json]:
    """Return the commands of a kind that Discord offers somebody there, the server's own first."""
    commands = discord.commands
    everything = [one for scope in (channel.guild_id, None) for one in commands.all(scope)]
    by_name = {one["name"]: one for one in reversed(everything) if one["type"] == kind}
    return [
        _in_language(by_name[name], person.user.locale)
        for name in sorted(by_name)
        if commands.may_use(person.user, channel, by_name[name])
    ]


def _in_language(command: Json, locale: str) -> Json:
    """Translate the description of a command, its options and its choices, as Discord does.

    Commands and options keep their names, because the page uses them in requests.
    """
    words = ("name", "description") if "value" in command else ("description",)
    translated = dict(command)
    for word in words:
        translated[word] = (command.get(f"{word}_localizations") or {}).get(
            locale, command.get(word)
        )
    for parts in ("options", "choices"):
        if parts in command:
            translated[parts] = [_in_language(one, locale) for one in command[parts]]
    return translated
