"""The operator's settings, from environment variables and `.env` in the working directory.

The environment takes precedence over `.env`; an empty value counts as missing. Each variable is a
field of :class:`bot.settings.settings.Settings` with the same name in lower case.
"""
