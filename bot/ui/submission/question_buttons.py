"""The buttons of a question about a picture. They work after a restart, for its owner alone."""

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.domain.consent import PictureQuestion
from bot.errors import NotAsked, QuestionOver, Refusal
from bot.ui.delivery.letters import Page
from bot.ui.texts import picture_questions as texts
from bot.ui.texts.catalogues import speaking_in

if TYPE_CHECKING:
    from bot.ui.submission.submission_flow import SubmissionFlow

_ID = r"(?P<question_id>[0-9a-f]{1,32})"


class QuestionButton(ui.DynamicItem[ui.Button[ui.LayoutView]], template=r"(?!)"):
    """A button whose `custom_id` holds a question's id; subclasses define what a press does."""

    kind = ""

    def __init__(self, question_id: str) -> None:
        super().__init__(ui.Button(custom_id=f"flipbook:picture-{self.kind}:{question_id}"))
        self.question_id = question_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> Self:
        return cls(match["question_id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        # discord.py would only log an exception from here.
        client: Any = interaction.client
        flow: SubmissionFlow = client.flow
        await flow.context.replies.guard(interaction, self._pressed(interaction, flow))

    async def _pressed(self, interaction: discord.Interaction, flow: "SubmissionFlow") -> None:
        flow.context.places.enter(interaction)
        question = await flow.context.picture_questions.find(self.question_id)
        if question is None:
            raise QuestionOver(self.question_id)
        if question.author_id != interaction.user.id:
            raise NotAsked(self.question_id)
        await flow.context.replies.first(interaction, interaction.response.defer())
        locale = await flow.languages.of_guild(question.guild_id, str(interaction.guild_locale))
        with speaking_in(locale):
            if question.is_open(flow.context.clock.now()):
                words = await self.answer(question, interaction, flow)
            else:
                words = texts.over()
        await interaction.edit_original_response(view=Page(words))

    async def answer(
        self, question: PictureQuestion, interaction: discord.Interaction, flow: "SubmissionFlow"
    ) -> str:
        """Carry out the answer; return what the question says from then on."""
        raise NotImplementedError


class AllowButton(QuestionButton, template=rf"flipbook:picture-allow:{_ID}"):
    """Allows the video."""

    kind = "allow"

    def __init__(self, question_id: str) -> None:
        super().__init__(question_id)
        self.item.label = texts.allow()
        self.item.style = discord.ButtonStyle.success

    async def answer(
        self, question: PictureQuestion, interaction: discord.Interaction, flow: "SubmissionFlow"
    ) -> str:
        message_id = interaction.message.id if interaction.message else 0
        people = question.author_id, question.person_id
        try:
            await flow.questions.make(question, message_id)
            words = texts.allowed(*people)
        except Refusal as error:
            words = texts.not_made(
                *people, flow.context.replies.reason_in_public(error, interaction.guild)
            )
        # Removed last: killed before that, the owner can allow it once more.
        await flow.context.picture_questions.remove(question.id)
        return words


class RefuseButton(QuestionButton, template=rf"flipbook:picture-refuse:{_ID}"):
    """Refuses the video."""

    kind = "refuse"

    def __init__(self, question_id: str) -> None:
        super().__init__(question_id)
        self.item.label = texts.refuse()

    async def answer(
        self, question: PictureQuestion, interaction: discord.Interaction, flow: "SubmissionFlow"
    ) -> str:
        await flow.context.picture_questions.refuse(question.id)
        return texts.refused(question.author_id)


QUESTION_BUTTONS = (AllowButton, RefuseButton)
