"""The files around the code: settings, packaging, workflows and containers."""

import ast
import asyncio
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import yaml
from PIL import Image
from sqlalchemy import text as text_query

from bot import __version__
from bot.roles import Role, Shards
from bot.settings.loading import load_settings
from bot.settings.settings import variables
from bot.storage.engine.database import open_database
from docs import demo_pictures
from docs.settings_pages import default_of, dotenv_example, settings_table
from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-build.txt"]


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_example_and_the_table_say_what_the_code_says() -> None:
    assert text(".env.example") == dotenv_example(), "run: make docs"
    assert text("docs/settings.md") == settings_table(), "run: make docs"


def test_the_example_with_every_line_switched_on_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    everything = re.sub(r"(?m)^#(?=[A-Z0-9_]+=)", "", text(".env.example"))
    file = tmp_path / ".env"
    file.write_text(everything, "utf-8")
    assert set(re.findall(r"(?m)^([A-Z0-9_]+)=", everything)) == set(variables())
    assert load_settings(dotenv=file) == load_settings(dotenv=tmp_path / "none")


def test_every_setting_says_what_it_is_for() -> None:
    for name, field in variables().items():
        assert field.description, name
        assert default_of(field) or field.default in (None, ()), name


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    lock = text(name)
    assert "://" not in lock
    assert "--index" not in lock
    entries = re.split(r"(?m)^(?=[a-z])", lock)[1:]
    assert entries
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


def test_the_locks_for_running_and_testing_agree() -> None:
    tested = set(re.findall(r"(?m)^([\w.-]+==[\w.]+)", text("requirements-dev.txt")))
    for name in ("requirements.txt", "requirements-build.txt"):
        assert set(re.findall(r"(?m)^([\w.-]+==[\w.]+)", text(name))) <= tested


def test_the_version_is_written_in_one_place() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "bot/__init__.py"
    assert f"## {__version__}" in text("CHANGELOG.md") or "## Unreleased" in text("CHANGELOG.md")


def test_the_wheel_has_the_version_and_every_package_with_its_types(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(tmp_path / f"flipbook-{__version__}-py3-none-any.whl") as wheel:
        files = set(wheel.namelist())
    for package in ("bot", "cogs", "sandbox"):
        # The marker that tells type checkers to use the annotations of an installed package.
        assert {f"{package}/__init__.py", f"{package}/py.typed"} <= files
    assert not any(file.startswith(("tests/", "docs/", "benchmarks/")) for file in files)


def test_the_invite_link_asks_for_what_the_bot_uses_and_no_more() -> None:
    wanted = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        embed_links=True,
        attach_files=True,
        read_message_history=True,
        add_reactions=True,
    )
    links = re.findall(r"oauth2/authorize\?[^\s)`]+", text("README.md"))
    assert links
    for link in links:
        assert f"permissions={wanted.value}" in link
        assert "scope=bot+applications.commands" in link


def test_the_commands_of_the_readme_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", text("Makefile")))
    promised = set(re.findall(r"`?make ([a-z]+)\b", text("README.md") + text("CONTRIBUTING.md")))
    assert promised <= targets


def test_every_page_that_is_linked_is_there() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_shows_the_demo_in_a_picture_and_in_a_loop_that_loads_fast() -> None:
    assert {"docs/demo.png", "docs/demo.webp"} <= set(
        re.findall(r"!\[.+\]\((.+)\)", text("README.md"))
    )
    with Image.open(ROOT / "docs" / "demo.webp") as loop:
        assert getattr(loop, "n_frames", 1) > 30
        assert loop.info["loop"] == 0, "the loop does not repeat"
    assert (ROOT / "docs" / "demo.webp").stat().st_size <= demo_pictures.MOST_BYTES <= 3_000_000
    with Image.open(ROOT / "docs" / "demo.png") as picture:
        assert picture.size == tuple(demo_pictures.WINDOW.values())


def test_the_check_script_stops_at_the_first_failure() -> None:
    for script in (ROOT / ".ci").iterdir():
        assert script.stat().st_mode & 0o111, script.name
        assert "set -euo pipefail" in script.read_text("utf-8"), script.name
        subprocess.run(["bash", "-n", script], check=True)


