"""Checks that a picture or video may be used by the person who asks, at every entry point."""

from bot.domain.consent import ERASED_OWNER
from bot.domain.submission import Submission
from bot.errors import PictureNotAllowed
from bot.storage.people.picture_choices import PictureChoiceTable


class PictureConsent:
    """Holds each request against what the people concerned have chosen, reading it each time."""

    def __init__(self, *, choices: PictureChoiceTable) -> None:
        self._choices = choices

    async def check(self, submission: Submission) -> None:
        """Check that somebody may use the picture that they ask for.

        Raises:
            PictureNotAllowed: somebody whose picture or video it is lets nobody else use it.
        """
        concerned = {submission.picture_owner_id, submission.result_owner_id}
        others = {one for one in concerned if one not in (None, submission.person.id)}
        if ERASED_OWNER in others or (others and await self._choices.refuses(others)):
            raise PictureNotAllowed
