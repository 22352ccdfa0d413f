"""Renders ``resolved`` of interactions: whoever and whatever somebody chose, by id."""

from sandbox.discord.render import entities
from sandbox.discord.state.files import Files
from sandbox.discord.state.model import Channel, Guild, Json, Member, Role, Upload, User
from sandbox.discord.state.world import World

Entity = User | Member | Role | Channel | Upload


class Resolved:
    """Collects what one person chose, each as the partial object that interactions have."""

    def __init__(self, world: World, files: Files, person: User, guild: Guild | None) -> None:
        self._world = world
        self._files = files
        self._person = person
        self._guild = guild
        self.data: dict[str, dict[str, Json]] = {}

    def add(self, chosen: Entity) -> str:
        """Add somebody or something, and return its id; a file is stored first."""
        if isinstance(chosen, Upload):
            return self._attachment(chosen)
        if isinstance(chosen, Role):
            return self._keep("roles", chosen.id, entities.role(chosen))
        if isinstance(chosen, Channel):
            return self._channel(chosen)
        return self._user(chosen.user if isinstance(chosen, Member) else chosen)

    def _keep(self, group: str, id: int, body: Json) -> str:
        self.data.setdefault(group, {})[str(id)] = body
        return str(id)

    def _attachment(self, upload: Upload) -> str:
        file = self._files.keep(upload, channel_id=0)
        file.source_of, file.ephemeral = self._world.application_id, True
        return self._keep("attachments", file.id, self._files.payload(file))

    def _user(self, user: User) -> str:
        member = self._guild.members.get(user.id) if self._guild else None
        if member is not None and self._guild is not None:
            granted = self._world.guild_permissions(user, self._guild)
            body = entities.partial_member(member, permissions=granted)
            self._keep("members", user.id, body)
        return self._keep("users", user.id, entities.user(user))

    def _channel(self, channel: Channel) -> str:
        world = self._world
        body = entities.resolved_channel(
            channel,
            permissions=world.permissions(self._person, channel),
            app_permissions=world.app_permissions(self._person, channel),
        )
        return self._keep("channels", channel.id, body)
