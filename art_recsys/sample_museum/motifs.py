"""The subjects as the record knows them: shapes of canvas, titles, tags and moods."""

from dataclasses import dataclass

from .moods import NIGHT


@dataclass(frozen=True)
class Subject:
    "What can be painted: on which shapes of canvas, in which moods, under which titles"

    name: str
    shapes: tuple  # width / height
    titles: tuple  # {p} place, {t} time, {f} flower or fruit, {c} colour word, {n} number, {w} sitter
    sight: str  # for a sentence
    tags: tuple  # of the record, the most important first
    moods: tuple = ()  # () is any


WIDE, TALL, SQUARE, PANORAMA = (1.25, 1.33, 1.5), (0.67, 0.75, 0.8), (1.0,), (1.9, 2.2)


SUBJECTS = (
    Subject(
        "harbour",
        WIDE + PANORAMA[:1],
        (
            "The Harbour at {p}, {t}",
            "{t} at {p} Quay",
            "Boats at {p}",
            "Fishing Boats, {p}",
            "The Old Port of {p}",
            "{p} from the Breakwater",
        ),
        "the harbour at {p}, its boats and gabled houses",
        ("harbour", "boats", "sea", "reflections"),
    ),
    Subject(
        "mountains",
        WIDE + PANORAMA + SQUARE,
        ("Mount {p}, {t}", "The {p} Range", "{p} Pass, {t}", "Peaks above {p}", "The Valley of {p}", "Mist below {p}"),
        "the peak above {p} and its firs",
        ("mountains", "landscape", "mist"),
    ),
    Subject(
        "orchard",
        WIDE + SQUARE,
        ("Orchard at {p}, {t}", "The {p} Orchard", "Old Trees at {p}", "{t} in the Orchard, {p}", "Orchard Rows, {p}"),
        "rows of fruit trees at {p}",
        ("orchard", "trees", "landscape", "garden"),
    ),
    Subject(
        "still life",
        WIDE[:2] + SQUARE + TALL[2:],
        (
            "Still Life with {F}",
            "{F} and a {c} Jug",
            "The {c} Jug",
            "Bowl of {F}, {t}",
            "Table with {F}",
            "{F} on a White Cloth, No. {n}",
        ),
        "a bowl of {f} and a {c} jug on a white cloth",
        ("still life", "fruit", "table", "interior"),
    ),
    Subject(
        "flowers",
        TALL + SQUARE,
        ("{F} in a {c} Vase", "Vase of {F}", "{F}, {t}", "{F} on a Table", "{F} from {p}", "Study of {F}, No. {n}"),
        "a bunch of {f} in a {c} vase",
        ("flowers", "still life", "vase", "botanical"),
    ),
    Subject(
        "portrait",
        TALL,
        ("{w} with a {A}", "{w} from {p}", "Portrait of {s}", "{s}, Seated", "{s} at {g}", "Portrait of {s}, {t}"),
        "{s} of {p}, shown half-length and calm",
        ("portrait", "figure", "people"),
    ),
    Subject(
        "interior",
        TALL[1:] + WIDE[:2] + SQUARE,
        (
            "Window on {v}, {t}",
            "Room at {p}",
            "The {p} Room, {t}",
            "Interior with Flowers, {p}",
            "Table by the Window, {p}",
            "Open Curtains, {p}",
        ),
        "a room at {p} with a window on {v}",
        ("interior", "window", "domestic"),
    ),
    Subject(
        "city",
        TALL[1:] + WIDE + PANORAMA[:1],
        (
            "{p} by Night",
            "Lights of {p}",
            "Embankment, {p}",
            "{p}, Eleven O'Clock",
            "{t} on the {p} Embankment",
            "Windows, {p}",
        ),
        "lit windows and lamps along the water at {p}",
        ("city", "night", "architecture", "lights"),
        (*NIGHT[:2], "rose"),
    ),
    Subject(
        "bridge",
        WIDE + PANORAMA,
        ("The Bridge at {p}, {t}", "Stone Bridge, {p}", "{p} Bridge", "River at {p}, {t}", "Crossing at {p}"),
        "the stone bridge at {p} and its reflection",
        ("river", "bridge", "landscape", "reflections"),
    ),
    Subject(
        "forest",
        TALL + WIDE[:2] + SQUARE,
        ("The Wood at {p}, {t}", "Path through {p} Wood", "{p} Forest", "Tall Trees, {p}", "A Clearing near {p}"),
        "a path among tall trunks near {p}",
        ("forest", "trees", "path", "nature"),
    ),
    Subject(
        "storm",
        WIDE + PANORAMA[:1],
        (
            "Gale off {p}",
            "Ship in a Storm off {p}",
            "Heavy Sea, {p}",
            "The Wreck Coast near {p}",
            "Weather off {p}, No. {n}",
        ),
        "a ship in heavy seas off {p}",
        ("sea", "storm", "ship", "waves"),
        ("storm", "overcast", "dusk", "moonlit", "winter"),
    ),
    Subject(
        "moonlit sea",
        WIDE + SQUARE + PANORAMA,
        ("Moon over {p} Bay", "Moonrise at {p}", "The Sea at {p}, {t}", "Nocturne, {p}", "Silver Water, {p}"),
        "the moon and its path over {p} bay",
        ("sea", "moon", "night", "reflections"),
        ("moonlit", "dusk", "rose", "dawn"),
    ),
    Subject(
        "garden",
        WIDE + SQUARE + TALL[1:],
        (
            "The Garden at {p}, {t}",
            "Path to the House, {p}",
            "Flower Beds at {p}",
            "Cypress Garden, {p}",
            "{t} in the Garden, {p}",
        ),
        "a flower garden and a house at {p}",
        ("garden", "flowers", "house", "landscape"),
    ),
    Subject(
        "abstract composition",
        SQUARE + TALL[1:] + WIDE[:2],
        (
            "Composition No. {n}",
            "Counterpoint in {c} and {k}",
            "{c} Disc, No. {n}",
            "Improvisation, {p}",
            "Balance in {c}, No. {n}",
            "Signal for {p}",
        ),
        "discs, bars and arcs held in balance",
        ("abstract", "composition", "circles"),
    ),
    Subject(
        "geometric abstraction",
        SQUARE + TALL[2:] + WIDE[:2],
        ("Tiles, No. {n}", "Quarter Turns in {c}", "{p} Grid", "Pattern for {p}", "Permutation {n} ({c}, {k})"),
        "a grid of quarter circles, triangles and stripes",
        ("abstract", "geometric", "pattern"),
    ),
    Subject(
        "dancer",
        TALL,
        (
            "The Dancer {s}",
            "Dancer in {c}",
            "Rehearsal at {p}, No. {n}",
            "The {c} Skirt",
            "{s} Dancing",
            "Pirouette, {p}",
        ),
        "the dancer {s} in a turning skirt",
        ("dancer", "figure", "movement", "people"),
    ),
    Subject(
        "bird",
        TALL + SQUARE,
        ("{B} on a Branch, {t}", "{B} and Moon", "{B} at {p}", "The {B}", "{B}, Study No. {n}"),
        "a {b} on a branch before the disc of the sun",
        ("bird", "animal", "nature", "branch"),
    ),
    Subject(
        "fields",
        WIDE + PANORAMA,
        ("Fields near {p}, {t}", "Haystacks at {p}", "The Plain of {p}", "Harvest, {p}", "Patchwork Land, {p}"),
        "fields and haystacks under the sky of {p}",
        ("fields", "landscape", "harvest", "countryside"),
    ),
    Subject(
        "village",
        WIDE + SQUARE + PANORAMA[:1],
        ("{p} under {t}", "The Village of {p}, {t}", "Roofs of {p}", "The Church at {p}", "{p}, {t}"),
        "the roofs and the spire of {p}",
        ("village", "houses", "landscape"),
    ),
    Subject(
        "lighthouse",
        TALL[1:] + WIDE + SQUARE,
        ("The Light at {p}", "{p} Lighthouse, {t}", "Point {p}", "The Keeper's House, {p}", "Cliffs at {p}, {t}"),
        "the striped lighthouse at {p} on its cliff",
        ("lighthouse", "coast", "sea", "cliffs"),
    ),
)
