import re
from pathlib import Path

import pytest

from bot.cli.run import secrets_of
from bot.domain.models.model import WAN22_I2V_FLASH, VideoKind
from bot.domain.money import Usd
from bot.domain.quotas.quota import Window
from bot.errors import SettingsError
from bot.settings.loading import configured_secrets, load_settings
from bot.settings.settings import Settings, variables
from bot.settings.values import is_loopback


@pytest.fixture(autouse=True)
def empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set no variables, and use an empty working directory."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(*, require: tuple[str, ...] = ()) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        load_settings(require=require)
    return refused.value.problems


def test_with_nothing_set_the_defaults_hold() -> None:
    settings = load_settings()
    assert settings.discord_token is None
    assert settings.budget_usd_month == Usd.parse("50")
    assert settings.quota_window is Window.DAY
    assert settings.guilds is None
    assert settings.data_dir == Path("data")


def test_the_environment_wins_over_the_file(
    empty_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_environment / ".env").write_text("QUOTA_VIDEOS=7\nQUOTA_CONCURRENT=3\n")
    monkeypatch.setenv("QUOTA_VIDEOS", "9")
    settings = load_settings()
    assert (settings.quota_videos, settings.quota_concurrent) == (9, 3)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("QUOTA_VIDEOS", "-1", -1),
        ("QUOTA_WINDOW", "Week", Window.WEEK),
        ("PRICE_USD_480P", "0.0075", Usd.parse("0.0075")),
        ("BUDGET_USD_MONTH", "none", None),
        ("BUDGET_USD_MONTH", "0", Usd(0)),
        ("GUILDS", "12, 34,56", frozenset({12, 34, 56})),
        ("GUILDS", "any", None),
        ("USER_INSTALL", "TRUE", True),
        ("BLOCKED_WORDS", " gun, bad  word\nGUN, 枪", ("gun", "bad word", "枪")),
        ("BLOCKED_WORDS", "", ()),
        ("PRIVACY_URL", "https://bot.example/privacy?v=2#a", "https://bot.example/privacy?v=2#a"),
        ("OPERATOR_CONTACT", " privacy@bot.example ", "privacy@bot.example"),
        (
            "MODERATION_CATEGORIES",
            "sexual=0.4, violence/graphic , self-harm = 1",
            (("sexual", 0.4), ("violence/graphic", None), ("self-harm", 1.0)),
        ),
        ("MODERATION_URL", "http://127.0.0.1:1/v1/x", "http://127.0.0.1:1/v1/x"),
        ("MODERATION_ON_FAILURE", "Allow", "allow"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("LOG_FORMAT", "JSON", "json"),
        ("HEALTH_PORT", "none", None),
        ("HEALTH_PORT", "8080", 8080),
        ("VTRIX_BASE_URL", "http://127.0.0.1:8123/", "http://127.0.0.1:8123"),
        ("VTRIX_BASE_URL", "http://[::1]:8123", "http://[::1]:8123"),
        ("DISCORD_API_URL", "http://127.0.0.1:8080/api/v10/", "http://127.0.0.1:8080/api/v10"),
        ("DISCORD_CDN_URL", "http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("VTRIX_REQUEST_STYLE", "Wrapped", "wrapped"),
        ("DATABASE_URL", "sqlite:////srv/flipbook.db", "sqlite:////srv/flipbook.db"),
        ("DATABASE_URL", "postgres://me@db/flipbook", "postgresql://me@db/flipbook"),
    ],
)
def test_values_are_read_as_they_are_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(load_settings(), name.lower()) == expected


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("QUOTA_VIDEOS", "five", "expected a whole number from -1 to 10000"),
        ("QUOTA_VIDEOS", "-2", "from -1 to 10000"),
        ("QUOTA_VIDEOS", "10001", "from -1 to 10000"),
        ("QUOTA_WINDOW", "year", "hour, day, week or month"),
        ("QUOTA_CONCURRENT", "0", "from 1 to 100"),
        ("QUOTA_CONCURRENT", "101", "from 1 to 100"),
        ("PRICE_USD_720P", "-0.1", "an amount in USD"),
        ("PRICE_USD_720P", "NaN", "an amount in USD"),
        ("PRICE_USD_720P", "0", "must be more than 0"),
        ("PRICE_USD_720P", "none", "an amount in USD"),
        ("PRICE_USD_720P", "1e999999", "an amount in USD"),
        ("BUDGET_USD_MONTH", "unlimited", "or none"),
        ("BUDGET_USD_SERVER_MONTH", "$20", "or none"),
        ("MAX_VIDEOS_USER_DAY", "0", "from 1 to"),
        ("GUILDS", "workshop", "server ids"),
        ("GUILDS", ",", "server ids"),
        ("GUILDS", "-5", "server ids"),
        ("USER_INSTALL", "maybe", "true or false"),
        ("KEEP_IMAGES_DAYS", "0", "from 1 to 3650"),
        ("HEALTH_PORT", "0", "a port"),
        ("HEALTH_PORT", "65536", "a port"),
        ("PRIVACY_URL", "http://bot.example/privacy", "an https address"),
        ("PRIVACY_URL", "https://bot.example/a) [b", "without blanks and brackets"),
        ("TERMS_URL", "https://localhost/", "that everybody can open"),
        ("AGE_RESTRICTED", "18", "true or false"),
        ("MODERATION_CATEGORIES", "sexual=0", "=0.01 to =1"),
        ("MODERATION_CATEGORIES", "sexual=nan", "=0.01 to =1"),
        ("MODERATION_CATEGORIES", "sexual=high", "=0.01 to =1"),
        ("MODERATION_CATEGORIES", "a;b", "separated by commas"),
        ("MODERATION_URL", "http://check.example/v1", "must be https"),
        ("MODERATION_ON_FAILURE", "ask", "refuse or allow"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("VTRIX_MODEL", "dall-e", "one of wan22_i2v_flash"),
        ("VTRIX_REQUEST_STYLE", "raw", "auto, documented or wrapped"),
        ("VTRIX_BASE_URL", "video.example", "an address such as"),
        ("VTRIX_BASE_URL", "ftp://127.0.0.1", "an address such as"),
        ("VTRIX_BASE_URL", "http://127.0.0.1:99999", "an address such as"),
        ("VTRIX_BASE_URL", "http://video.example", "must be https"),
        ("VTRIX_BASE_URL", "https://video.example/?a=b", "no ?"),
        ("DISCORD_CDN_URL", "http://cdn.example", "must be https"),
        ("DISCORD_API_URL", "https://me:pw@discord.example", "user name or password"),
        ("DISCORD_API_URL", "http://discord.com/api/v10", "clear text"),
        ("DISCORD_API_URL", "http://proxy:8080/api/v10", "DISCORD_API_INSECURE=true"),
        ("DISCORD_API_URL", "http://10.0.0.5/api/v10", "DISCORD_API_INSECURE=true"),
        ("DATABASE_URL", "postgresql://db", "names no database"),
        ("DATABASE_URL", "postgresql+asyncpg://db/flipbook", "names a driver"),
        ("DATABASE_URL", "flipbook.db", "sqlite:///"),
        ("DATABASE_URL", "sqlite://", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:", "sqlite:///"),
    ],
)
def test_a_wrong_value_is_one_line_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    (line,) = problems()
    assert line.startswith(name)
    assert says in line
    assert (repr(value) in line) == ("@" not in value)
    assert "\n" not in line