# --- what GitHub reads ----------------------------------------------------------------------


def workflow(name: str) -> dict[Any, Any]:
    read = yaml.safe_load(text(f".github/workflows/{name}"))
    assert isinstance(read, dict)
    return read


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of a job; none if the job calls another workflow."""
    found = job.get("steps", [])
    assert isinstance(found, list)
    return found


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in steps(job) if "run" in step]


def test_ci_runs_the_projects_own_check_on_every_python_that_it_promises() -> None:
    ci = workflow("ci.yml")
    # YAML 1.1 reads the key `on` as true.
    assert {"push", "pull_request"} <= set(ci[True])
    [job] = ci["jobs"].values()
    assert commands(job) == [".ci/run"]
    versions = job["strategy"]["matrix"]["python"]
    classifiers = tomllib.loads(text("pyproject.toml"))["project"]["classifiers"]
    promised = {match[1] for one in classifiers if (match := re.search(r":: (3\.\d+)$", one))}
    assert promised <= set(versions)
    assert "${{ matrix.python }}" in job["container"]


def test_a_tag_releases_the_wheel_after_the_whole_check() -> None:
    release = workflow("release.yml")
    assert release[True] == {"push": {"tags": ["v*"]}}
    jobs = release["jobs"]
    assert jobs["check"]["uses"] == "./.github/workflows/ci.yml"
    assert "workflow_call" in workflow("ci.yml")[True]
    assert jobs["build"]["needs"] == "check"
    assert jobs["publish"]["needs"] == "build"
    # The notes come first, as they fail if the tag does not match the version.
    notes, build = commands(jobs["build"])
    assert notes.startswith('.ci/release-notes "$GITHUB_REF_NAME"')
    assert build.startswith(".ci/build-wheel ")
    assert any("upload-artifact" in step.get("uses", "") for step in steps(jobs["build"]))
    assert any("gh release create" in command for command in commands(jobs["publish"]))


def test_workflows_can_write_nothing_but_the_release_and_run_no_action_that_can_change() -> None:
    writing = set()
    for path in (ROOT / ".github" / "workflows").iterdir():
        read = workflow(path.name)
        assert read["permissions"] == {"contents": "read"}
        for name, job in read["jobs"].items():
            if "write" in job.get("permissions", {}).values():
                writing.add((path.name, name))
            for step in steps(job):
                if "uses" in step:
                    assert re.search(r"@[0-9a-f]{40}$", step["uses"]), step["uses"]
    assert writing == {("release.yml", "publish")}


@pytest.fixture
def tagged(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run `.ci/release-notes TAG` on a tree whose version is 1.2.3."""
    for name, content in {
        ".ci/release-notes": text(".ci/release-notes"),
        "bot/__init__.py": '"""A bot."""\n\n__version__ = "1.2.3"\n',
        "CHANGELOG.md": "# Changelog\n\n## 1.2.30\n\nLater.\n\n## 1.2.3 - 2026-12-01\n\n"
        "### Added\n\n- A thing.\n\n## 1.2.2\n\nEarlier.\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")

    def run(tag: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(tmp_path / ".ci" / "release-notes"), tag]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def test_a_release_has_the_notes_of_its_version(
    tagged: Callable[[str], subprocess.CompletedProcess[str]],
) -> None:
    done = tagged("v1.2.3")
    assert (done.returncode, done.stdout.strip()) == (0, "### Added\n\n- A thing.")


