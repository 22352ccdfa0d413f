"""Forms, and the values that people submit with them.

discord.py forgets open forms at a restart, so it dispatches none: each is stopped at once, its
`custom_id` says what it is for, and cogs listen for every submission.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.domain.models.model import Model, Options
from bot.domain.report import REPORT_CHARS, ReportReason
from bot.domain.task import FoundPicture, Task
from bot.errors import NotTheirs, OptionRefused
from bot.services.model_choices import KindMenu
from bot.ui.results.cards import TASK_ID
from bot.ui.submission.kind_field import FIELD as KIND
from bot.ui.submission.kind_field import kind_select, with_kind
from bot.ui.texts import rerolls as texts
from bot.ui.texts.moderation import reports as report_texts

EDIT_TEMPLATE = rf"flipbook:edit-form:{TASK_ID}:(?P<person_id>\d{{1,20}})"
MENU_TEMPLATE = r"flipbook:menu-form:(?P<message_id>\d{1,20}):(?P<person_id>\d{1,20})"
REPORT_TEMPLATE = (
    rf"flipbook:report-form:{TASK_ID}:(?P<message_id>\d{{1,20}}):(?P<person_id>\d{{1,20}})"
)
FORM_TEMPLATES = (EDIT_TEMPLATE, MENU_TEMPLATE, REPORT_TEMPLATE)
# A menu holds at most 25 options.
MOST_PICTURES = 25

Form = Mapping[str, str]
"""The submitted values, by the `custom_id` of each field."""


class _Form(ui.Modal):
    """A form that discord.py does not dispatch."""

    def __init__(self, *fields: ui.Label["_Form"], title: str, custom_id: str) -> None:
        super().__init__(title=title, custom_id=custom_id, timeout=None)
        for field in fields:
            self.add_item(field)
        self.stop()


class _VideoForm(_Form):
    """A form with the options of a video, as they are or as they were written and refused."""

    def __init__(
        self,
        options: Options,
        *first: ui.Label[_Form],
        model: Model,
        seed: str | None,
        menu: KindMenu | None,
        form: Form | None,
        title: str,
        custom_id: str,
    ) -> None:
        """
        Args:
            first: the fields above those of the options.
            menu: the kinds of videos to choose from; without it, the model's resolutions.
            form: what was written into it before, and refused.
        """
        if form is not None:
            options = _as_written(options, form)
        fields = _fields(options, model, seed=seed, menu=menu)
        super().__init__(*first, *fields, title=title, custom_id=custom_id)


class EditModal(_VideoForm):
    """The form behind ✏️, to change a video's prompt, negative prompt, resolution and seed."""

    def __init__(
        self,
        task: Task,
        *,
        person_id: int,
        model: Model,
        menu: KindMenu | None = None,
        form: Form | None = None,
    ) -> None:
        seed = str(task.options.seed)
        super().__init__(
            task.options,
            model=model,
            seed=seed if form is None else form.get("seed", seed),
            menu=menu,
            form=form,
            title=texts.edit_title(),
            custom_id=f"flipbook:edit-form:{task.id}:{person_id}",
        )


class MenuModal(_VideoForm):
    """The form behind Apps › Animate, with a choice if there are several pictures."""

    def __init__(
        self,
        pictures: Sequence[FoundPicture],
        *,
        message_id: int,
        person_id: int,
        model: Model,
        resolution: str,
        menu: KindMenu | None = None,
        form: Form | None = None,
    ) -> None:
        before = form or {}
        chosen = int(before.get("picture") or 0)
        choice = [_choice(pictures, chosen)] if len(pictures) > 1 else []
        super().__init__(
            Options(prompt="", resolution=resolution, seconds=model.default_seconds, seed=0),
            *choice,
            model=model,
            seed=before.get("seed") or None,
            menu=menu,
            form=before,
            title=texts.animate_title(),
            custom_id=f"flipbook:menu-form:{message_id}:{person_id}",
        )


class ReportModal(_Form):
    """The form to report a video: a reason, and words."""

    def __init__(self, *, task_id: str, message_id: int, person_id: int) -> None:
        choices = [
            discord.SelectOption(label=report_texts.reason(one), value=one.value)
            for one in ReportReason
        ]
        reason = ui.Select[_Form](custom_id="reason", options=choices)
        words = ui.TextInput[_Form](
            custom_id="words",
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=REPORT_CHARS,
        )
        super().__init__(
            ui.Label(text=report_texts.field_reason(), component=reason),
            ui.Label(
                text=report_texts.field_words(),
                description=report_texts.words_hint(),
                component=words,
            ),
            title=report_texts.title(),
            custom_id=f"flipbook:report-form:{task_id}:{message_id}:{person_id}",
        )


