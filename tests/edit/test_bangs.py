"""Bangs lifted off drawn faces: what is lifted, where and how it lies on others."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.edit.test_lifting import BLOND, BLUE, BROWN, BROWS, EYES, POINTS, SIZE, SKIN, WHOLLY, face, laid, places
from videoedit.detect.finders import Finders
from videoedit.detect.mask import HairFinder
from videoedit.edit.base import Edit, Worn
from videoedit.edit.lifting import bangs
from videoedit.edit.lifting.bangs import BangsLifting
from videoedit.edit.lifting.hair import strands_of
from videoedit.edit.tryon import TryOnEditor
from videoedit.frames import Image
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.tensors import change_of, to_model


class SeesHair:
    """Marks what has not the colour of skin, of the sky, or of brows, and lies above the eyes."""

    def marked(self, crops: Tensor) -> Tensor:
        _, above = places()
        marks = torch.from_numpy(above > 0.2).expand(len(crops), -1, -1)
        for other, least in ((SKIN, 0.15), (BLUE, 0.15), (BROWS, 0.02)):
            marks = marks & ((crops - colour(other)).abs().mean(dim=1) > least)
        return marks.float()


LIFTING = BangsLifting(cast(HairFinder, SeesHair()))


def colour(light: Sequence[float]) -> Tensor:
    """A colour as networks see it, (3, 1, 1)."""
    return torch.tensor(light)[:, None, None] / 127.5 - 1


def with_bangs(hair: Sequence[int] = BROWN, down_to: float = 0.45) -> Image:
    """Comb the hair over the forehead, down to where the brows begin, in strands of two lights."""
    across, above = places()
    picture = face(hair)
    strands = np.where((np.arange(SIZE) // 4 % 2)[None, :, None], 1.15, 0.85)
    hanging = (np.abs(across) < 0.75) & (above > down_to)
    picture[hanging] = np.clip((np.asarray(hair) * strands).repeat(SIZE, axis=0)[hanging], 0, 255)
    return picture


def lifted(exemplar: Image, points: np.ndarray = POINTS) -> Worn:
    """What is lifted off an exemplar, which has bangs."""
    worn = LIFTING.lift(to_model([exemplar]), to_model([face()]), points)
    assert worn is not None
    return worn


def test_nothing_is_lifted_off_the_bare_nor_off_profiles() -> None:
    wearer, bare, profile = to_model([with_bangs()]), to_model([face()]), POINTS.copy()
    profile[2, 0] += 90
    assert LIFTING.lift(wearer, bare, POINTS) is not None
    assert LIFTING.lift(bare, bare, POINTS) is None
    assert LIFTING.lift(wearer, bare, profile) is None


def test_short_bangs_are_bangs_too() -> None:
    higher, short = (to_model([with_bangs(down_to=height)]) for height in (0.74, 0.7))
    assert LIFTING.lift(higher, to_model([face()]), POINTS) is None
    assert LIFTING.lift(short, to_model([face()]), POINTS) is not None


def test_bangs_whose_colour_cannot_be_told_are_not_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bangs, "colour_of", lambda x, marks: torch.full((1, 3), torch.nan))
    assert LIFTING.lift(to_model([with_bangs()]), to_model([face()]), POINTS) is None


def test_bangs_on_the_face_that_they_come_from_are_the_same_down_to_their_tips() -> None:
    exemplar = with_bangs(down_to=0.24)
    changed, wanted, bare = laid(LIFTING, exemplar, face(), face()), *to_model([exemplar, face()])
    across, above = places()
    inner = torch.from_numpy((np.abs(across) < 0.65) & (above > 0.5) & (above < 1.0))
    assert float((changed - wanted)[:, inner].abs().mean()) < 0.08
    below = torch.from_numpy((above < 0.15) & (above > -1))
    torch.testing.assert_close(changed[:, below], bare[:, below], atol=0.03, rtol=0)


@pytest.mark.parametrize(
    ("above_forehead", "expected"), [(BLOND, BLOND), (BLUE, BROWN), (SKIN, BROWN)], ids=["hair", "sky", "bald"]
)
def test_bangs_take_the_colour_of_the_hair_that_is_there(
    above_forehead: Sequence[int], expected: Sequence[int]
) -> None:
    changed = laid(LIFTING, with_bangs(), face(), face(above_forehead))
    across, above = places()
    inner = torch.from_numpy((np.abs(across) < 0.6) & (above > 0.6) & (above < 1.0))
    found = (changed[:, inner].median(dim=1).values + 1) * 127.5
    torch.testing.assert_close(found, torch.tensor(expected).float(), atol=30, rtol=0)


def test_hair_above_the_forehead_stays_as_it_is() -> None:
    taker, (across, above) = face(BLOND), places()
    taker[::2][above[::2] > 1.15] = np.asarray(BLOND) * 0.7
    changed, before = laid(LIFTING, with_bangs(), face(), taker), to_model([taker])[0]
    own = torch.from_numpy((above > 1.42) & (np.abs(across) < 0.8))
    torch.testing.assert_close(changed[:, own], before[:, own], atol=0.02, rtol=0)


def test_bangs_take_the_colour_of_hair_on_the_head_also_of_that_on_the_forehead() -> None:
    inner = np.hypot(places()[0] / 0.9, places()[1] / 1.7) < 1
    night, fringe = face(BLOND), with_bangs(BROWN)
    night[~inner | (places()[1] < -0.5)] = (0, 0, 0)  # and a beard
    fringe[places()[1] > 1.0] = BLOND
    _, above = places()
    everything = cast(
        HairFinder, Mock(marked=lambda x: torch.from_numpy((above > 1.15) | (above < -0.5))[None].float())
    )
    found = []
    for taker in (night, fringe):
        finder = everything if taker is night else cast(HairFinder, SeesHair())
        x = to_model([taker])
        whole = torch.cat([torch.full((1, 3, SIZE, SIZE), 2 * 0.17 - 1), torch.ones(1, 1, SIZE, SIZE)], dim=1)
        worn = Worn(whole, torch.from_numpy(POINTS)[None], torch.full((1, 3), 0.17))
        layer = BangsLifting(finder).lay(worn, x, [POINTS], WHOLLY)
        middle = torch.from_numpy((np.abs(places()[0]) < 0.2) & (np.abs(above - 0.6) < 0.05))
        found.append((layer[0, :3, middle] / layer[0, 3:, middle].clamp(min=1e-3)).mean(dim=1).add(1) * 127.5)
    torch.testing.assert_close(found[0], torch.tensor(BLOND).float(), atol=12, rtol=0)
    torch.testing.assert_close(found[1], torch.tensor(BROWN).float(), atol=12, rtol=0)


def test_what_is_marked_beside_the_head_of_an_exemplar_does_not_count() -> None:
    picture, (across, above) = with_bangs(), places()
    beside = np.hypot(across / 1.5, above / 2.5) > 1.0
    picture[beside & (above > 0)] = (0, 0, 0)  # night
    marks = torch.from_numpy(beside & (above > 0)).float()
    found = []
    for extra in (marks, -marks):
        finder = Mock(marked=lambda x, extra=extra: (SeesHair().marked(x) + extra).clamp(0, 1))
        worn = BangsLifting(cast(HairFinder, finder)).lift(to_model([picture]), to_model([face()]), POINTS)
        assert worn is not None
        found.append(worn)
    torch.testing.assert_close(found[0].layer, found[1].layer, atol=0.02, rtol=0)
    torch.testing.assert_close(found[0].light, found[1].light, atol=0.02, rtol=0)


def test_faces_of_a_call_keep_their_hair_each_by_its_own_size() -> None:
    small = POINTS.mean(axis=0) + (POINTS - POINTS.mean(axis=0)) * 0.5
    hair = torch.from_numpy(places()[1] > 0.3).float()
    lifting = BangsLifting(cast(HairFinder, Mock(marked=lambda x: hair.expand(len(x), -1, -1))))
    worn, x = lifted(with_bangs()), to_model([face(), face()])
    both = lifting.lay(worn, x, [POINTS, small], torch.ones(2))
    for place, points in enumerate((POINTS, small)):
        torch.testing.assert_close(both[place], lifting.lay(worn, x[:1], [points], WHOLLY)[0])


def test_hair_beside_the_face_is_not_lifted() -> None:
    exemplar, (across, _) = with_bangs(), places()
    exemplar[np.abs(across) > 1.0] = BROWN
    worn = lifted(exemplar)
    assert worn.layer[0, 3, torch.from_numpy(np.abs(across) > 1.12)].max() < 0.01


def test_bangs_end_higher_at_the_temples() -> None:
    (cover,) = lifted(with_bangs(down_to=0.2)).layer[:, 3].numpy()
    across, above = places()
    ends = [above[(np.abs(across - side) < 0.03) & (cover > 0.5)].min() for side in (0.0, 0.35, 0.7, -0.7)]
    assert ends[1] == pytest.approx(ends[0], abs=0.02)
    assert ends[2] == pytest.approx(ends[0] + 0.12, abs=0.04)
    assert ends[3] == pytest.approx(ends[2], abs=0.03)


def test_bangs_end_at_the_head() -> None:
    worn = lifted(with_bangs())
    everywhere = replace(worn, layer=torch.cat([torch.zeros(1, 3, SIZE, SIZE), torch.ones(1, 1, SIZE, SIZE)], dim=1))
    bald = to_model([face(SKIN)])
    (cover,) = LIFTING.lay(everywhere, bald, [POINTS], WHOLLY)[:, 3].numpy()
    across, above = places()
    assert (cover[np.hypot(across / 1.05, above / 1.75) > 1.01] == 0).all()
    assert (cover[(np.abs(across) < 0.4) & (above > 0.3) & (above < 1.2)] > 0.99).all()
    (cover,) = LIFTING.lay(everywhere, bald, [POINTS + np.array([0.0, 60.0])], WHOLLY)[:, 3].numpy()
    assert (cover[above + 60 / EYES > 1.76] == 0).all()


def test_short_bangs_are_drawn_longer_and_long_ones_are_not() -> None:
    across, above = places()
    middle = np.abs(across) < 0.5
    ends = []
    for down_to in (0.55, 0.3):
        (cover,) = lifted(with_bangs(down_to=down_to)).layer[:, 3].numpy()
        ends.append(np.quantile(above[middle & (cover > 0.5) & (above > 0)], 0.1))
    assert ends[0] < 0.4
    assert ends[1] == pytest.approx(0.33, abs=0.04)


def test_skin_between_strands_is_not_lifted_and_no_hair_is_as_light_as_skin() -> None:
    exemplar, (across, above) = with_bangs(), places()
    exemplar[(np.abs(across) < 0.2) & (above > 0.6) & (above < 0.8)] = SKIN  # below it hair hangs again
    worn = lifted(exemplar)
    lighter = torch.from_numpy((np.abs(across) < 0.1) & (above > 0.65) & (above < 0.75))
    unmoved = strands_of(to_model([exemplar]), SeesHair().marked(to_model([exemplar])))
    assert unmoved[0, 3, lighter].max() < 0.1
    whole = replace(worn, layer=torch.cat([to_model([exemplar])[0], torch.ones(1, SIZE, SIZE)])[None])
    (light,) = (LIFTING.lay(whole, to_model([face()]), [POINTS], WHOLLY)[:, :3].mean(dim=1) + 1) / 2
    assert light[lighter].max() < 0.35  # the skin's is 0.66


def test_bangs_of_a_turned_exemplar_are_not_mirrored() -> None:
    exemplar, points = with_bangs(), POINTS.copy()
    points[2, 0] += 16  # turned by some 20 degrees to the right
    across, above = places()
    exemplar[(across < -0.1) & (above < 1.15) & (above > 0.42)] = SKIN
    (cover,) = LIFTING.lay(lifted(exemplar, points), to_model([face()]), [points], WHOLLY)[:, 3].numpy()
    right, left = (cover[(np.abs(across - side) < 0.15) & (above > 0.6) & (above < 0.9)].mean() for side in (0.4, -0.4))
    assert right > 0.9
    assert left < 0.1


def test_who_wears_bangs_is_told_by_the_hair_on_the_forehead() -> None:
    bare, worn = LIFTING.wearing(to_model([face(), with_bangs()]), [POINTS] * 2)[:, 0]
    across, above = places()
    assert not bare.any()
    assert worn[torch.from_numpy(above < 0.7)].min() == 1.0
    assert worn[torch.from_numpy((above > 1.42) & (np.abs(across) < 0.8))].max() < 0.02  # hair above it stays


def test_what_goes_is_hair_where_skin_takes_its_place() -> None:
    x, bare, (across, above) = to_model([with_bangs()]), to_model([face()]), places()
    stain, dim = (torch.from_numpy(np.hypot(across - side, above - 0.7) < 0.15) for side in (0.4, -0.4))
    bare[:, :, stain] = colour((0, 0, 0))[:, :, 0]  # darker than the hair
    bare[:, :, dim] = colour((90, 70, 60))[:, :, 0]  # darker than skin alone
    bare[:, :, torch.from_numpy((np.abs(across) < 0.1) & (above > 0.15) & (above < 0.25))] = -1.0  # a brow shows up
    white = x.clone()
    white[:, :, torch.from_numpy((np.abs(across) < 0.2) & (above > 0.55))] = 0.9
    sees_nothing = cast(HairFinder, Mock(marked=lambda x: torch.zeros(len(x), SIZE, SIZE)))
    marked, unmarked = (one.clearing(x, bare, [POINTS])[0, 0] for one in (LIFTING, BangsLifting(sees_nothing)))
    parts = [torch.from_numpy(part) for part in (np.hypot(across, above - 0.7) < 0.1, above > 1.25, above < 0.25)]
    forehead, hair, face_below = parts
    inside = [torch.from_numpy(np.hypot(across - side, above - 0.7) < 0.06) for side in (0.4, -0.4)]
    assert marked[forehead].min() == 1.0
    assert marked[hair].max() == 0.0
    assert marked[face_below].min() == 1.0
    assert unmarked[inside[0]].max() < 0.1
    assert unmarked[inside[1]].min() > 0.9
    assert unmarked[face_below].min() == 1.0
    assert LIFTING.clearing(white, bare, [POINTS])[0, 0, forehead].min() == 1.0  # skin is darker than that hair


def test_tips_at_the_temples_that_went_in_part_become_skin() -> None:
    combed, bare, (across, above) = face(), face(), places()
    tip = np.hypot(across - 0.8, above - 0.42) < 0.12
    combed[tip], bare[tip] = BROWN, np.asarray(SKIN) * 0.4
    x, gone = to_model([combed, bare]).split(1)
    mended = (gone + change_of(LIFTING.mend(x, gone, [POINTS], torch.ones(1)), gone))[0]
    inner = torch.from_numpy(np.hypot(across - 0.8, above - 0.42) < 0.02)
    torch.testing.assert_close(mended[:, inner].mean(dim=1), colour(SKIN)[:, 0, 0], atol=0.2, rtol=0)


class Shaver:
    """Takes bangs off by painting the upper half of every picture in the colour of skin, and knows smiles."""

    attributes = ("Bangs", "Smiling")
    crop_size = SIZE
    template = "elegant"

    def __init__(self) -> None:
        self.num_calls = 0

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.ones(1), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength, is_removal=True)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        self.num_calls += 1
        shaved = torch.zeros_like(crops)
        for edit in edits:
            strengths = torch.full((len(crops),), edit.strength) if edit.strengths is None else edit.strengths
            if edit.attribute == "Smiling":
                shaved[:, :, 200:210, 100:150] += 0.25
            else:
                shaved[:, :, :90] += strengths[:, None, None, None] * (colour(SKIN) - crops[:, :, :90])
        return shaved

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.ones(len(crops), SIZE, SIZE)


def editor_of(shaver: Shaver) -> TryOnEditor:
    network = MattingNetwork(MattingConfig(crop_size=SIZE, width=8))
    return TryOnEditor(shaver, network, replace(Finders.embedded(), hair=cast(HairFinder, SeesHair())), "cpu")


@pytest.mark.parametrize("is_smiling", [False, True])
def test_only_foreheads_with_hair_are_shaved_before_bangs_are_laid(is_smiling: bool) -> None:
    exemplar, (across, above) = with_bangs(), places()
    exemplar[(across < -0.1) & (above > 0.42) & (above < 1.15)] = SKIN  # of one side alone
    edits = [Edit("Bangs", torch.ones(1), worn=lifted(exemplar), points=torch.from_numpy(POINTS)[None])]
    if is_smiling:
        edits.append(Edit("Smiling", torch.ones(1)))
    x = to_model([face(), with_bangs(BLOND)])
    changed = x + change_of(editor_of(Shaver()).residuals(x, edits), x)
    beside = torch.from_numpy((np.abs(across + 0.45) < 0.15) & (np.abs(above - 0.7) < 0.1))
    skin = colour(SKIN).expand_as(x[0])[:, beside]
    for one in changed:
        torch.testing.assert_close(one[:, beside], skin, atol=0.02, rtol=0)
    corner = (slice(None), slice(0, 6), slice(0, 40))  # hair where the other editor would paint skin
    torch.testing.assert_close(changed[0][corner], x[0][corner], atol=0.02, rtol=0)
    smiles = (changed - x)[:, :, 202:208, 105:145].mean(dim=(1, 2, 3))
    torch.testing.assert_close(smiles, torch.full((2,), 0.25 * is_smiling), atol=0.01, rtol=0)


def test_hair_that_is_drawn_in_the_place_of_bangs_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    x, (_, above) = to_model([with_bangs(BLOND)]), places()
    grown, forehead = (torch.from_numpy(part) for part in (above > 1.2, (above > 0.6) & (above < 1.0)))

    def drawn(shaver: Shaver, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return colour(SKIN) + grown * (colour(BROWN) - colour(SKIN)) - crops

    monkeypatch.setattr(Shaver, "residuals", drawn)
    edit = Edit("Bangs", torch.zeros(1), is_removal=True, points=torch.from_numpy(POINTS)[None])
    editor = editor_of(Shaver())
    changed = x + change_of(editor.residuals(x, [edit]), x)
    torch.testing.assert_close(changed[:, :, grown], x[:, :, grown], atol=0.02, rtol=0)
    skin = colour(SKIN).expand_as(x[0])[:, forehead]
    torch.testing.assert_close(changed[0][:, forehead], skin, atol=0.02, rtol=0)


def test_bangs_that_go_by_less_than_their_whole_strength_go_as_far_as_it_says() -> None:
    x, (across, above) = to_model([with_bangs()]), places()
    edit = Edit("Bangs", torch.zeros(1), 0.3, is_removal=True, points=torch.from_numpy(POINTS)[None])
    changed = x + change_of(editor_of(Shaver()).residuals(x, [edit]), x)
    forehead = torch.from_numpy((np.abs(across) < 0.7) & (above > 0.5) & (above < 1.0))
    expected = torch.lerp(x[0], colour(SKIN).expand_as(x[0]), 0.3)
    torch.testing.assert_close(changed[0][:, forehead], expected[:, forehead], atol=0.02, rtol=0)


def test_the_other_editor_is_not_asked_where_nobody_wears_any() -> None:
    shaver = Shaver()
    edit = Edit("Bangs", torch.ones(1), worn=lifted(with_bangs()), points=torch.from_numpy(POINTS)[None])
    for picture, num_calls in ((face(), 0), (with_bangs(), 1)):
        editor_of(shaver).residuals(to_model([picture]), [edit])
        assert shaver.num_calls == num_calls


def test_traces_are_mended_as_far_as_something_is_taken_off() -> None:
    half, nothing = torch.full((1, 1, SIZE, SIZE), 0.5), torch.zeros(1, 4, SIZE, SIZE)
    x, below = to_model([with_bangs()]), list[Tensor]()
    white = Mock(
        wearing=lambda x, points_xy: half,
        clearing=lambda x, bare, points_xy: 0 * half,
        mend=lambda x, bare, points_xy, strengths: below.append(bare) or torch.ones(1, 4, SIZE, SIZE),
        lay=lambda worn, x, points_xy, strengths: nothing,
    )
    editor = editor_of(Shaver())
    editor._liftings["Bangs"] = white
    edit = Edit("Bangs", torch.ones(1), worn=lifted(with_bangs()), points=torch.from_numpy(POINTS)[None])
    torch.testing.assert_close(editor.residuals(x, [edit])[0, 3], half[0, 0])
    torch.testing.assert_close(below, [x])  # nothing is clear, so nothing went


def test_hair_is_looked_for_once_on_a_face_and_once_where_it_went(monkeypatch: pytest.MonkeyPatch) -> None:
    marked, asked = SeesHair.marked, list[Tensor]()
    monkeypatch.setattr(SeesHair, "marked", lambda self, crops: asked.append(crops) or marked(self, crops))
    editor, points = editor_of(Shaver()), torch.from_numpy(POINTS)[None]
    worn = lifted(with_bangs())
    for edit in (
        Edit("Bangs", torch.ones(1), worn=worn, points=points),
        Edit("Bangs", torch.zeros(1), is_removal=True, points=points),
    ):
        for picture in (with_bangs(), with_bangs(BLOND)):
            asked.clear()
            editor.residuals(to_model([picture]), [edit])
            assert len(asked) == 2
            assert asked[0] is not asked[1]


def test_what_was_found_on_faces_is_not_taken_for_others_in_the_same_place() -> None:
    editor, points = editor_of(Shaver()), torch.from_numpy(POINTS)[None]
    edit = Edit("Bangs", torch.ones(1), worn=lifted(with_bangs()), points=points)
    faces = [to_model([with_bangs(down_to=down)]) for down in (0.45, 0.9)]
    alone = [editor_of(Shaver()).residuals(x, [edit]) for x in faces]
    place = faces[0].clone()
    torch.testing.assert_close(editor.residuals(place, [edit]), alone[0])
    place.copy_(faces[1])
    torch.testing.assert_close(editor.residuals(place, [edit]), alone[1])


def test_each_attribute_is_lifted_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    editor = editor_of(Shaver())
    monkeypatch.setattr(TryOnEditor, "_points_of", lambda self, x: [POINTS] * len(x))
    worn = [editor.edit_like(picture, "Bangs").worn for picture in (with_bangs(), face())]
    assert [one is None for one in worn] == [False, True]
    smile = editor.edit_like(face(), "Smiling").worn
    assert smile is not None
    torch.testing.assert_close(smile.layer[:, :3], to_model([face()]))
