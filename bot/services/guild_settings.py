"""The bounds of a server's settings, and their effect on each request."""

from dataclasses import replace

from bot.domain.guilds.guild import (
    BLOCKED_WORD_CHARS,
    MOST_BLOCKED_WORDS,
    MOST_CHANNELS,
    GuildSettings,
)
from bot.domain.models.model import Model, Models, Options
from bot.domain.models.model_rules import ModelRules
from bot.domain.submission import Submission
from bot.domain.task import Frame
from bot.domain.words.blocked_words import BlockedWords, blocked_words
from bot.errors import (
    BlockRefused,
    OptionRefused,
    PlaceProblem,
    PlaceRefused,
    WordBlocked,
    WordBlockedEverywhere,
)
from bot.services.intake.model_policy import ModelPolicy
from bot.storage.guilds.blocks import BlockTable
from bot.storage.guilds.moderation import ModerationStore


class HouseRules:
    """Applies what the operator and a server's moderators set to each request.

    The moderators' settings are read each time.
    """

    def __init__(
        self,
        *,
        store: ModerationStore,
        blocks: BlockTable | None = None,
        model_policy: ModelPolicy | None = None,
        watermark_always: bool = False,
        operator_words: tuple[str, ...] = (),
    ) -> None:
        """
        Args:
            blocks: the operator's and the servers' blocks; without them, only the reservation asks.
            model_policy: which models may be used, and for how much; without it, all.
            watermark_always: the operator wants a watermark on every video, outside servers too.
            operator_words: words that the operator blocks, outside servers too.
        """
        self._store = store
        self._blocks = blocks
        self._model_policy = model_policy
        self._operator_words = BlockedWords(operator_words)
        self._watermark_always = watermark_always

    async def applied(self, submission: Submission, model: Model) -> Submission:
        """Apply these settings to a request for ``model``.

        Raises:
            BlockRefused: the person, the server or an earlier video's picture is blocked.
            PlaceRefused: the channel is not allowed.
            WordBlocked: the prompt has a blocked word.
            ModelForbidden, PriceForbidden: the model or the price is not allowed.
        """
        await self._check_blocks(submission)
        # Negative prompts are not searched: who writes "no blood" there wants none.
        if self._operator_words.is_in(submission.options.prompt):
            raise WordBlockedEverywhere
        if self._watermark_always:
            options = replace(submission.options, watermark=True)
            submission = replace(submission, options=options)
        place = submission.place
        if place.guild_id is None:
            return submission
        settings = await self._store.settings(place.guild_id)
        if not settings.allows(place.channel_id, place.parent_channel_id):
            raise PlaceRefused(
                PlaceProblem.CHANNEL_NOT_ALLOWED, allowed_channel_ids=settings.channels
            )
        options = submission.options
        if blocked_words(settings.blocked_words).is_in(options.prompt):
            raise WordBlocked
        ruled = replace(submission, options=_forced(submission, settings, model))
        if self._model_policy is not None:
            await self._model_policy.check(ruled, model)
        return ruled

    async def _check_blocks(self, submission: Submission) -> None:
        """Refuse early; the reservation asks again, when the first frame is known."""
        if self._blocks is None:
            return
        picture = submission.picture
        block = await self._blocks.find(
            person_id=submission.person.id,
            guild_id=submission.place.guild_id,
            digest=picture.digest if isinstance(picture, Frame) else submission.digest,
        )
        if block is not None:
            raise BlockRefused(block)


def _forced(submission: Submission, settings: GuildSettings, model: Model) -> Options:
    options, own = submission.options, settings.resolution
    is_free = not submission.resolution_chosen and own in model.resolutions
    return replace(
        options,
        resolution=own if is_free and own is not None else options.resolution,
        watermark=options.watermark or settings.watermark,
        spoiler=options.spoiler or settings.spoiler,
    )


def check(settings: GuildSettings, models: Models, *, before: GuildSettings) -> None:
    """Check the bounds of a server's settings, and that members may use the default model.

    Args:
        models: what the operator offers.
        before: the settings that change. A default model that was offered then, and is not any
            more, is skipped when videos are made, and keeps nobody from other changes.

    Raises:
        OptionRefused: there are too many channels or words, a word is too long, or members may not
            use the default model.
    """
    _at_most("channel_add", len(settings.channels), MOST_CHANNELS)
    _at_most("blocked_words", len(settings.blocked_words), MOST_BLOCKED_WORDS)
    for word in settings.blocked_words:
        _at_most("blocked_words", len(word), BLOCKED_WORD_CHARS)
    _check_default_model(settings, models, before)


def _check_default_model(settings: GuildSettings, models: Models, before: GuildSettings) -> None:
    chosen = settings.model
    is_gone = chosen not in [one.id for one in models.offered]
    if chosen is None or (is_gone and chosen == before.model):
        return
    allowed = ModelRules(models=settings.models).allowed(models.offered)
    if chosen not in [one.id for one in allowed]:
        labels = [one.label for one in allowed]
        given = models.known[chosen].label if chosen in models.known else chosen
        raise OptionRefused("default_model", given=given, allowed=labels)


def _at_most(option: str, given: int, most: int) -> None:
    if given > most:
        raise OptionRefused(option, given=given, allowed=(0, most))
