"""Tasks and rows of the table ``tasks``, both ways."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from bot.domain.model import Options
from bot.domain.submission import NewTask
from bot.domain.task import (
    Delivery,
    DeliveryMethod,
    Failure,
    FoundPicture,
    Frame,
    Person,
    Place,
    Request,
    Source,
    State,
    Task,
)


def row_of(new: NewTask, now: datetime) -> dict[str, Any]:
    """A new task's values by column; it is ``queued``."""
    options, frame = new.request.options, new.request.frame
    person, place, delivery = new.person, new.place, Delivery()
    return {
        "id": new.id,
        "state": State.QUEUED,
        "owner": new.owner,
        "epoch": 0,
        "model": new.request.model,
        "frame_digest": frame.digest,
        "frame_mime": frame.mime,
        "frame_bytes": frame.bytes,
        "frame_width": frame.width,
        "frame_height": frame.height,
        "prompt": options.prompt,
        "negative_prompt": options.negative_prompt,
        "resolution": options.resolution,
        "seed": options.seed,
        "prompt_extend": options.prompt_extend,
        "watermark": options.watermark,
        "spoiler": options.spoiler,
        "mended": tuple(adjustment.value for adjustment in new.mended),
        "person_id": person.id,
        "person_name": person.name,
        "person_role_ids": person.role_ids,
        "person_locale": person.locale,
        "guild_id": place.guild_id,
        "channel_id": place.channel_id,
        "message_id": place.message_id,
        "filesize_limit": place.filesize_limit,
        "locale": place.locale,
        "door": new.entry_point,
        "interaction_id": new.interaction_id,
        "interaction_number": new.interaction_number,
        "parent_id": new.parent_id,
        "age_restricted": place.age_restricted,
        "reachable": place.reachable,
        "link_guild_id": place.link_guild_id,
        "source_channel_id": new.source.channel_id if new.source else None,
        "source_message_id": new.source.message_id if new.source else None,
        "source_number": new.source.number if new.source else None,
        **_found(new.source.picture if new.source else None),
        "estimate": new.estimate,
        "created_at": now,
        "updated_at": now,
        "delivery_rung": delivery.method,
        "delivery_attempts": delivery.attempts,
        "late_told": False,
        "announced": False,
    }


def task_of(row: Row[Any]) -> Task:
    """The task in a whole row of ``tasks``."""
    at = row._mapping
    return Task(
        id=at["id"],
        state=at["state"],
        request=_request(at),
        person=_person(at),
        place=_place(at),
        entry_point=at["door"],
        estimate=at["estimate"],
        created_at=at["created_at"],
        updated_at=at["updated_at"],
        parent_id=at["parent_id"],
        mended=at["mended"],
        source=_source(at),
        owner=at["owner"],
        epoch=at["epoch"],
        not_before=at["not_before"],
        provider_id=at["provider_id"],
        progress=at["progress"],
        provider_word=at["provider_word"],
        video_url=at["video_url"],
        cost=at["cost"],
        discount=at["discount"],
        failure=_failure(at),
        answer=at["answer"],
        submitted_at=at["submitted_at"],
        rendered_at=at["rendered_at"],
        ended_at=at["ended_at"],
        delivery=_delivery(at),
        result_channel_id=at["result_channel_id"],
        result_message_id=at["result_message_id"],
        late_told=at["late_told"],
        announced=at["announced"],
        notice_pending=at["unsaid"],
        counted=at["counted"],
    )


def _request(at: Mapping[Any, Any]) -> Request:
    frame = Frame(
        digest=at["frame_digest"],
        mime=at["frame_mime"],
        bytes=at["frame_bytes"],
        width=at["frame_width"],
        height=at["frame_height"],
    )
    options = Options(
        prompt=at["prompt"],
        resolution=at["resolution"],
        seed=at["seed"],
        negative_prompt=at["negative_prompt"],
        prompt_extend=at["prompt_extend"],
        watermark=at["watermark"],
        spoiler=at["spoiler"],
    )
    return Request(model=at["model"], frame=frame, options=options)


def _person(at: Mapping[Any, Any]) -> Person:
    return Person(
        id=at["person_id"],
        name=at["person_name"],
        role_ids=at["person_role_ids"],
        locale=at["person_locale"],
    )


def _place(at: Mapping[Any, Any]) -> Place:
    return Place(
        guild_id=at["guild_id"],
        channel_id=at["channel_id"],
        message_id=at["message_id"],
        filesize_limit=at["filesize_limit"],
        locale=at["locale"],
        age_restricted=at["age_restricted"],
        reachable=at["reachable"],
        link_guild_id=at["link_guild_id"],
    )


def _source(at: Mapping[Any, Any]) -> Source | None:
    if at["source_message_id"] is None:
        return None
    return Source(
        channel_id=at["source_channel_id"],
        message_id=at["source_message_id"],
        number=at["source_number"],
        picture=_picture(at),
    )


def _picture(at: Mapping[Any, Any]) -> FoundPicture | None:
    """Whether it was hidden is in the task's options."""
    url, name = at["source_url"], at["source_name"]
    return url and FoundPicture(url=url, name=name or "", bytes=at["source_bytes"])


def _found(picture: FoundPicture | None) -> dict[str, Any]:
    return {
        "source_url": picture.url if picture else None,
        "source_name": picture.name if picture else None,
        "source_bytes": picture.bytes if picture else None,
    }


def _failure(at: Mapping[Any, Any]) -> Failure | None:
    kind = at["failure_kind"]
    if kind is None:
        return None
    return Failure(kind=kind, code=at["failure_code"], message=at["failure_message"])


def failure_values(failure: Failure | None) -> dict[str, Any]:
    """The columns of a failure, all empty where there is none."""
    return {
        "failure_kind": failure.kind if failure else None,
        "failure_code": failure.code if failure else None,
        "failure_message": failure.message if failure else None,
    }


def _delivery(at: Mapping[Any, Any]) -> Delivery:
    return Delivery(
        method=DeliveryMethod(at["delivery_rung"]),
        attempts=at["delivery_attempts"],
        tried_at=at["delivery_tried_at"],
    )


def delivery_values(delivery: Delivery) -> dict[str, Any]:
    """The columns of a delivery."""
    return {
        "delivery_rung": delivery.method,
        "delivery_attempts": delivery.attempts,
        "delivery_tried_at": delivery.tried_at,
    }
