"""The texts of a task's message, from "reading your picture" to the result."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import Model, Models
from bot.domain.money import Usd
from bot.domain.task import TELL_LATE_AFTER, State, Task
from bot.ui.texts import choices, endings, rerolls
from bot.ui.texts.language import _, marked
from bot.ui.texts.measures import (
    clipped,
    clipped_harmless,
    duration,
    listed,
    moment,
    one_line,
)

BAR_CELLS = 12
# The longest prompt on a card, escapes included; ℹ️ shows all of it.
CARD_PROMPT_CHARS = 300
# The longest alt text of a picture or video that Discord accepts.
ALT_TEXT_CHARS = 1024


def person(person_id: int) -> str:
    """The person who asked, as a mention that shows a name but pings nobody."""
    return f"<@{person_id}>" if person_id > 0 else _("someone whose data was deleted")


# --- progress -----------------------------------------------------------------------------


def reading(estimate: Usd, kind: str = "") -> str:
    """The acknowledgement, before anything is known about the picture.

    ``kind``: the model, length, resolution and sound, if there are others.
    """
    first = _("**Reading your picture…** The video will cost about {estimate}.").format(
        estimate=estimate
    )
    rest = _("Still stuck after a minute? Send it again; nothing was charged.")
    return "\n-# ".join(part for part in (first, kind, rest) if part)


def on_the_way(task: Task, model: Model, now: datetime) -> str:
    """The progress of a task, and how long it usually takes."""
    lines = [step(task, model)]
    if adjustments := mended(task.mended):
        lines.append(f"-# {adjustments}")
    if is_late(task, now):
        lines.append(late())
    if not task.place.reachable:
        lines.append(outside(age_restricted=task.place.age_restricted))
    return "\n".join(lines)


def step(task: Task, model: Model) -> str:
    """How far a task is, with its progress where that is known."""
    match task.state:
        case State.QUEUED:
            return _waiting(task)
        case State.SUBMITTING:
            return _("**Sending your picture to the video service…**")
        case State.RENDERED:
            return _("**Done.** Posting your video…")
        case _:
            return _running(task, model)


def _waiting(task: Task) -> str:
    if task.not_before is None:
        return _("**Queued.** Estimated cost: {estimate}.").format(estimate=task.estimate)
    return _("**Queued.** The video service is busy; I'll keep trying.")


def _running(task: Task, model: Model) -> str:
    since = moment(task.submitted_at or task.created_at)
    if task.progress is not None:
        return _("**Making your video** {bar}\nStarted {since}.").format(
            bar=bar(task.progress), since=since
        )
    return _("**Making your video…** Started {since}; it usually takes {usual}.").format(
        since=since, usual=duration(model.usual_seconds)
    )


def bar(progress: float) -> str:
    """A progress bar: ▰▰▰▱▱▱ 50%."""
    bounded = min(max(progress, 0.0), 1.0)
    full = int(bounded * BAR_CELLS)
    return "▰" * full + "▱" * (BAR_CELLS - full) + f" {int(bounded * 100)}%"


def is_late(task: Task, now: datetime) -> bool:
    """Whether a task takes so long that its message says so."""
    return task.late_told or now - task.created_at >= TELL_LATE_AFTER


def outside(*, age_restricted: bool = False) -> str:
    """For channels that the bot is not in: how long the message changes, and what comes then."""
    if age_restricted:
        return _(
            "-# I'm not in this channel myself, so this message stops changing "
            "after 14 minutes. If your video takes longer, get it with `/tasks` "
            "here."
        )
    return _(
        "-# I'm not in this channel myself, so this message stops changing after 14 "
        "minutes. If your video takes longer, it comes as a direct message."
    )


def late() -> str:
    """The task takes long but goes on."""
    return _(
        "This is taking much longer than usual. I'm still on it and will post the "
        "video here when it's done; no need to wait or send it again."
    )


# --- the result ---------------------------------------------------------------------------


def asked(task: Task) -> str:
    """The person who asked, and the prompt, which is shortened if it is long."""
    return f"{person(task.person.id)}\n{_quoted_in_short(task)}"


def heading(task: Task) -> str:
    """The person who asked, the prompt, and the label "AI-generated".

    Laws require the label, so no setting removes it.
    """
    label = _("**AI-generated**")
    return f"{person(task.person.id)} · {label}\n{_quoted_in_short(task)}"


def _quoted_in_short(task: Task) -> str:
    return f"> {clipped_harmless(task.options.prompt, CARD_PROMPT_CHARS)}"


def alt_text(task: Task) -> str:
    """The alt text of the video or its first frame."""
    prompt = one_line(task.options.prompt)
    if not prompt:
        return _("AI-generated video")
    return clipped(_("AI-generated video: {prompt}").format(prompt=prompt), ALT_TEXT_CHARS)


def figures(task: Task, models: Models | None = None) -> str:
    """The resolution, seed, time taken and cost, in small print.

    ``models``: what is offered, to name the model, length and sound where they can differ.
    """
    seed = _("seed {seed}").format(seed=task.options.seed)
    cost = charge(task) if task.cost is not None else _("cost not reported")
    made_in = _("made in {duration}").format(duration=taken(task)) if taken(task) else ""
    kind = choices.named(task, models) if models else []
    parts = [*kind, task.options.resolution, seed, made_in, cost]
    return "-# " + " · ".join(part for part in parts if part)


def taken(task: Task) -> str:
    """The time from the command to the finished video; empty if it is not known."""
    if task.rendered_at is None:
        return ""
    return duration((task.rendered_at - task.created_at).total_seconds())


def only_buttons() -> str:
    """What does not work on a result in a channel that the bot is not in."""
    return _("-# I'm not in this channel myself: buttons work, reactions don't.")


def charge(task: Task) -> str:
    """The cost, with the estimate if it differs, and the discount."""
    if task.cost is None:
        return endings.cost(task)
    text = str(task.cost)
    notes = [_("by price list")] if task.cost_is_listed else []
    if task.cost != task.estimate:
        notes.append(_("estimate: {estimate}").format(estimate=task.estimate))
    if task.discount:
        notes.append(_("discount {discount}").format(discount=_decimal(task.discount)))
    return _("{text} ({notes})").format(text=text, notes=listed(notes)) if notes else text


def _decimal(number: Decimal) -> str:
    return f"{number.normalize():f}"


_ADJUSTMENTS = {
    Adjustment.UPRIGHT: marked("turned upright"),
    Adjustment.FLATTENED: marked("transparent areas filled with white"),
    Adjustment.STILL: marked("only the first frame of the animation used"),
    Adjustment.SRGB: marked("colors converted"),
    Adjustment.SCALED: marked("scaled down"),
    Adjustment.REENCODED: marked("compressed to fit"),
    Adjustment.CLEANED: marked("hidden details such as where it was taken removed"),
}


def adjustment(value: Adjustment) -> str:
    """An adjustment of a picture, as part of a sentence."""
    return _(_ADJUSTMENTS[value])


def mended(values: Iterable[str]) -> str:
    """The adjustments of a picture, as a sentence; empty if there were none."""
    parts = [adjustment(Adjustment(value)) for value in values]
    return _("Picture adjusted: {parts}.").format(parts=listed(parts)) if parts else ""


def too_large(url: str) -> str:
    """The provider's link, if the file is too large for Discord."""
    words = _("This video is too large for this channel. [Open the video](<{url}>)")
    return _linked(words, url)


