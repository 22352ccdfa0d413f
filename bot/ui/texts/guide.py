"""The ephemeral answers of `/help`, and direct messages to people and to the operator."""

from collections.abc import Mapping, Sequence

from bot.domain.models.model import Model
from bot.domain.operator_info import OperatorInfo
from bot.ui.texts.language import _, _n
from bot.ui.texts.measures import duration, harmless, listed, megabytes, sentences
from bot.ui.texts.refusals.pictures import accepted
from bot.ui.texts.refusals.places import permission


def how_to(
    model: Model,
    *,
    keep_days: int,
    operator: OperatorInfo,
    missing: Sequence[str] | None,
    outside: bool = False,
    command_ids: Mapping[str, int] | None = None,
) -> str:
    """The answer of `/help`: how to use the bot, what it stores, and what it needs here.

    Args:
        model: the default model.
        keep_days: how long first frames are kept.
        operator: who gets pictures and prompts, and where the operator's rules are.
        missing: the permissions that the bot lacks in this channel; ``None`` outside servers.
        outside: whether the bot is not in this channel.
        command_ids: ids of slash commands by name, which make the names clickable.
    """
    here = _outside(missing) if outside else _needs(missing)
    ids = command_ids or {}
    return "\n\n".join([_use(model, ids), _rules(ids), _stored(keep_days, operator), here])


def _command(name: str, ids: Mapping[str, int]) -> str:
    """The name of a command or subcommand, clickable if its id is known."""
    command_id = ids.get(name.split()[0])
    return f"`/{name}`" if command_id is None else f"</{name}:{command_id}>"


def _outside(missing: Sequence[str] | None) -> str:
    text = _(
        "**What's different here**\n"
        "I'm not in this channel myself: you, or the person who used me, added me "
        "as a personal app. A video that is ready within 14 minutes of its command "
        "is posted here; a later one comes as a direct message, so please allow "
        "those from me. Buttons work; reactions and the message that a video is "
        "ready don't. The limits are the bot owner's."
    )
    lacks = _("Attaching files isn't allowed here, so I can't post videos.")
    return f"{text}\n{lacks}" if missing else text


def _use(model: Model, ids: Mapping[str, int]) -> str:
    return _(
        "**How it works**\n"
        "Use {animate}, attach a picture and say what should happen in it. You get "
        "a {seconds}-second video in this channel, usually in about {usual}, with "
        "its seed and cost.\n"
        "- {accepted}; both sides at least {least} px. Pictures over {most} px or "
        "{size} are scaled to fit.\n"
        "- The same picture, prompt and **seed** give you a similar video.\n"
        "- Below a video: 🔁 makes it again, 🎲 uses a new seed, ✏️ lets you change "
        "it, ℹ️ shows its details and 🗑️ deletes it. 🔁, 🎲 and 🗑️ also work as "
        "reactions.\n"
        "- For a picture that's already in a message, open the message's menu and "
        "choose Apps › Animate.\n"
        "- {quota} shows your limit and how many videos you have left; a failed "
        "video counts only if it was charged. {tasks} lists your videos, cancels "
        "one or sends it again. {export} gives you your data, {delete} deletes it."
    ).format(
        animate=_command("animate", ids),
        quota=_command("quota", ids),
        tasks=_command("tasks", ids),
        export=_command("privacy export", ids),
        delete=_command("privacy delete", ids),
        seconds=model.default_seconds,
        usual=duration(model.usual_seconds),
        accepted=accepted(),
        least=model.side_min,
        most=model.side_max,
        size=megabytes(model.picture_bytes),
    )


def _rules(ids: Mapping[str, int]) -> str:
    return _(
        "**Whose pictures you may use**\n"
        "Your own, and others' only if those people agree: whoever the picture belongs to and "
        "whoever it shows. {pictures} keeps others from animating your pictures and from "
        "changing your videos. To report a video, open its message's menu and choose Apps › Report "
        "video."
    ).format(pictures=_command("privacy pictures", ids))


def _stored(keep_days: int, operator: OperatorInfo) -> str:
    stored = _(
        "**What I store**\n"
        "The picture as I sent it (for {days} days), what you asked for, what it cost and where I "
        "posted it. I don't read any other messages."
    ).format(days=keep_days)
    parts = [stored, _sent_on(operator), _age(), _links(operator)]
    return "\n".join(part for part in parts if part)


def _sent_on(operator: OperatorInfo) -> str:
    """Who gets the picture and the prompt."""
    if operator.by_model:
        words = _(
            "Your picture and your prompt go to the service that the chosen model belongs to: "
            "{provider}; the picture without hidden details such as where it was taken."
        )
    else:
        words = _(
            "Your picture and your prompt go to {provider}, which makes the videos; the picture "
            "without hidden details such as where it was taken."
        )
    words = words.format(provider=harmless(operator.provider))
    if operator.content_check is None:
        return words
    checked = _("Before that, {service} checks whether they are allowed here.")
    return sentences(words, checked.format(service=harmless(operator.content_check)))


def _age() -> str:
    return _("I'm not for people under 13, or under the age that your country requires.")


def _links(operator: OperatorInfo) -> str:
    """The operator's policy, terms and contact, as far as they are set."""
    parts = []
    if operator.privacy_url is not None:
        parts.append(_("[Privacy policy](<{url}>)").format(url=operator.privacy_url))
    if operator.terms_url is not None:
        parts.append(_("[Terms](<{url}>)").format(url=operator.terms_url))
    if operator.contact is not None:
        parts.append(_("Contact: {contact}").format(contact=operator.contact))
    return " · ".join(parts)


def _needs(missing: Sequence[str] | None) -> str:
    title = _("**What I need here**")
    if missing is None:
        return f"{title}\n" + _("Nothing: it's just the two of us here.")
    if not missing:
        return f"{title}\n" + _(
            "View Channel, Send Messages, Attach Files and Read Message History: I have them all."
        )
    names = listed(f"**{permission(name)}**" for name in missing)
    words = _n(
        "Missing in this channel: {names}. Someone who manages this server can grant it.",
        "Missing in this channel: {names}. Someone who manages this server can grant them.",
        len(missing),
    )
    return f"{title}\n" + words.format(names=names)


def to_writer(*, works_here: bool, command_ids: Mapping[str, int]) -> str:
    """The answer to somebody who wrote a direct message to the bot."""
    if works_here:
        text = _(
            "I can't answer messages, but I make videos: use {animate} here, attach a picture and "
            "say what should happen in it. {help} explains the rest."
        )
        return text.format(
            animate=_command("animate", command_ids), help=_command("help", command_ids)
        )
    # A press on a command's name begins it here, where there are none.
    return _(
        "I can't answer messages, and I only make videos in servers: use {animate} in a channel of "
        "a server I'm in. {help} explains the rest there."
    ).format(animate="`/animate`", help="`/help`")


def to_operator(text: str) -> str:
    """The direct message to the bot's owner about a problem, or its end."""
    return _("For you as the bot's operator: {text}").format(text=text)
