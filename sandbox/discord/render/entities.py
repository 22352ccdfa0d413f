"""Renders users, servers, roles and channels as Discord's JSON."""

from datetime import datetime

from sandbox.discord.state.model import (
    Channel,
    ChannelKind,
    Guild,
    Json,
    Member,
    Overwrite,
    Role,
    User,
)


def iso(moment: datetime) -> str:
    """Format a time as Discord does."""
    return moment.isoformat(timespec="microseconds")


def user(user: User) -> Json:
    """Render the public data of an account."""
    body: Json = {
        "id": str(user.id),
        "username": user.name.lower(),
        "avatar": None,
        "discriminator": "0000" if user.bot else "0",
        "public_flags": 0,
        "flags": 0,
        "global_name": None if user.bot else user.name,
        "primary_guild": None,
    }
    return body | ({"bot": True} if user.bot else {})


def own_user(account: User) -> Json:
    """Render the bot's own account, as the bot sees it."""
    private = {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}
    return user(account) | private


def role(role: Role) -> Json:
    """Render a role of a server."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def member(member: Member, *, permissions: int | None = None) -> Json:
    """Render a member; with ``permissions``, as in interactions."""
    until = "9999-01-01T00:00:00+00:00" if member.timed_out else None
    body: Json = {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": until,
        "flags": 0,
        "joined_at": iso(member.joined_at),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role_id) for role_id in sorted(member.roles)],
        "user": user(member.user),
        "mute": False,
        "deaf": False,
    }
    return body if permissions is None else body | {"permissions": str(int(permissions))}


def partial_member(member_: Member, *, permissions: int) -> Json:
    """Render a member as in ``resolved``, where the account is beside it."""
    body = member(member_, permissions=permissions)
    return {key: value for key, value in body.items() if key not in ("user", "deaf", "mute")}


def overwrite(overwrite: Overwrite) -> Json:
    """Render what a channel allows and denies one role or member."""
    return {
        "id": str(overwrite.id),
        "type": overwrite.kind,
        "allow": str(int(overwrite.allow)),
        "deny": str(int(overwrite.deny)),
    }


def channel(channel: Channel) -> Json:
    """Render a channel of any kind."""
    last = channel.last_message_id
    body: Json = {
        "id": str(channel.id),
        "type": int(channel.kind),
        "flags": 0,
        "last_message_id": None if last is None else str(last),
    }
    if channel.last_pin is not None:
        body["last_pin_timestamp"] = iso(channel.last_pin)
    if channel.kind is ChannelKind.GROUP:
        people = [user(one) for one in channel.group]
        own = {"name": channel.name, "owner_id": str(channel.owner_id), "icon": None}
        return body | own | {"recipients": people}
    if channel.recipient is not None:
        return body | {"recipients": [user(channel.recipient)]}
    body |= {"guild_id": str(channel.guild_id), "name": channel.name, "rate_limit_per_user": 0}
    if channel.is_thread:
        return body | _thread(channel)
    if channel.is_voice:
        body |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    return body | {
        "position": channel.position,
        "permission_overwrites": [overwrite(one) for one in channel.overwrites.values()],
        "nsfw": channel.nsfw,
        "topic": None,
        "parent_id": None,
    }


def channel_of_interaction(channel_: Channel, *, permissions: int) -> Json:
    """Render the channel of an interaction, without overwrites, with the person's permissions."""
    body = channel(channel_) | {"permissions": str(int(permissions))}
    body.pop("permission_overwrites", None)
    return body


_RESOLVED = {
    *("id", "name", "type", "guild_id", "parent_id", "position", "flags", "topic", "nsfw"),
    *("last_message_id", "last_pin_timestamp", "rate_limit_per_user", "thread_metadata"),
}
"""The fields of a resolved channel (Discord's "Resolved Data Structure")."""


def resolved_channel(channel_: Channel, *, permissions: int, app_permissions: int) -> Json:
    """Render a channel that somebody chose, with their permissions there and the app's."""
    body = {key: value for key, value in channel(channel_).items() if key in _RESOLVED}
    return body | {
        "permissions": str(int(permissions)),
        "app_permissions": str(int(app_permissions)),
    }


def _thread(channel: Channel) -> Json:
    return {
        "parent_id": str(channel.parent_id),
        "owner_id": str(channel.owner_id),
        "message_count": channel.message_count,
        "member_count": min(50, len(channel.people)),
        "total_message_sent": channel.total_message_sent,
        "thread_metadata": {
            "archived": channel.archived,
            "archive_timestamp": iso(channel.created_at),
            "auto_archive_duration": 1440,
            "locked": channel.locked,
            "create_timestamp": iso(channel.created_at),
        },
    }


def guild(guild: Guild) -> Json:
    """Render a server as the HTTP routes show it."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(guild.owner_id),
        "application_id": None,
        "region": "local",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role(one) for one in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": guild.preferred_locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "premium_progress_bar_enabled_user_updated_at": None,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def guild_create(one: Guild, *, members: list[Member], threads: list[Channel]) -> Json:
    """Render a server as the gateway announces it, with the active threads that the bot sees."""
    return guild(one) | {
        "joined_at": iso(min(m.joined_at for m in one.members.values())),
        "large": False,
        "unavailable": False,
        "member_count": len(one.members),
        "voice_states": [],
        "members": [member(m) for m in members],
        "channels": [channel(c) for c in one.channels.values() if not c.is_thread],
        "threads": [channel(one) for one in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application(
    name: str,
    bot: User,
    owner: User,
    guild_count: int,
    *,
    own_installs: bool,
    flags: int = 0,
    interactions_endpoint: str | None = None,
) -> Json:
    """Render the application as its bot sees it; ``own_installs``: people may install it."""
    return {
        "id": str(bot.id),
        "name": name,
        "icon": None,
        "description": "",
        # Deprecated and always empty; older libraries read it all the same.
        "summary": "",
        "type": None,
        "bot": user(bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}} | ({"1": {}} if own_installs else {}),
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": interactions_endpoint,
        "role_connections_verification_url": None,
        "owner": user(owner),
        "approximate_guild_count": guild_count,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }
