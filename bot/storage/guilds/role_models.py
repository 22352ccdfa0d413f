"""The models that roles may use in addition to those that everybody may use."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.models.model_rules import ModelRules
from bot.storage.engine.upsert import upsert
from bot.storage.guilds import guilds
from bot.storage.tables import role_models

_AT = role_models.c


async def listed(connection: AsyncConnection, guild_id: int) -> Mapping[int, tuple[str, ...]]:
    """Return the ids of models by role id."""
    query = select(_AT.role_id, _AT.models).where(_AT.guild_id == guild_id)
    return {row.role_id: row.models for row in await connection.execute(query)}


async def change(
    connection: AsyncConnection, guild_id: int, role_id: int, models: tuple[str, ...]
) -> tuple[str, ...]:
    """Set the models of a role; return those it had."""
    before = (await listed(connection, guild_id)).get(role_id, ())
    if models:
        key = {"guild_id": guild_id, "role_id": role_id}
        await upsert(connection, role_models, key, {"models": models})
    else:
        this = (_AT.guild_id == guild_id, _AT.role_id == role_id)
        await connection.execute(delete(role_models).where(*this))
    return before


async def rules(connection: AsyncConnection, guild_id: int, role_ids: frozenset[int]) -> ModelRules:
    """Return the rules for a person with these roles."""
    settings = await guilds.read_settings(connection, guild_id)
    # Where everybody may use all models, roles cannot add any.
    of_roles = await listed(connection, guild_id) if settings.models else {}
    return ModelRules(
        models=settings.models,
        of_roles=frozenset(model for role_id in role_ids for model in of_roles.get(role_id, ())),
        default=settings.model,
        resolution=settings.resolution,
        highest_price=settings.highest_price,
    )
