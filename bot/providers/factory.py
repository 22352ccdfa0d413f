"""Makes the provider that the settings name; only this module knows the providers' packages."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from pydantic import SecretStr

from bot.clock import Clock
from bot.domain.models import model
from bot.providers.content_check.client import ModerationClient
from bot.providers.dashscope.client import DashScopeClient
from bot.providers.vtrix.client import VtrixClient
from bot.services.ports import ContentCheck, Provider
from bot.settings.settings import Settings
from bot.storage.provider.request_forms import RequestFormTable


@asynccontextmanager
async def open_content_check(settings: Settings) -> AsyncIterator[ContentCheck | None]:
    """Yield the client of `MODERATION_URL`; ``None`` without one."""
    if settings.moderation_url is None:
        yield None
        return
    async with ModerationClient(
        url=settings.moderation_url,
        key=settings.moderation_key,
        model=settings.moderation_model,
        thresholds=dict(settings.moderation_categories),
        allows_unchecked=settings.moderation_on_failure == "allow",
        outbound=settings.outbound(),
    ) as client:
        yield client


def make_provider(
    name: str,
    settings: Settings,
    *,
    clock: Clock,
    accepted_forms: RequestFormTable | None = None,
) -> AbstractAsyncContextManager[Provider]:
    """Return the client of the provider with this name, which connects when it is entered.

    Args:
        name: one of ``settings.accounts``.
        settings: without the provider's key in them, every call is refused.
        clock: times polls and `Retry-After`.
        accepted_forms: stores, for all processes, which request form Vtrix accepts.
    """
    match name:
        case model.VTRIX:
            return VtrixClient(
                base_url=settings.vtrix_base_url,
                api_key=settings.vtrix_api_key or SecretStr(""),
                style=settings.vtrix_request_style,
                clock=clock,
                accepted_forms=accepted_forms,
                outbound=settings.outbound(),
            )
        case model.DASHSCOPE:
            return DashScopeClient(
                base_url=settings.dashscope_base_url,
                api_key=settings.dashscope_api_key or SecretStr(""),
                clock=clock,
                outbound=settings.outbound(),
            )
        case _:
            raise KeyError(name)