@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3", "v1.2.30", ""])
def test_a_tag_that_is_not_the_version_releases_nothing(
    tag: str, tagged: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    done = tagged(tag)
    assert done.returncode == 1
    assert "the version in bot/__init__.py is 1.2.3" in done.stderr


def test_a_version_that_the_changelog_does_not_know_releases_nothing(
    tmp_path: Path, tagged: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- A thing.\n", "utf-8")
    done = tagged("v1.2.3")
    assert done.returncode == 1
    assert "CHANGELOG.md has no section '## 1.2.3'" in done.stderr


def test_every_place_with_locked_versions_is_kept_up_to_date() -> None:
    updates = yaml.safe_load(text(".github/dependabot.yml"))["updates"]
    found = {(one["package-ecosystem"], one["directory"]) for one in updates}
    libraries = "/tests/sandbox/discord/libraries"
    assert {("github-actions", "/"), ("pip", "/"), ("docker", "/")} <= found
    assert {("pip", libraries), ("npm", f"{libraries}/discord_js")} <= found
    assert ("npm", f"{libraries}/oceanic_js") in found
    for ecosystem, directory in found:
        if ecosystem == "npm":
            assert (ROOT / directory[1:] / "package-lock.json").is_file()


def test_a_vulnerability_is_reported_in_private_and_a_bug_with_what_is_needed() -> None:
    policy = " ".join(text("SECURITY.md").split())
    assert "**Security** tab and choose **Report a vulnerability**" in policy
    bug = yaml.safe_load(text(".github/ISSUE_TEMPLATE/bug.yml"))
    assert "SECURITY.md" in bug["body"][0]["attributes"]["value"]
    assert {"version", "check", "log"} <= {field.get("id") for field in bug["body"]}


def test_hooks_before_a_commit_run_what_make_lint_runs_and_fetch_nothing() -> None:
    makefile = text("Makefile")
    parts = re.search(r"(?m)^lint: (.+)$", makefile)
    assert parts is not None
    [repository] = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    hooks = repository["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert {hook["entry"].rpartition(" ")[2] for hook in hooks} == set(parts[1].split())
    for part in parts[1].split():
        assert re.search(rf"(?m)^{part}: env$", makefile)


# --- containers -----------------------------------------------------------------------------


def test_the_image_holds_no_secret_and_no_root() -> None:
    dockerfile = text("Dockerfile")
    assert "USER flipbook" in dockerfile
    assert re.findall(r"^VOLUME (.*)$", dockerfile, re.MULTILINE) == ["/data"]
    # A volume that is mounted on a folder for the first time belongs to the bot's user.
    assert re.search(r"install -d -o flipbook .* /data /shared$", dockerfile, re.MULTILINE)
    assert 'ENTRYPOINT ["flipbook"]' in dockerfile
    assert re.search(r"HEALTHCHECK .*CMD.*/readyz", dockerfile, re.DOTALL)
    assert not re.search(r"TOKEN|API_KEY", dockerfile)
    assert ".env" not in text(".dockerignore").replace("!.env", "")


def check_container(service: dict[str, Any]) -> None:
    """Check that a service can change only its volumes and gain no privileges."""
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_every_image_is_of_one_version() -> None:
    images = re.findall(r"^FROM (\S+)", text("Dockerfile"), re.MULTILINE)
    for name in ("compose.yaml", "docker-compose.yml"):
        services = yaml.safe_load(text(name))["services"].values()
        images += [one["image"] for one in services if "image" in one]
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"\w+:\d+\.\d+(\.\d+)?-[\w-]+", image), image


def test_one_machine_needs_one_process_and_no_database_server() -> None:
    [service] = yaml.safe_load(text("compose.yaml"))["services"].values()
    check_container(service)
    assert service["command"] == ["run"]
    assert service["env_file"] == ".env"
    assert service["volumes"] == ["data:/data"]


async def test_the_composed_databases_user_has_no_more_rights_than_it_needs(
    cluster: Cluster,
) -> None:
    """The container's script creates the role, on a real server with other names."""
    composed = yaml.safe_load(text("docker-compose.yml"))
    postgres = composed["services"]["postgres"]
    assert postgres["networks"] == ["inside"]
    assert composed["networks"]["inside"]["internal"] is True
    assert "POSTGRES_USER" not in postgres["environment"]
    script = composed["configs"]["bot-user"]["content"].replace("$$", "$")
    script = script.replace("flipbook", "bot").replace("--username postgres", "-U flipbook")
    await asyncio.to_thread(_run_script, script, cluster)
    url = cluster.url("bot").replace("flipbook@", "bot@")
    async with open_database(url) as database:
        rights = text_query(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        row = await database.read(lambda on: on.execute(rights))
        assert tuple(row.one()) == (False, False, False)


def _run_script(script: str, cluster: Cluster) -> None:
    programs = str(Path(cluster.program("psql")).parent)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": str(cluster.socket),
        "PGDATABASE": "postgres",
    }
    command = ["bash", "-e", "-c", script]
    subprocess.run(command, check=True, env=environment | {"FLIPBOOK_PASSWORD": "it's a secret"})


def test_every_folder_that_a_volume_is_mounted_on_is_the_user_s_own() -> None:
    # Docker creates a missing mount point as root, and the bot could not write there.
    made = re.search(r"install -d -o flipbook .*? -m 0700 (.+)$", text("Dockerfile"), re.MULTILINE)
    assert made is not None
    mounted = {
        volume.split(":")[1]
        for file in ("compose.yaml", "docker-compose.yml")
        for service in yaml.safe_load(text(file))["services"].values()
        if "build" in service
        for volume in service["volumes"]
    }
    assert mounted == set(made[1].split()) == {"/data", "/shared"}


def test_the_composed_processes_are_ones_that_can_be_started() -> None:
    composed = yaml.safe_load(text("docker-compose.yml"))
    ours = [one for one in composed["services"].values() if "command" in one]
    assert len(ours) == 3
    for service in ours:
        check_container(service)
    for service in ours:
        command, _role, role, *rest = service["command"]
        assert command == "run"
        assert Role(role) is not Role.ALL
        for shards in rest[1:]:
            assert Shards.parse(shards).count == 2
        assert set(service["environment"]) <= set(variables())


# --- private names in tests ---------------------------------------------------------------------

PRIVATE = {
    ("benchmarks/parts/polls.py", "_get"): "the vendor's SDK has no hook around one request",
    ("tests/clock.py", "_ready"): "asyncio does not say otherwise that nothing is left to do",
    ("tests/cogs/test_later_discord.py", "_connection"): "what discord.py makes snapshots with",
    ("tests/cogs/test_later_discord.py", "_from_value"): "discord.py makes snapshots nowhere else",
    (
        "tests/ui/texts/test_catalogues.py",
        "_n",
    ): "a marker for gettext's extraction, named as usual",
}
"""Private names of others that tests and benchmarks use, each with the reason."""
SETTERS = {"getattr", "setattr", "delattr", "object"}
"""Functions that take the name of an attribute: the built-in ones, pytest's and `patch.object`."""


def is_private(name: str) -> bool:
    return re.fullmatch(r"_[A-Za-z]\w*", name) is not None


def own_names(tree: ast.Module) -> set[str]:
    """Return the names that a module defines, including attributes of its classes."""
    nodes = list(ast.walk(tree))
    defined = {one.name for one in nodes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    attributes = [one for one in nodes if isinstance(one, ast.Attribute)]
    return defined | {one.attr for one in attributes if ast.unparse(one.value) in ("self", "cls")}


def named_in(node: ast.AST) -> Iterator[str]:
    """Return other modules' private names that a piece of code uses, in code or in strings."""
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return
        case ast.Attribute(attr=name):
            yield name
        # The benchmarks' helper modules start with an underscore.
        case ast.ImportFrom(module=module, names=names) if module != "benchmarks":
            yield from (one.name for one in names)
        case ast.Call(args=[_, ast.Constant(value=str(name)), *_]):
            if ast.unparse(node.func).rpartition(".")[2] in SETTERS:
                yield name
        case ast.Constant(value=str(text)) if re.match(r"(bot|cogs|sandbox|discord)[.:]", text):
            yield from re.split(r"[.:]", text)


def test_tests_and_benchmarks_use_public_names() -> None:
    found = set()
    for path in sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py")]):
        tree = ast.parse(path.read_text("utf-8"))
        names = {name for node in ast.walk(tree) for name in named_in(node)} - own_names(tree)
        file = path.relative_to(ROOT).as_posix()
        found |= {(file, name) for name in names if is_private(name)}
    assert found == set(PRIVATE)
