"""Opens the providers that tasks can be at, each behind its circuit breaker."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from bot.app.persistence import Persistence
from bot.providers.factory import make_provider
from bot.services.ports import Provider
from bot.settings.provider_settings import ProviderAccount
from bot.settings.settings import Settings
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.provider_registry import ProviderAccess, ProviderRegistry


@asynccontextmanager
async def open_providers(
    settings: Settings, *, store: Persistence, tell_operator: Callable[[str], Awaitable[None]]
) -> AsyncIterator[ProviderRegistry]:
    """Open all known providers: they may have tasks of models that were offered before.

    A provider without a key refuses every call.
    """
    async with AsyncExitStack() as stack:
        access: dict[str, ProviderAccess] = {}
        offered = settings.offered_accounts
        for name, account in settings.accounts.items():
            client = await stack.enter_async_context(
                make_provider(name, settings, clock=store.clock, accepted_forms=store.request_forms)
            )
            label = None if offered.keys() == {name} else account.label
            breaker = _breaker(name, label, account, client, store, tell_operator)
            access[name] = ProviderAccess(client=client, breaker=breaker)
        yield ProviderRegistry(access, models=store.models)


def _breaker(
    name: str,
    label: str | None,
    account: ProviderAccount,
    client: Provider,
    store: Persistence,
    tell_operator: Callable[[str], Awaitable[None]],
) -> ProviderCircuitBreaker:
    return ProviderCircuitBreaker(
        key_works=client.key_works,
        tell_operator=tell_operator,
        name=label,
        variables=account.variables,
        clock=store.clock,
        status_store=store.status_store(name),
        pause_table=store.pause,
    )