def not_let(url: str) -> str:
    """The provider's link, if Discord refused to take the file."""
    words = _("Discord didn't let me post the video here. [Open the video](<{url}>)")
    return _linked(words, url)


def no_file(url: str) -> str:
    """The provider's link, if there is no file."""
    return _linked(_("I couldn't download the video. [Open the video](<{url}>)"), url)


def _linked(words: str, url: str) -> str:
    """A text about a link, with how long it works and that its file is not labeled."""
    expires = _("The link expires, usually within a day, so save the video if you want to keep it.")
    unlabeled = _(
        "I haven't labeled the file behind the link as AI-generated, so please say so if you "
        "share it."
    )
    return f"{words.format(url=_inert(url))}\n-# {expires}\n-# {unlabeled}"


# --- without a video ------------------------------------------------------------------------


def ended_for_all(task: Task) -> str:
    """What a channel reads about a task that ended without a video; never what was asked."""
    return _("No video for {person} this time: {why}.").format(
        person=person(task.person.id), why=endings.in_short(task)
    )


def ended(task: Task) -> str:
    """Why a task ended without a video, and what it costs."""
    return f"{endings.ending(task)}\n{endings.money(task)}"


def ended_in_full(task: Task) -> str:
    """``ended`` with the provider's words and the prompt, for the person who asked only."""
    lines = [ended(task)]
    if provider_words := endings.provider_words(task):
        lines.append(f"-# {provider_words}")
    if task.options.prompt:
        lines.append(rerolls.typed(task.options.prompt))
    return "\n".join(lines)


def sent_directly(task: Task) -> str:
    """The text that stays in the channel when the video went to a direct message."""
    return _(
        "I'm not allowed to post here, so I sent the video to {person} in a direct message."
    ).format(person=person(task.person.id))


def ready(task: Task) -> str:
    """The announcement of a video that took long, the only message that pings somebody."""
    return _("{person}, your video is ready.").format(person=person(task.person.id))


def _inert(url: str) -> str:
    """A URL with every character escaped that could end its Markdown link."""
    is_web = url.startswith(("https://", "http://"))
    return quote(url, safe=":/?#[]@!$&'()*+,;=%-._~") if is_web else ""
