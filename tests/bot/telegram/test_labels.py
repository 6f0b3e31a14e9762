"""What is said of documents: their captions, albums, a table sent with them; archives as gzip."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
from pathlib import Path

import pytest

from bot.telegram.admin.captions import Caption
from bot.telegram.admin.inbox import shared
from bot.telegram.admin.uploads import BadLabelsError, Boxes, merged, move_into_place, read_labels
from tests.bot.telegram.admins import ARTICLE, SECOND, admin_bench, planned, says, uploaded


async def test_a_caption_gives_outlet_date_and_title(own_home: Path, tmp_path: Path) -> None:
    """They are the article's, and shown in the plan; sent again without one, it keeps them."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("phare.txt", ARTICLE, caption="Le Fanal — 2019-05-12 — Un phare, rallumé")
        plan = await planned(bench, chief, "+ Un phare, rallumé (12 mai 2019)")
        assert "journal Le Fanal\u202f; date 2019-05-12\u202f; titre" in plan["text"]
        assert uploaded(own_home) == []
        chief.click(plan, "Confirmer")
        await says(bench, chief, "c’est fait")
        entries = await asyncio.to_thread(bench.context.reader.entries)
        (entry,) = [one for one in entries if one.title == "Un phare, rallumé"]
        assert (entry.outlet, str(entry.published)) == ("Le Fanal", "2019-05-12")
        chief.upload("phare.txt", ARTICLE)
        await says(bench, chief, "rien à changer")
        chief.upload("phare.txt", ARTICLE, caption="Le Fanal, 13 mai 2019")
        plan = await planned(bench, chief, "12 mai 2019 → 13 mai 2019")
        chief.click(plan, "Annuler")
        await says(bench, chief, "annulé")
        table = read_labels((own_home / "uploads" / "metadata.csv").read_bytes())
        assert table["phare.txt"]["published"] == "2019-05-12"
        chief.upload("juste.txt", SECOND, caption=f"/corriger {entry.id}\nLe Fanal, 14 mai 2019")
        await planned(bench, chief, "12 mai 2019 → 14 mai 2019")


async def test_the_caption_of_an_album_is_for_all_its_files(own_home: Path, tmp_path: Path) -> None:
    """A packed export too, by its newspaper; what a caption does not say is told to its sender."""
    record = {"text": "Le port de Brume ferme mardi soir pour des travaux. " * 4, "title": "Brume"}
    packed = gzip.compress(json.dumps(record).encode())
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("a.txt", ARTICLE, media_group_id="1")
        chief.upload("b.jsonl.gz", packed, media_group_id="1", caption="La Boussole, 12 mai 2019")
        plan = await planned(bench, chief, "2 articles ajoutés")
        assert "a.txt, d’après sa légende" in plan["text"]
        assert "b.jsonl.gz, d’après sa légende" in plan["text"]
        chief.click(plan, "Confirmer")
        await says(bench, chief, "c’est fait")
        entries = await asyncio.to_thread(bench.context.reader.entries)
        assert [one.outlet for one in entries].count("La Boussole") == 2
        chief.upload(
            "c.csv.gz", gzip.compress(b"text,title\n" + b"La mairie ferme. " * 9 + b",M\n")
        )
        assert "+ M (date inconnue)" in (await planned(bench, chief, "c.csv.gz"))["text"]
        chief.upload("d.txt", SECOND, caption="pour toi")
        assert "Légende sans journal ni date" in (await planned(bench, chief, "d.txt"))["text"]


async def test_a_table_speaks_of_files_that_were_sent_before(
    own_home: Path, tmp_path: Path
) -> None:
    """``metadata.csv`` alone: the files that it names are planned anew; others keep their rows."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("phare.txt", ARTICLE, caption="Le Fanal, 12 mai 2019")
        chief.upload("lansec.txt", SECOND)
        chief.click(await planned(bench, chief, "2 articles ajoutés"), "Confirmer")
        await says(bench, chief, "c’est fait")
        chief.upload("metadata.csv", b"source;outlet;published\r\nlansec.txt;La Vigie;2020-01\r\n")
        plan = await planned(bench, chief, "1 article modifié")
        assert "La Vigie" in plan["text"]
        chief.click(plan, "Confirmer")
        await says(bench, chief, "c’est fait")
        chief.say("/reindex")
        await says(bench, chief, "rien à changer")
    table = read_labels((own_home / "uploads" / "metadata.csv").read_bytes())
    assert [table[name]["outlet"] for name in ("phare.txt", "lansec.txt")] == [
        "Le Fanal",
        "La Vigie",
    ]


def test_a_caption_is_of_its_file_or_of_its_album() -> None:
    """One caption in an album is for all, without its title; several are each for its own."""
    one, two = Caption("Le Fanal", "2019", "Un titre"), Caption("La Vigie", "2020", "Deux")
    files = {"a": ("1", "x"), "b": ("1", ""), "c": ("2", "x"), "d": ("2", "y"), "e": ("", "")}
    found = shared({"a": one, "c": one, "d": two}, files)
    assert found == {"a": one.of_several, "b": one.of_several, "c": one, "d": two}
    assert shared({"a": one}, {"a": ("1", "x")}) == {"a": one}


def test_rows_are_merged_when_files_are_moved(tmp_path: Path) -> None:
    """Beside those that are there, and not before; of a box with rows alone, for the uploads."""
    boxes = Boxes(tmp_path)
    boxes.uploads.mkdir()
    before = b"source,outlet,note\nold.txt,La Vigie,x\n"
    (boxes.uploads / "metadata.csv").write_bytes(before)
    box = boxes.new()
    boxes.put(box, "a.jsonl.gz", b"x")
    assert boxes.put(box, "a.jsonl.gz", b"y") == "a (2).jsonl.gz"
    boxes.label(box, {"a.jsonl.gz": {"outlet": 'Le Fanal, "vrai"'}})
    boxes.label(box, {"a (2).jsonl.gz": {"published": "2019"}})
    files = boxes.placed(box)
    assert [file.path.name for file in files] == ["a (2).jsonl.gz", "a.jsonl.gz"]
    assert (boxes.uploads / "metadata.csv").read_bytes() == before
    move_into_place(files)
    rows = read_labels((boxes.uploads / "metadata.csv").read_bytes())
    assert rows["old.txt"]["note"] == "x"
    assert rows["a.jsonl.gz"]["outlet"] == 'Le Fanal, "vrai"'
    alone = boxes.new()
    boxes.label(alone, {"a.jsonl.gz": {"outlet": "La Vigie"}, "nowhere.txt": {"outlet": "x"}})
    (file,) = boxes.placed(alone)
    assert (file.content, file.metadata is not None) == (boxes.uploads / "a.jsonl.gz", True)
    move_into_place([file])
    rows = read_labels((boxes.uploads / "metadata.csv").read_bytes())
    assert rows["a.jsonl.gz"]["outlet"] == "La Vigie"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\0\1\2", b'source\n"' + b"x" * 200_000])
def test_a_table_that_cannot_be_read_is_refused(content: bytes) -> None:
    """And where one lies about already, it gives way to what is new."""
    csv.field_size_limit(1 << 24)  # as reading an export leaves it
    with pytest.raises(BadLabelsError):
        read_labels(content)
    assert read_labels(merged(content, {"a": {"outlet": "b"}}))["a"]["outlet"] == "b"
