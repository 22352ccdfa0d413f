"""What the operator sets: environment variables, and `.env` in the working directory.

The environment wins over `.env`; an empty value counts as missing. Each variable is a field of
:class:`bot.settings.settings.Settings` with the same name in lower case, described there and
nowhere else.
"""
