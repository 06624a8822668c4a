"""The stage puts its folders back exactly."""

from __future__ import annotations

from pathlib import Path

from tests.faults.stage import mirror


def test_a_mirror_is_its_source_whatever_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in (("same", "a"), ("changed", "b"), ("gone", "c"), ("folder/inner", "d"), ("was a link", "e")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    (source / "was a file").mkdir()
    (source / "private").write_text("f")
    (source / "private").chmod(0o600)
    target.mkdir()
    for name, text in (("same", "a"), ("changed", "x"), ("new", "y"), ("was a file", "z"), ("private", "f")):
        (target / name).write_text(text)
    (target / "new folder").mkdir()
    (target / "new folder/inner").write_text("w")
    (target / "gone").mkdir()
    (target / "was a link").symlink_to(source / "was a link")
    untouched = (target / "same").stat().st_mtime_ns

    mirror(source, target)

    def content(folder: Path) -> dict[str, tuple[int, str]]:
        return {
            path.relative_to(folder).as_posix(): (path.stat().st_mode, path.read_text() if path.is_file() else "")
            for path in folder.rglob("*")
        }

    assert content(target) == content(source)
    assert not (target / "was a link").is_symlink()
    assert (target / "same").stat().st_mtime_ns == untouched
