"""Translates the descriptions of commands, their options and choices."""

import asyncio

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation, locale_str

from bot.ui.texts import catalogues

# Names are not translated, so that people can tell each other what to type.
_NAMES = frozenset(
    {
        TranslationContextLocation.command_name,
        TranslationContextLocation.group_name,
        TranslationContextLocation.parameter_name,
    }
)


def filled(text: locale_str, **values: object) -> locale_str:
    """A description with its placeholders filled in; ``CommandTranslator`` fills translations."""
    return locale_str(text.message.format(**values), msgid=text.message, values=values)


class CommandTranslator(app_commands.Translator):
    """Looks up descriptions and choices in the catalogues."""

    async def load(self) -> None:
        # Read at startup and off the event loop, so that no command waits for it later.
        await asyncio.to_thread(catalogues.load)

    async def translate(
        self, string: locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The translation; ``None`` makes Discord show the English text."""
        catalogue = catalogues.catalogue(locale.value)
        if catalogue is None or context.location in _NAMES:
            return None
        msgid = string.extras.get("msgid", string.message)
        translated = catalogue.gettext(msgid).format(**string.extras.get("values", {}))
        return None if translated == string.message else translated
