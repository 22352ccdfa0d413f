"""Every error of this project, to be imported from here. Their texts are in ``bot.ui.texts``.

- ``base``: the base classes, and the errors of settings and of commands in the terminal
- ``refusals``, ``pictures``: the person can do something about it; nothing was spent
- ``provider``: ``created`` says whether a job can exist at the provider
- ``delivery``: while a video is downloaded, labeled or posted
- ``storage``: the database, and what several processes share

Each module draws its part of the tree.
"""

from bot.errors.base import *
from bot.errors.delivery import *
from bot.errors.pictures import *
from bot.errors.provider import *
from bot.errors.refusals import *
from bot.errors.storage import *