def _as_written(options: Options, form: Form) -> Options:
    """The options as they were written into a form, whether they are allowed or not."""
    options = with_kind(options, form.get(KIND))
    return replace(
        options,
        prompt=form.get("prompt", options.prompt),
        negative_prompt=form.get("negative_prompt") or None,
        resolution=form.get("resolution") or options.resolution,
    )


def _fields(
    options: Options, model: Model, *, seed: str | None, menu: KindMenu | None
) -> list[ui.Label[_Form]]:
    limits = menu or model
    prompt = ui.TextInput[_Form](
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        default=options.prompt or None,
        max_length=limits.prompt_chars,
    )
    negative = ui.TextInput[_Form](
        custom_id="negative_prompt",
        style=discord.TextStyle.paragraph,
        default=options.negative_prompt,
        required=False,
        max_length=limits.negative_prompt_chars,
    )
    number = ui.TextInput[_Form](
        custom_id="seed", default=seed, required=False, max_length=len(str(model.seed_max))
    )
    return [
        ui.Label(text=texts.field_prompt(), component=prompt),
        ui.Label(text=texts.field_negative(), component=negative),
        _kind(menu) if menu else _resolution(options, model),
        ui.Label(text=texts.field_seed(), description=texts.seed_hint(model), component=number),
    ]


def _kind(menu: KindMenu) -> ui.Label[_Form]:
    return ui.Label(text=texts.field_kind(), component=kind_select(menu))


def _resolution(options: Options, model: Model) -> ui.Label[_Form]:
    # That of a form that was written for another model may be none of this one's.
    is_one = options.resolution in model.resolutions
    chosen = options.resolution if is_one else model.default_resolution
    choices = [
        discord.SelectOption(label=one, value=one, default=one == chosen)
        for one in model.resolutions
    ]
    select = ui.Select[_Form](custom_id="resolution", options=choices)
    return ui.Label(text=texts.field_resolution(), component=select)


def _choice(pictures: Sequence[FoundPicture], chosen: int) -> ui.Label[_Form]:
    choices = [
        discord.SelectOption(
            label=texts.picture(index + 1, one.name), value=str(index), default=index == chosen
        )
        for index, one in enumerate(pictures[:MOST_PICTURES])
    ]
    select = ui.Select[_Form](custom_id="picture", options=choices)
    return ui.Label(text=texts.field_picture(), component=select)


# --- submitted values -----------------------------------------------------------------------


def form_id(interaction: discord.Interaction) -> str:
    """The `custom_id` of the form that an interaction submits, or of the component it presses."""
    data: Mapping[str, Any] = interaction.data or {}
    return str(data.get("custom_id", ""))


def submitted(interaction: discord.Interaction, template: str) -> re.Match[str] | None:
    """The parts of a submitted form's `custom_id`, if the form has this template.

    A form that was opened before a restart counts too.
    """
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    return re.fullmatch(template, form_id(interaction))


def check_is_theirs(interaction: discord.Interaction, match: re.Match[str]) -> None:
    """Check that the form was opened for the person who submits it.

    Raises:
        NotTheirs: it was opened for somebody else.
    """
    if int(match["person_id"]) != interaction.user.id:
        raise NotTheirs(f"the form of {match['person_id']}")


def filled_in(interaction: discord.Interaction) -> Form:
    """The values that an interaction submits."""
    data: Mapping[str, Any] = interaction.data or {}
    return dict(_values(data.get("components") or []))


def _values(parts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for part in parts:
        yield from _values(part.get("components") or [])
        inner = part.get("component")
        if inner:
            yield from _values([inner])
        if "custom_id" in part:
            chosen = part.get("values") or [""]
            yield part["custom_id"], str(part.get("value", chosen[0]) or "")


def changed(options: Options, form: Form, model: Model) -> Options:
    """The options with the submitted values; an empty seed becomes a random one.

    Raises:
        OptionRefused: the seed is not a number.
    """
    return replace(_as_written(options, form), seed=_seed(form.get("seed", "").strip(), model))


def _seed(text: str, model: Model) -> int:
    if not text:
        return random.randint(0, model.seed_max)
    if not (text.isascii() and text.isdigit()):
        raise OptionRefused("seed", given=text, allowed=(0, model.seed_max))
    return int(text)
