"""Every set loads, says what its licence asks for, and is what was shipped."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seqkit import data
from seqkit.data import files
from seqkit.data.loading import CATALOGUE

ALL = data.names()


def _length(x: object) -> int:
    return len(next(iter(x.values()))) if isinstance(x, dict) else len(x)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ALL)
def test_every_set_loads_and_is_split(name: str) -> None:
    loaded = data.load(name)
    assert loaded.name == name
    assert _length(loaded.x_train) > _length(loaded.x_test) > 0
    if loaded.y is not None or loaded.images:
        assert len(loaded.y_train) == _length(loaded.x_train)
        assert len(loaded.y_test) == _length(loaded.x_test)


@pytest.mark.parametrize("name", ALL)
def test_every_set_shows_licence_source_and_caution_in_text_and_html(name: str) -> None:
    loaded = data.load(name)
    assert loaded.licence and loaded.source and loaded.caution
    text, html = str(loaded), loaded._repr_mimebundle_()["text/html"]
    for word in ("licence", "source", "caution", "x_train", "split"):
        assert word in text
        assert word in html
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", ALL)
def test_loading_twice_gives_the_same_split(name: str) -> None:
    first, second = data.load(name), data.load(name)
    if first.train_rows is not None and second.train_rows is not None:
        assert np.array_equal(first.train_rows, second.train_rows)
    if not isinstance(first.x_test, dict):
        assert np.array_equal(first.x_test, second.x_test)


@pytest.mark.parametrize("name", ALL)
def test_no_row_is_in_both_parts(name: str) -> None:
    loaded = data.load(name)
    if loaded.train_rows is None or loaded.test_rows is None:
        pytest.skip("cut from photographs, see test_splitting")
    assert not set(loaded.train_rows) & set(loaded.test_rows)
    assert len(loaded.train_rows) + len(loaded.test_rows) == _length(loaded.x)


@pytest.mark.parametrize("name", ALL)
def test_columns_have_one_entry_for_each_example(name: str) -> None:
    loaded = data.load(name)
    for column in loaded.columns.values():
        assert len(column) == _length(loaded.x)


@pytest.mark.parametrize("name", ALL)
def test_labels_are_named(name: str) -> None:
    loaded = data.load(name)
    if loaded.classes:
        assert set(np.unique(loaded.y_train)) <= set(range(len(loaded.classes)))


def test_every_shipped_file_has_a_licence_row_a_checksum_and_a_loader() -> None:
    shipped = {p.name for p in files.FOLDER.iterdir()} - {files.NOTICE, files.CHECKSUMS}
    assert shipped == set(files.notice())
    assert shipped == set(files.checksums())
    assert shipped == {entry.file for entry in CATALOGUE.values()}
    for row in files.notice().values():
        assert row.content and row.shapes and row.source and row.licence and row.caution


def test_checksums_are_those_of_the_files() -> None:
    for file, digest in files.checksums().items():
        assert hashlib.sha256((files.FOLDER / file).read_bytes()).hexdigest() == digest


def test_a_damaged_file_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (files.FOLDER / "mnist_5k.npz").read_bytes()
    (tmp_path / "mnist_5k.npz").write_bytes(content[:1000] + b"?" + content[1001:])
    files.checksums()
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    with pytest.raises(data.DataFileError, match=r"mnist_5k\.npz is damaged.*pip install"):
        files.read_npz("mnist_5k.npz")
    with pytest.raises(data.DataFileError, match="is missing"):
        files.read_npz("textures.npz")
    (tmp_path / "new.npz").write_bytes(b"")
    with pytest.raises(data.DataFileError, match="is not listed"):
        files.read_npz("new.npz")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("fashon", "fashion"), ("MNIST", "mnist"), ("tate", "tate_art"), ("weather", "weather_")],
)
def test_an_unknown_name_gets_near_matches(typed: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"no data set '{typed}'. Did you mean .*{meant}"):
        data.load(typed)


def test_a_name_like_no_other_gets_the_list() -> None:
    with pytest.raises(ValueError, match=r"no data set 'xyz'. The data sets are: fashion"):
        data.load("xyz")


def test_the_whole_set_comes_through_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    train = np.zeros((6, 28, 28), "uint8"), np.arange(6, dtype="uint8")
    test = np.ones((2, 28, 28), "uint8"), np.arange(2, dtype="uint8")
    for module in (keras.datasets.fashion_mnist, keras.datasets.mnist):
        monkeypatch.setattr(module, "load_data", lambda: (train, test))
    for name in ("fashion", "mnist"):
        whole = data.load(name, full=True)
        assert whole.full
        assert whole.x_train.shape == (6, 28, 28)
        assert np.array_equal(whole.y_test, test[1])
        assert "subset" not in whole.caution


def test_a_failed_download_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    def no_network() -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", no_network)
    with pytest.raises(ConnectionError, match=r"no route to host.*sk\.data\.load\('mnist'\)"):
        data.load("mnist", full=True)


def test_the_shipped_set_can_stand_in_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import keras

    def no_network() -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", no_network)
    with pytest.warns(UserWarning, match=r"no route to host.*The shipped set is used\."):
        shipped = data.load("mnist", full=True, or_shipped=True)
    assert not shipped.full and len(shipped.x_train) == 4_000


def test_full_where_there_is_no_more_says_so_and_loads_the_shipped_set() -> None:
    with pytest.warns(UserWarning, match="the shipped set is all there is"):
        assert not data.load("textures", full=True).full


def test_importing_the_room_imports_numpy_only() -> None:
    code = (
        "import sys, seqkit.data as d; d.load('mnist'); "
        "print([m for m in ('keras', 'tensorflow', 'matplotlib', 'pandas') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr
