"Ingestion: any file becomes normalised rows, bad input is counted or explained, and a second run changes nothing"

import json
import tarfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from art_recsys.config import UserError, load_settings
from art_recsys.core import ARTWORK_COLS
from art_recsys.ingestion import ingest
from art_recsys.sources.base import Source, open_source

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TATE = DATA / "tate" / "tate_artworks.parquet"
THUMBS = DATA / "thumbs" / "thumbs.tar"


def settings_for(tmp_path, file=None, **kw):
    if file is not None:
        kw |= {"source": "file", "artworks_file": file}
    return load_settings(default_section="smoke", home=tmp_path / "home", **kw)


def ingested(settings):
    summary = ingest(settings)
    works = pd.read_parquet(settings.home / "artworks.parquet")
    assert list(works.columns) == ARTWORK_COLS
    assert summary["works"] == len(works)
    assert summary == json.loads((settings.home / "ingest_report.json").read_text())
    for path in works.image_path[works.image_path != ""]:
        with Image.open(settings.home / path) as im:
            im.load()
    return summary, works


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


# ---- the sample museum ----------------------------------------------------------------------------------------------


def test_sample_museum(tmp_path):
    s = settings_for(tmp_path, n_artworks=12, picture_size=96)
    summary, works = ingested(s)
    missing = summary.pop("missing")
    assert summary == {"source": "sample", "works": 12, "pictures": 12, "skipped": {}, "fixed": {}, "notes": {}}
    assert set(missing) == set(ARTWORK_COLS) - {"description"} and missing["title"] == missing["licence"] == 0
    summary["missing"] = missing
    assert works.artwork_id.is_unique and (works.tags.map(len) > 2).all()
    before = {p: p.stat().st_mtime_ns for p in s.home.rglob("*.jpg")}
    assert ingested(s)[0] == summary
    assert {p: p.stat().st_mtime_ns for p in s.home.rglob("*.jpg")} == before
    assert not [p for p in s.home.rglob("*") if p.suffix in (".tmp", ".part")]


def test_a_larger_museum_keeps_the_pictures_of_the_smaller_one(tmp_path):
    small = settings_for(tmp_path, n_artworks=4, picture_size=64)
    _, a = ingested(small)
    before = {p: p.stat().st_mtime_ns for p in small.home.rglob("*.jpg")}
    _, b = ingested(settings_for(tmp_path, n_artworks=7, picture_size=64))
    pd.testing.assert_frame_equal(a, b[:4])
    assert all(p.stat().st_mtime_ns == t for p, t in before.items())


# ---- choosing a source ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source, words",
    [
        ("louvre", "There is no source louvre"),
        ("smaple", "Did you mean sample"),
        ("clevland", "Did you mean cleveland"),
        ("artsy", "needs ARTSY_CLIENT_ID"),
        ("file", "no file is named"),
    ],
)
def test_a_source_that_is_not_there_is_explained(tmp_path, source, words):
    with pytest.raises(UserError, match=words) as e:
        ingest(settings_for(tmp_path, source=source))
    assert "--" in e.value.remedy


def test_a_new_source_needs_only_a_class(tmp_path):
    class Attic(Source):
        name = "attic"

        def pages(self, since=None):
            yield [{"no": 1, "called": "Trunk"}]
            yield [{"no": 2, "called": "Lamp"}, {"no": 2, "called": "Lamp again"}, {"no": 3, "called": None}]

        def normalise(self, raw):
            return {"artwork_id": raw["no"], "title": raw["called"], "source": self.name}

    try:
        s = settings_for(tmp_path, source="attic")
        assert isinstance(open_source(s), Attic)
        summary, works = ingested(s)
        assert list(works.artwork_id) == ["1", "2"] and summary["pictures"] == 0
        assert summary["skipped"] == {"duplicate artwork id": 1, "work without a title": 1}
    finally:
        Source.known.pop("attic")


# ---- files ----------------------------------------------------------------------------------------------------------

ROWS = [
    {"artwork_id": "007", "title": "1984", "tags": ["boat", "sea"], "year_start": 1871, "medium": "Oil"},
    {"artwork_id": "008", "title": "Moon; or, Night", "tags": ["moon"], "year_start": None, "medium": None},
]


