"""`/quota` and `/help`, each with an ephemeral answer."""

from pathlib import Path

from bot.domain.money import Usd
from bot.domain.quotas.quota import Spend, Usage
from bot.ui.access.install_context import InstallContext
from tests.factories import NOON
from tests.ui.client_fixture import Bot, connected_bot, until


async def test_quota_says_what_is_left_and_when_more_comes(bot: Bot) -> None:
    bot.store.used = Usage(
        used=2, held=1, frees_at=NOON, person_spend=Spend(settled=Usd.parse("0.4"))
    )
    ada = bot.local.person("Ada")
    await ada.command("quota")
    [answer] = await until(lambda: [seen for seen in ada.sees() if "left" in seen.text])
    assert answer.ephemeral
    assert "**2 videos left** of 5 per 24 hours" in answer.text
    assert f"<t:{int(NOON.timestamp())}:R>" in answer.text
    assert bot.local.person("Grace").sees() == []


async def test_quota_says_what_still_fits_into_a_budget_that_is_nearly_used_up(bot: Bot) -> None:
    bot.store.used = Usage(guild_spend=Spend(settled=Usd.parse("19.90")))
    ada = bot.local.person("Ada")
    await ada.command("quota")
    [answer] = await until(lambda: [seen for seen in ada.sees() if "still fits" in seen.text])
    assert "only $0.10 of this server's budget limit of $20.00 for this month" in answer.text
    assert "480P (about $0.10) still fits." in answer.text


async def test_help_names_what_is_missing_in_this_channel(bot: Bot) -> None:
    shown = await bot.local.person("Ada").command("help", channel="no-files")
    assert shown.ephemeral
    assert shown.message is not None
    assert "Missing in this channel: **Attach Files**" in shown.message.text
    general = await bot.local.person("Ada").command("help")
    assert general.message is not None
    assert "I have them all" in general.message.text


async def test_help_in_direct_messages_names_no_permissions(tmp_path: Path) -> None:
    async with connected_bot(tmp_path, places=InstallContext(user_install=True)) as bot:
        shown = await bot.local.person("Ada").command("help", channel="@me")
        assert shown.message is not None
        assert "just the two of us" in shown.message.text
