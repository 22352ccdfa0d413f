"""Commands: each cog parses, calls one service method, and answers."""

from cogs.animate import Animate
from cogs.help import Help
from cogs.menus import Menus
from cogs.moderation.quota_admin import QuotaAdmin
from cogs.moderation.reports import ReportsCog
from cogs.moderation.settings import SettingsCog
from cogs.moderation.stats import Stats
from cogs.pending_notices import PendingNotices
from cogs.privacy import PrivacyCog
from cogs.quota import Quota
from cogs.rerolls import RerollsCog
from cogs.tasks import TasksCog

COGS = (
    Animate,
    Menus,
    ReportsCog,
    RerollsCog,
    TasksCog,
    Quota,
    QuotaAdmin,
    SettingsCog,
    Stats,
    PrivacyCog,
    Help,
    PendingNotices,
)
