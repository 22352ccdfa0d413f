"""Checks that a picture or video may be used by the person who asks, at every entry point."""

from bot.domain.consent import ERASED_OWNER, OthersPictures
from bot.domain.submission import Submission
from bot.errors import ConsentNeeded, PictureNotAllowed
from bot.storage.guilds.moderation import ModerationStore
from bot.storage.people.picture_choices import PictureChoiceTable


class PictureConsent:
    """Holds each request against what people and moderators have chosen, reading it each time."""

    def __init__(self, *, choices: PictureChoiceTable, rules: ModerationStore) -> None:
        self._choices = choices
        self._rules = rules

    async def check(self, submission: Submission) -> None:
        """Check that somebody may use the picture that they ask for.

        Raises:
            PictureNotAllowed: somebody whose picture or video it is lets nobody else use it, or
                the server does not allow it.
            ConsentNeeded: the server wants the owner of the picture to be asked first.
        """
        concerned = {submission.picture_owner_id, submission.result_owner_id}
        others = {one for one in concerned if one not in (None, submission.person.id)}
        if ERASED_OWNER in others or (others and await self._choices.refuses(others)):
            raise PictureNotAllowed
        await self._check_server(submission)

    async def _check_server(self, submission: Submission) -> None:
        """Check what a server's moderators allow with pictures that were found in messages."""
        owner_id, guild_id = submission.picture_owner_id, submission.place.guild_id
        if submission.source is None or guild_id is None or owner_id == submission.person.id:
            return
        allowed = (await self._rules.settings(guild_id)).others_pictures
        if allowed is OthersPictures.ANYONE:
            return
        if allowed is OthersPictures.OWN_ONLY or owner_id is None:
            raise PictureNotAllowed
        if submission.allowed_by_id != owner_id:
            raise ConsentNeeded(owner_id)
