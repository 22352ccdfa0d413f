"""What a reroll sends, and where its first frame comes from if it is no longer kept."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.models.model import WAN22_I2V_FLASH, Model, Models
from bot.domain.submission import Picture, Submission
from bot.domain.task import EntryPoint, Frame, Task
from bot.errors import AlreadyAgain, Busy, FrameGone, ModelGone, PictureUnavailable, VideoGone
from bot.services.rerolls import Rerolls
from tests.factories import make_options, make_person, make_place, make_request, make_task

PARENT = make_task(request=make_request(options=make_options(seed=41, watermark=True)))


class Attached:
    """A picture attached to a message."""

    name = "photo.png"
    announced_bytes = None

    async def read(self) -> AsyncIterator[bytes]:
        yield b"frame"


class World:
    """Intake, store and messages; the frame may be kept or not, and its source reachable or not."""

    def __init__(self, *, is_kept: bool = True, source: Picture | None = None) -> None:
        self.is_kept = is_kept
        self.source = source
        self.handed_in: list[Submission] = []
        self.error: Exception | None = None
        self.on_its_way: tuple[str, int, EntryPoint] | None = None

    async def check(self, submission: Submission) -> None:
        if self.error is not None:
            raise self.error

    async def check_none_on_its_way(
        self, parent_id: str, person_id: int, entry_point: EntryPoint
    ) -> None:
        if (parent_id, person_id, entry_point) == self.on_its_way:
            raise AlreadyAgain

    async def accept(self, submission: Submission) -> Task:
        self.handed_in.append(submission)
        if isinstance(submission.picture, Frame) and not self.is_kept:
            raise FrameGone
        if self.error is not None:
            raise self.error
        return make_task(id="again")

    async def get(self, task_id: str) -> Task | None:
        return PARENT if task_id == PARENT.id else None

    async def is_hidden(self, task_id: str) -> bool:
        return False

    async def picture(self, task: Task) -> Picture | None:
        assert task is PARENT
        return self.source


def rerolls(world: World, rng: random.Random | None = None) -> Rerolls:
    return offering(WAN22_I2V_FLASH, world, rng)


def offering(model: Model, world: World, rng: random.Random | None = None) -> Rerolls:
    intake = tasks = reports = cast(Any, world)
    rng = rng or random.Random(0)
    return Rerolls(
        intake=intake,
        tasks=tasks,
        reports=reports,
        sources=world,
        models=Models(default=model, known={model.id: model}),
        rng=rng,
    )


def submission() -> Submission:
    return Submission(
        picture=PARENT.request.frame,
        options=PARENT.options,
        person=make_person(),
        place=make_place(),
        entry_point=EntryPoint.REROLL,
        parent_id=PARENT.id,
    )


@pytest.mark.parametrize("entry_point", [EntryPoint.REROLL, EntryPoint.EDIT])
def test_the_same_again_changes_nothing(entry_point: EntryPoint) -> None:
    assert rerolls(World()).options(PARENT, entry_point) == PARENT.options


class Loaded(random.Random):
    """A random generator that returns a given number, within the bounds."""

    drawn = 0

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return min(self.drawn, start - 1)


SEEDS = st.integers(0, WAN22_I2V_FLASH.seed_max)


@given(seed=SEEDS, drawn=SEEDS)
@example(seed=41, drawn=41)
@example(seed=0, drawn=0)
@example(seed=WAN22_I2V_FLASH.seed_max, drawn=WAN22_I2V_FLASH.seed_max)
def test_a_new_seed_is_another_one_within_the_models_bounds(seed: int, drawn: int) -> None:
    parent = replace(PARENT, request=make_request(options=make_options(seed=seed)))
    rng = Loaded()
    rng.drawn = drawn
    options = rerolls(World(), rng).options(parent, EntryPoint.NEW_SEED)
    assert options.seed != seed
    assert 0 <= options.seed <= WAN22_I2V_FLASH.seed_max
    assert replace(options, seed=seed) == parent.options


async def test_a_kept_frame_goes_in_as_it_is() -> None:
    world = World()
    assert (await rerolls(world).accept(submission())).id == "again"
    assert world.handed_in == [submission()]


async def test_a_frame_no_longer_kept_is_fetched_from_its_message() -> None:
    source = Attached()
    world = World(is_kept=False, source=source)
    assert (await rerolls(world).accept(submission())).id == "again"
    # The fetched picture must have the digest of the frame.
    again = replace(
        submission(),
        picture=source,
        digest=PARENT.request.frame.digest,
        digest_model=PARENT.request.model,
    )
    assert world.handed_in == [submission(), again]


async def test_a_source_out_of_reach_is_told() -> None:
    world = World(is_kept=False)
    with pytest.raises(FrameGone):
        await rerolls(world).accept(submission())
    assert len(world.handed_in) == 1


async def test_other_refusals_are_not_tried_again() -> None:
    world = World(source=Attached())
    world.error = PictureUnavailable()
    with pytest.raises(PictureUnavailable):
        await rerolls(world).accept(submission())
    assert len(world.handed_in) == 1


async def test_a_video_that_is_no_longer_known_has_no_rerolls() -> None:
    with pytest.raises(VideoGone):
        await rerolls(World()).parent("another")


async def test_a_video_of_a_model_that_is_no_longer_offered_has_no_rerolls() -> None:
    offered = offering(replace(WAN22_I2V_FLASH, id="wan_new"), World())
    with pytest.raises(ModelGone) as refused:
        await offered.parent(PARENT.id)
    assert refused.value.model == WAN22_I2V_FLASH.id
    with pytest.raises(ModelGone):
        offered.options(PARENT, EntryPoint.NEW_SEED)


async def test_what_the_intake_would_refuse_is_known_before_anything_is_shown() -> None:
    world = World()
    await rerolls(world).check(submission())
    world.error = Busy()
    with pytest.raises(Busy):
        await rerolls(world).check(submission())


async def test_the_same_reroll_on_its_way_is_known_before_anything_is_shown() -> None:
    world = World()
    world.on_its_way = (PARENT.id, make_person().id, EntryPoint.REROLL)
    with pytest.raises(AlreadyAgain):
        await rerolls(world).check(submission())
    await rerolls(world).check(replace(submission(), entry_point=EntryPoint.NEW_SEED))