def test_too_many_blocked_words_are_told_with_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = [f"word{number}" for number in range(4_001)]
    monkeypatch.setenv("BLOCKED_WORDS", ",".join(words))
    (line,) = problems()
    assert "must have at most 4000 words, not 4001" in line
    monkeypatch.setenv("BLOCKED_WORDS", ",".join(words[:-1]))
    assert len(load_settings().blocked_words) == 4_000


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUOTA_VIDEOS", "x")
    monkeypatch.setenv("LOG_FORMAT", "x")
    found = problems(require=("DISCORD_TOKEN",))
    assert [line.split()[0].rstrip(":") for line in found] == [
        "QUOTA_VIDEOS",
        "LOG_FORMAT",
        "DISCORD_TOKEN",
    ]


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_value_is_missing(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", value)
    monkeypatch.setenv("QUOTA_VIDEOS", "")
    (line,) = problems(require=("DISCORD_TOKEN",))
    assert line.startswith("DISCORD_TOKEN is missing")
    assert load_settings().discord_token is None


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "VTRIX_API_KEY"])
@pytest.mark.parametrize("value", ["Bot test-secret", "test-secret\x07", "tést-secret"])
def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    (line,) = problems()
    assert line.startswith(name)
    assert "secret" not in line


def test_a_password_in_an_address_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:test-secret@db")
    (line,) = problems()
    assert "test-secret" not in line