@pytest.mark.parametrize("kind", ["parquet", "csv", "tsv", "jsonl", "json", "csv.gz"])
def test_every_format_gives_the_same_rows(tmp_path, kind):
    df, path = pd.DataFrame(ROWS), tmp_path / f"c.{kind}"
    if kind == "parquet":
        df.to_parquet(path)
    elif kind == "jsonl":
        df.to_json(path, orient="records", lines=True)
    elif kind == "json":
        df.to_json(path, orient="records")
    else:
        df.assign(tags=df.tags.map("|".join)).to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    summary, works = ingested(settings_for(tmp_path, path))
    assert list(works.artwork_id) == ["007", "008"]
    assert list(works.title) == ["1984", "Moon; or, Night"]
    assert [list(t) for t in works.tags] == [["boat", "sea"], ["moon"]]
    assert works.year_start[0] == 1871 and np.isnan(works.year_start[1])
    assert list(works.medium) == ["Oil", ""]
    assert set(works.source) == {"c"} and summary["skipped"] == {}


def test_bad_rows_are_counted_and_the_rest_comes_in(tmp_path):
    path = write(tmp_path / "c.csv", "artwork_id,title\na,One\n,No id\nb,\nb,   \na,Again\nc,Three\n")
    summary, works = ingested(settings_for(tmp_path, path))
    assert list(works.artwork_id) == ["a", "c"]
    assert summary["skipped"] == {"duplicate artwork id": 1, "work without a title": 2, "work without an id": 1}


def test_names_with_spaces_quotes_and_accents(tmp_path):
    folder = tmp_path / "it's here"
    folder.mkdir()
    path = folder / "catálogo.parquet"
    pd.DataFrame({'Object "No"': ["1"], "Título": ["Luz"], "select": ["Print"]}).to_parquet(path)
    _, works = ingested(settings_for(tmp_path, path, columns='artwork_id=Object "No",title=Título,category=select'))
    assert works.iloc[0][["artwork_id", "title", "category"]].tolist() == ["1", "Luz", "Print"]


def test_a_condition_chooses_rows_by_columns_that_are_not_read(tmp_path):
    path = write(tmp_path / "c.csv", "artwork_id,title,on_view\na,One,true\nb,Two,false\n")
    _, works = ingested(settings_for(tmp_path, path, where="on_view"))
    assert list(works.artwork_id) == ["a"]


def test_years_are_read_out_of_dates(tmp_path):
    path = write(tmp_path / "c.csv", "artwork_id,title,date_text\na,One,c. 1871-1875\nb,Two,undated\nc,Three,1902\n")
    _, works = ingested(settings_for(tmp_path, path))
    assert works.year_start.fillna(-1).tolist() == [1871, -1, 1902] and works.year_end.fillna(-1).tolist() == [
        1875,
        -1,
        1902,
    ]


@pytest.mark.parametrize(
    "text, options, words",
    [
        ("id,title\n1,T\n", {}, "no column artwork_id.*Did you mean id.*It has: id, title"),
        ("artwork_id,titel\n1,T\n", {}, "no column title.*Did you mean titel"),
        (
            "artwork_id,title,kind\n1,T,x\n",
            {"columns": "category=kindd"},
            "no column kindd.*Did you mean kind.*artwork_id, title, kind",
        ),
        (
            "artwork_id,title\n1,T\n",
            {"columns": "catgory=title"},
            "catgory is not one of our columns.*Did you mean category",
        ),
        ("artwork_id,title\n1,T\n", {"columns": "category"}, "our_column=file_column"),
        ("artwork_id,title\n1,T\n", {"where": "nonsense > 3"}, "nonsense"),
        ("artwork_id,title\n1,T\n", {"where": "artwork_id = '9'"}, "no works with where"),
        ("artwork_id,title\n,T\n2,\n", {}, "No work .* can be used"),
    ],
)
def test_what_a_person_gets_wrong_is_named_with_its_remedy(tmp_path, text, options, words):
    path = write(tmp_path / "c.csv", text)
    with pytest.raises(UserError, match="(?s)" + words) as e:
        ingest(settings_for(tmp_path, path, **options))
    assert e.value.remedy
    assert not (tmp_path / "home" / "artworks.parquet").exists()


def test_files_that_are_not_there_or_not_what_they_say(tmp_path):
    with pytest.raises(UserError, match="There is no file"):
        ingest(settings_for(tmp_path, tmp_path / "nothing.csv"))
    with pytest.raises(UserError, match=r"files of the kind '\.docx'"):
        ingest(settings_for(tmp_path, write(tmp_path / "a.docx", "x")))
    with pytest.raises(UserError, match=r"a\.parquet cannot be read"):
        ingest(settings_for(tmp_path, write(tmp_path / "a.parquet", "not parquet")))


def test_a_failed_run_leaves_the_earlier_catalogue_alone(tmp_path):
    good = write(tmp_path / "good.csv", "artwork_id,title\na,One\n")
    _, before = ingested(settings_for(tmp_path, good))
    with pytest.raises(UserError):
        ingest(settings_for(tmp_path, write(tmp_path / "bad.csv", "x,y\n1,2\n")))
    pd.testing.assert_frame_equal(before, pd.read_parquet(tmp_path / "home" / "artworks.parquet"))


