"""Remembers which of the two forms of a create call the provider accepts."""

import logging

from bot.domain.provider.failure_reason import FailureReason
from bot.errors import ProviderUnreachable, RequestRejected, StorageError
from bot.providers.vtrix.request_body import Style
from bot.storage.provider.request_forms import RequestFormTable

log = logging.getLogger(__name__)


class FormMemory:
    """The form to send to one address: the configured one, or the first that was accepted."""

    def __init__(
        self, *, address: str, fixed: Style | None, accepted: RequestFormTable | None = None
    ) -> None:
        """
        Args:
            address: the provider's base URL.
            fixed: the configured form; ``None`` for `auto`.
            accepted: storage shared by all processes; without it, this process remembers alone.
        """
        self._address = address
        self._fixed = fixed
        self._accepted = accepted
        self._known: dict[str, Style] = {}
        self._unwritten: set[str] = set()

    async def known(self, model: str) -> Style | None:
        """Return the form to use for ``model``; ``None`` while nothing has been accepted.

        Raises:
            ProviderUnreachable: the database cannot be read now, so nothing may be sent.
        """
        if self._fixed is not None:
            return self._fixed
        if model not in self._known and self._accepted is not None:
            try:
                form = await self._accepted.read(self._address, model)
            except StorageError as error:
                raise ProviderUnreachable(f"the accepted form cannot be read: {error}") from None
            if form is not None:
                self._known[model] = Style(form)
        return self._known.get(model)

    async def accept(self, model: str, style: Style) -> None:
        """Remember that a task for ``model`` was accepted in this form; a StorageError is only
        logged.

        If the form cannot be stored, the next accepted task stores it.
        """
        if self._fixed is not None:
            return
        if model not in self._known:
            log.info("the provider accepts the %s form of a request for %s", style, model)
            self._known[model] = style
            self._unwritten.add(model)
        if self._accepted is None or model not in self._unwritten:
            return
        try:
            await self._accepted.keep(self._address, model, self._known[model])
        except StorageError as error:
            log.warning("the accepted form of a request could not be stored yet: %s", error)
        else:
            self._unwritten.discard(model)


def is_about_form(rejection: RequestRejected) -> bool:
    """Whether the form may be why a request was refused: 400, 422, or 200 with an error."""
    is_form = rejection.reason in (None, FailureReason.PARAMETER)
    return rejection.status in (200, 400, 422) and is_form


def both_refused(style: Style, first: RequestRejected, second: RequestRejected) -> RequestRejected:
    """Combine the rejections of both forms, since it is unknown which one the gateway expects."""
    return RequestRejected(
        f"{style} form: {str(first)[:240]}; {style.other} form: {str(second)[:240]}",
        code=second.code if second.moderated else first.code or second.code,
        status=second.status or first.status,
        reason=second.reason if second.moderated else first.reason or second.reason,
    )
