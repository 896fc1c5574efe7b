"""What a directory must hold to be an app, and what is said of one that is none."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from forge_emu import appdir
from forge_emu.appdir.folder import unreadable_error
from forge_emu.errors import ManifestError, UserError
from tests.conftest import AppDir
from tests.manifest.sample import MANIFEST

FILES = {"manifest.yml": MANIFEST, "src/index.js": "", "src/queue/worker.ts": ""}


def package(name: str, version: str = "1.0.0", folder: str = "node_modules") -> dict[str, str]:
    """The files of an installed package."""
    return {f"{folder}/{name}/package.json": json.dumps({"name": name, "version": version})}


def refusal(root: Path) -> UserError:
    """Why `root` cannot be loaded, which must not be for its manifest's content."""
    with pytest.raises(UserError) as caught:
        appdir.load_app(root)
    assert not isinstance(caught.value, ManifestError)
    return caught.value


def test_an_app_is_loaded_with_what_surrounds_it(app_dir: AppDir) -> None:
    """Manifest, packages and settings come from their files."""
    root = app_dir(
        {
            **FILES,
            **package("@forge/events", "2.1.0"),
            "forge-emu.yml": "preset: legacy\nasync_events.max_retries: 2\n",
        }
    )
    loaded = appdir.load_app(root)

    assert loaded.app.consumers[0].queue == "work"
    assert loaded.root == root
    assert loaded.manifest == root / "manifest.yml"
    assert loaded.packages == {"@forge/events": "2.1.0"}
    assert loaded.preset == "legacy"
    assert loaded.overrides == {"async_events.max_retries": 2}


def test_the_manifest_may_end_in_yaml(app_dir: AppDir) -> None:
    """Problems name the file as it is called."""
    root = app_dir({"manifest.yaml": MANIFEST})

    with pytest.raises(ManifestError) as caught:
        appdir.load_app(root)

    assert str(caught.value.problems[0]).startswith("manifest.yaml:13:16 ")


def test_a_handler_is_found_only_under_its_exact_name(app_dir: AppDir) -> None:
    """Forge runs apps where case matters, whatever the developer's disk does."""
    root = app_dir({**FILES, "src/Other.js": ""})
    (root / "manifest.yml").write_text(MANIFEST.replace("index.push", "other.push"))

    unloaded = appdir.load_app(root).app.unloaded

    assert "'other.push' cannot find associated file" in unloaded["pusher"].reason


@pytest.mark.parametrize("link", ["src/index.js", "src"])
def test_a_handler_that_leads_out_of_the_app_is_refused(app_dir: AppDir, link: str) -> None:
    """The file or a folder above it may be a link only where that stays inside."""
    outside = app_dir(FILES)
    root = outside.parent / "linked"
    shutil.copytree(outside, root)
    shutil.rmtree(root / link) if (root / link).is_dir() else (root / link).unlink()
    (root / link).symlink_to(outside / link)

    with pytest.raises(ManifestError) as caught:
        appdir.load_app(root)

    first = str(caught.value.problems[0])
    assert first.startswith("manifest.yml:")
    assert "src/index.js is a link that leads out of the app" in first


def test_problems_of_manifest_and_settings_come_together(app_dir: AppDir) -> None:
    """One start tells everything."""
    root = app_dir({**FILES, "forge-emu.yml": "preset: none\n"})
    (root / "manifest.yml").write_text(MANIFEST.replace("queue: work", "queue: 5"))

    with pytest.raises(ManifestError) as caught:
        appdir.load_app(root)

    assert [p.file for p in caught.value.problems] == ["manifest.yml", "forge-emu.yml"]


def test_two_manifests_are_one_too_many(app_dir: AppDir) -> None:
    """Both are named."""
    error = refusal(app_dir({**FILES, "manifest.yaml": MANIFEST}))

    assert "has both manifest.yml and manifest.yaml" in error.message
    assert error.hint == "Forge reads manifest.yml; remove the other."


def test_a_directory_without_a_manifest_says_where_it_looked(tmp_path: Path) -> None:
    """With no app around there is only the general advice."""
    error = refusal(tmp_path)

    assert error.message == f"there is no manifest.yml or manifest.yaml in {str(tmp_path)!r}"
    assert error.hint == "Give the directory of a Forge app, the one with its manifest.yml."


def test_an_app_above_is_pointed_out(app_dir: AppDir) -> None:
    """Standing in `src` is the commonest slip."""
    root = app_dir(FILES)

    assert refusal(root / "src").hint == (
        f"There is an app in {root}: go there, or give that directory."
    )


def test_an_app_below_is_pointed_out(app_dir: AppDir) -> None:
    """Standing beside the app is the next."""
    root = app_dir(FILES)

    assert f"There is an app in {root}" in str(refusal(root.parent).hint)


def test_several_apps_below_are_listed(app_dir: AppDir) -> None:
    """None of them is chosen."""
    root = app_dir({"one/manifest.yml": "", "two/manifest.yaml": ""})

    assert refusal(root).hint == (
        f"There are apps in {root / 'one'}, {root / 'two'}: give one of them."
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent", "there is no directory"),
        ("manifest.yml", "is a file, not the directory of an app"),
        ("with\0nul", "there is no directory"),
        ("x" * 5_000, "cannot read"),
    ],
)
def test_what_is_no_directory_is_refused(app_dir: AppDir, name: str, said: str) -> None:
    """In one line, with the path as given."""
    assert said in refusal(app_dir(FILES) / name).message


def test_a_manifest_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    """It is called what it is."""
    (tmp_path / "manifest.yml").mkdir()

    assert "is a directory, not a file" in refusal(tmp_path).message


def test_a_manifest_that_is_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """Nothing is read from what is no regular file."""
    os.mkfifo(tmp_path / "manifest.yml")

    assert "is not a regular file" in refusal(tmp_path).message


def test_a_huge_manifest_is_refused_by_its_size(tmp_path: Path) -> None:
    """A sparse file of 10 GB is not read."""
    with (tmp_path / "manifest.yml").open("wb") as file:
        file.truncate(10_000_000_000)

    with pytest.raises(ManifestError, match=r"the file is 10000\.0 MB"):
        appdir.load_app(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_manifest_is_refused(app_dir: AppDir) -> None:
    """Permissions are named as the reason."""
    root = app_dir(FILES)
    (root / "manifest.yml").chmod(0)

    assert refusal(root).hint == "Check its permissions."


def test_a_lack_of_permission_has_its_hint() -> None:
    """The reason is the system's, without its number."""
    error = unreadable_error(Path("app"), PermissionError(13, "Permission denied"))

    assert (error.message, error.hint) == (
        "cannot read 'app': Permission denied",
        "Check its permissions.",
    )


def test_an_app_in_a_monorepo_is_found(app_dir: AppDir) -> None:
    """Some folders below; packages are not looked into."""
    root = app_dir({"apps/jira/forge/manifest.yml": "", "node_modules/x/manifest.yml": ""})

    assert refusal(root).hint == (
        f"There is an app in {root / 'apps' / 'jira' / 'forge'}: go there, or give that directory."
    )


def test_a_template_of_a_manifest_is_pointed_out(app_dir: AppDir) -> None:
    """Some apps make their manifest by a script."""
    hint = refusal(app_dir({"manifest.template.yml": "app:"})).hint

    assert (
        hint == "manifest.template.yml is there: make manifest.yml of it, as the app's README says."
    )
