"""Settings: what is described is what there is; what is wrong in a file costs a sentence, never a start."""

import stat
import tomllib
from pathlib import Path

import pytest

from workstation import paths
from workstation.errors import HounsfieldError
from workstation.settings import Settings, described, load

DESCRIBED = """
[look]
title = "Look"
[look.theme]
type = "choice"
default = "dark"
choices = { dark = "Dark", bright = "Bright" }
title = "Theme"
help = "Colours."
[look.size]
type = "int"
default = 10
least = 9
most = 16
title = "Size"
help = "Points."
[keys]
title = "Keys"
[keys.overrides]
type = "keys"
default = {}
title = "Own keys"
help = "Yours."
[cine]
title = "Cine"
[cine.speed]
type = "float"
default = 15.0
least = 1.0
most = 60.0
title = "Speed"
help = "Images a second."
[cine.loop]
type = "bool"
default = true
title = "Again"
help = "From the start."
"""


@pytest.fixture
def description(tmp_path: Path) -> Path:
    file = tmp_path / "described.toml"
    file.write_text(DESCRIBED)
    return file


@pytest.fixture
def settings(description: Path, home: Path) -> Settings:
    return load(description, home)


def own(home: Path, text: str) -> Path:
    file = home / "settings.toml"
    file.write_text(text)
    return file


def test_values_are_typed_and_unknown_names_are_key_errors(settings: Settings) -> None:
    assert (settings.text("look.theme"), settings.whole("look.size")) == ("dark", 10)
    assert (settings.number("cine.speed"), settings.flag("cine.loop"), settings.table("keys.overrides")) == (
        15.0,
        True,
        {},
    )
    with pytest.raises(KeyError):
        settings.get("look.thema")
    with pytest.raises(TypeError):
        settings.whole("cine.loop")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("look.thema", "dark", "did you mean 'look.theme'"),
        ("look.theme", "brigt", "did you mean 'bright'"),
        ("look.size", 17, "outside 9 to 16"),
        ("look.size", 10.5, "whole number"),
        ("look.size", True, "whole number"),
        ("cine.speed", float("nan"), "a number"),
        ("cine.loop", 1, "true or false"),
        ("keys.overrides", {"zoom-in": "Z"}, "zoom-in"),
    ],
)
def test_a_wrong_value_is_a_sentence_and_changes_nothing(
    settings: Settings, name: str, value: object, said: str
) -> None:
    heard: list[str] = []
    settings.changed.connect(heard.append)
    with pytest.raises(HounsfieldError) as caught:
        settings.set(name, value)
    assert said in caught.value.sentence
    assert (heard, settings.changed_names) == ([], ())


def test_only_what_differs_is_kept_and_comes_back(settings: Settings, description: Path, home: Path) -> None:
    heard: list[str] = []
    settings.changed.connect(heard.append)
    assert settings.save() is False, "nothing to write"
    settings.set("look.size", 12)
    settings.set("cine.speed", 20)
    settings.set("cine.speed", 15)
    settings.set("keys.overrides", {"zoom-in": ["Z", 'Ctrl+"']})
    assert heard == ["look.size", "cine.speed", "cine.speed", "keys.overrides"]
    assert settings.save() and not settings.save()
    file = home / "settings.toml"
    assert tomllib.loads(file.read_text()) == {
        "look": {"size": 12},
        "keys": {"overrides": {"zoom-in": ["Z", 'Ctrl+"']}},
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in home.iterdir()] == ["settings.toml"]
    again = load(description, home)
    assert (again.whole("look.size"), again.table("keys.overrides")) == (12, {"zoom-in": ("Z", 'Ctrl+"')})
    assert (again.problems, again.changed_names) == ((), ("look.size", "keys.overrides"))


def test_resets_give_the_defaults_and_say_so(settings: Settings) -> None:
    settings.set("look.size", 12)
    settings.set("cine.loop", False)
    heard: list[str] = []
    settings.changed.connect(heard.append)
    settings.reset("cine.speed")
    settings.reset_all()
    assert heard == ["look.size", "cine.loop"]
    assert (settings.whole("look.size"), settings.flag("cine.loop"), settings.changed_names) == (10, True, ())


def test_wrong_lines_cost_a_sentence_each_and_the_file_is_kept(description: Path, home: Path) -> None:
    text = '[look]\nthema = "dark"\nsize = "ten"\n[cine]\nspeed = 20\nloop = false\n'
    own(home, text)
    settings = load(description, home)
    assert (settings.number("cine.speed"), settings.flag("cine.loop"), settings.whole("look.size")) == (20.0, False, 10)
    assert len(settings.problems) == 3
    assert "did you mean 'look.theme'" in settings.problems[0] and "whole number" in settings.problems[1]
    assert (home / "settings.toml.broken").read_text() == text


@pytest.mark.parametrize("text", ["[look\nsize = 12", "look = 3", "\x00", "[[[[[", 'x = "' + "y" * 1_100_000 + '"'])
def test_a_broken_file_costs_a_sentence_never_a_start(description: Path, home: Path, text: str) -> None:
    own(home, text)
    settings = load(description, home)
    assert settings.problems and settings.changed_names == ()
    assert (home / "settings.toml.broken").read_text() == text
    settings.set("look.size", 11)
    settings.save()
    assert load(description, home).problems == ()


def test_bytes_that_are_no_text_and_a_folder_in_the_way(description: Path, home: Path, tmp_path: Path) -> None:
    (home / "settings.toml").write_bytes(b"\xff\xfe[look]")
    assert "cannot be read" in load(description, home).problems[0]
    (tmp_path / "settings.toml").mkdir()
    settings = load(description, tmp_path)
    assert "cannot be read" in settings.problems[0]
    settings.set("look.size", 11)
    with pytest.raises(HounsfieldError, match=r"settings\.toml could not be saved"):
        settings.save()
    assert not (tmp_path / "settings.toml.new").exists()


def test_a_site_gives_other_defaults(
    description: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "settings.toml").write_text('[look]\ntheme = "bright"\nsize = 99\n')
    monkeypatch.setenv("HOUNSFIELD_SITE", str(site))
    settings = load(description, home)
    assert settings.text("look.theme") == "bright" and settings.is_of_site("look.theme")
    assert settings.changed_names == () and "the site's settings" in settings.problems[0]
    assert not (site / "settings.toml.broken").exists(), "a site's file is the site's"
    settings.set("look.theme", "dark")
    settings.save()
    assert load(description, home).text("look.theme") == "dark"
    settings.reset("look.theme")
    settings.save()
    assert tomllib.loads((home / "settings.toml").read_text()) == {}


def test_the_shipped_settings_are_described_in_whole_sentences() -> None:
    shipped = described(paths.resources() / "settings.toml")
    assert len(shipped.settings) > 20
    for setting in shipped.settings.values():
        assert setting.checked(setting.default) == setting.default
        assert setting.title and setting.help.endswith("."), setting.name
        assert bool(setting.choices) == (setting.type == "choice")
        assert (setting.least is not None and setting.most is not None) == (setting.type in ("int", "float"))