def test_a_password_in_an_address_is_a_secret_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:test%2Dsecret@db/flipbook")
    assert {"test%2Dsecret", "test-secret"} <= set(secrets_of(load_settings()))


def test_whatever_is_called_a_secret_is_kept_as_one() -> None:
    named = {
        name: str(field.annotation)
        for name, field in variables().items()
        if re.search("TOKEN|KEY|SECRET|PASSWORD", name)
    }
    assert set(named) >= {"DISCORD_TOKEN", "VTRIX_API_KEY"}
    assert all("SecretStr" in kind for kind in named.values()), named


def test_settings_do_not_print_their_secrets() -> None:
    settings = Settings(discord_token="test-secret", vtrix_api_key="test-secret")
    assert "test-secret" not in f"{settings!r}{settings}"
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "test-secret"


def test_a_long_value_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUOTA_VIDEOS", "9" * 5000)
    (line,) = problems()
    assert len(line) < 200


def test_a_misspelt_line_of_the_file_is_told(empty_environment: Path) -> None:
    (empty_environment / ".env").write_text("QUOTA_VIDEO=3\nPATH_OF_MINE=x\n")
    assert problems() == ("QUOTA_VIDEO is not a setting: did you mean QUOTA_VIDEOS? (in .env)",)


def test_what_looks_like_a_variable_in_dotenv_stays_what_was_written(
    empty_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("x", "of the environment")
    monkeypatch.setenv("QUOTA_CONCURRENT", "3")
    lines = "VTRIX_API_KEY=before${x}after$x\nDISCORD_TOKEN='${HOME}'\nquota_concurrent=9\n"
    (empty_environment / ".env").write_text(lines)
    settings = load_settings()
    assert settings.vtrix_api_key is not None
    assert settings.vtrix_api_key.get_secret_value() == "before${x}after$x"
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "${HOME}"
    assert settings.quota_concurrent == 3, "the environment wins, however the file spells it"


def test_lines_of_the_file_that_cannot_be_read_are_told(empty_environment: Path) -> None:
    lines = "# a comment\nDISCORD TOKEN=secret\nQUOTA_VIDEOS=3\nGUILDS='1\n"
    (empty_environment / ".env").write_text(lines)
    told = [".env, line 2: expected NAME=value", ".env, line 4: expected NAME=value"]
    assert [line[-len(told[0]) :] for line in problems()] == told


def test_a_file_that_cannot_be_read_is_told(empty_environment: Path) -> None:
    (empty_environment / ".env").write_bytes(b"QUOTA_VIDEOS=\xff\xfe\n")
    (line,) = problems()
    assert ".env cannot be read" in line


def test_secrets_are_known_even_when_they_are_wrong(
    empty_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_environment / ".env").write_text("VTRIX_API_KEY=from-file\n")
    monkeypatch.setenv("DISCORD_TOKEN", "Bot wrong")
    assert set(configured_secrets()) == {"from-file", "Bot wrong"}


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("localhost", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "192.168.1.2", "[fd00::1]", "proxy", "proxy.internal", "proxy.local"]
)
def test_a_proxy_in_ones_own_network_may_be_insecure_where_that_is_told(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("DISCORD_API_URL", f"http://{host}:8080/api/v10")
    monkeypatch.setenv("DISCORD_API_INSECURE", "true")
    assert load_settings().discord_api_url == f"http://{host}:8080/api/v10"


@pytest.mark.parametrize("host", ["discord.com", "1.1.1.1", "proxy.example.com", "[::]"])
def test_the_token_never_goes_to_a_public_address_in_clear_text(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("DISCORD_API_URL", f"http://{host}/api/v10")
    monkeypatch.setenv("DISCORD_API_INSECURE", "true")
    (line,) = problems()
    assert line.startswith("DISCORD_API_URL")
    assert "private addresses only" in line


# --- prices -----------------------------------------------------------------------------------


def test_a_price_that_is_set_is_for_the_model_of_new_videos(
    monkeypatch: pytest.MonkeyPatch, empty_environment: Path
) -> None:
    large, small = (VideoKind(WAN22_I2V_FLASH.id, one, 5) for one in ("720P", "480P"))
    assert load_settings().price_list().of(large) == Usd.parse("0.20")
    monkeypatch.setenv("PRICE_USD_720P", "0.40")
    prices = load_settings().price_list()
    assert [str(prices.of(kind)) for kind in (large, small)] == ["$0.40", "$0.10"]
    assert prices.variables == {large: "PRICE_USD_720P", small: "PRICE_USD_480P"}