# ---- pictures -------------------------------------------------------------------------------------------------------


def test_pictures_from_a_file(tmp_path):
    folder = tmp_path / "catalogue"
    (folder / "img").mkdir(parents=True)
    Image.new("RGB", (900, 300), "#a04020").save(folder / "img" / "wide.png")
    Image.new("RGBA", (50, 80), (0, 0, 255, 0)).save(folder / "img" / "clear.png")
    Image.new("L", (40, 40), 90).save(folder / "img" / "grey.gif")
    Image.new("RGB", (40, 40)).save(tmp_path / "outside.png")
    write(folder / "img" / "fake.jpg", "<html>not found</html>")
    (folder / "img" / "half.png").write_bytes((folder / "img" / "wide.png").read_bytes()[:300])
    write(folder / "img" / "x.svg", "<svg/>")
    bomb = Image.new("1", (20000, 20000))
    bomb.save(folder / "img" / "bomb.png")
    names = [
        "img/wide.png",
        "img/clear.png",
        "img/grey.gif",
        "img/fake.jpg",
        "img/half.png",
        "img/x.svg",
        "img/bomb.png",
        "../outside.png",
        str(tmp_path / "outside.png"),
        "img/gone.jpg",
        "",
        "img",
    ]
    path = folder / "c.csv"
    pd.DataFrame({"artwork_id": range(len(names)), "title": "T", "picture": names}).to_csv(path, index=False)
    s = settings_for(tmp_path, path, columns="image_path=picture", picture_size=200)
    summary, works = ingested(s)
    assert len(works) == len(names), "a work whose picture is bad stays"
    assert list(works.image_path != "") == [True] * 3 + [False] * 9
    assert summary["skipped"] == {
        "picture not found": 2,
        "picture outside the folder of the file": 2,
        "picture that is not a picture": 3,
        "picture with too many pixels": 1,
    }
    with Image.open(s.home / works.image_path[0]) as im:
        assert im.format == "JPEG" and im.size == (200, 67)
    with Image.open(s.home / works.image_path[1]) as im:
        assert im.getpixel((5, 5)) > (250, 250, 250), "transparency lies on white"
    assert ingested(s)[0] == summary


# ---- real catalogues ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not TATE.exists(), reason="the Tate catalogue is not in ../shared/data")
def test_the_tate(tmp_path):
    s = settings_for(
        tmp_path,
        TATE,
        where="balanced_300",
        columns="category=classification,tags=subjects,credit=credit_line,source_url=web_url,text=group_title,"
        "culture=artist_birth_place",
    )
    summary, works = ingested(s)
    (n,) = (
        duckdb.connect().execute(f"SELECT count(*) FROM '{TATE}' WHERE balanced_300 AND trim(title) != ''").fetchone()
    )
    assert summary["works"] == n > 28_000 and summary["pictures"] == 0
    assert (works.tags.map(len) > 0).mean() > 0.6
    assert works.artwork_id.str.startswith("tate:").all() and works.artwork_id.is_unique
    assert (
        works.year_start.between(1500, 2026).mean() > 0.8
        and (works.year_end.dropna() >= works.year_start[works.year_end.notna()]).mean() > 0.99
    )
    assert works.category.nunique() > 5 and not works.text.str.contains("nan|None", regex=True).all()


@pytest.mark.skipif(not THUMBS.exists(), reason="the thumbnails are not in ../shared/data")
def test_the_thumbnails(tmp_path):
    folder = tmp_path / "thumbs"
    folder.mkdir()
    manifest = pd.read_csv(DATA / "thumbs" / "manifest.csv")
    head = manifest[manifest.open_terms][:40]
    with tarfile.open(THUMBS) as tar:
        inside = {m.name.removeprefix("./"): m for m in tar.getmembers()}
        for name in head.file:
            member = inside.get(name) or inside[f"img/{name}"]
            tar.extract(member, folder, filter="data")
            if member.name.removeprefix("./") != name:
                head = head.replace({name: member.name})
    head.to_csv(folder / "manifest.csv", index=False)
    s = settings_for(
        tmp_path,
        folder / "manifest.csv",
        picture_size=128,
        columns="artwork_id=thumb_id,image_path=file,year_start=year,tags=subjects,category=genres,credit=museum,"
        "licence=rights",
    )
    summary, works = ingested(s)
    assert (summary["works"], summary["pictures"], summary["skipped"]) == (40, 40, {})
    assert works.title.str.len().min() > 0 and works.artist.ne("").mean() > 0.9
