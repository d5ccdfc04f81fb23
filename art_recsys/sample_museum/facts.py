"""The museum's facts: movements, artists, moods, subjects and titles. Every name in here is invented."""

from dataclasses import dataclass, field

import numpy as np

from art_recsys.sample_museum.canvas import ROLES, colour
from art_recsys.sample_museum.subjects import FLOWERS, FRUIT

# Ten colours a mood, in the order of `canvas.ROLES`: top and low sky, light, far, mid, near, dark, water, two accents.
MOODS = {
    "dawn": "8fa8c8 f6c9a8 fff0cf a9a4bd 8a9c84 4e6253 2d3440 b2b9cb e2725b f2b35e",
    "morning": "7db4e0 e6efea fffbe0 9fb9c9 7fa86e 4c7d46 29402f 6fa8c4 e0564a f4c84a",
    "golden": "7aa6bf fbdc9b fff3c4 c4a784 b3923f 7a632b 3d2b1d 7fa3a0 c8452f f0a830",
    "dusk": "3d4a86 f29a6b ffd39a 76638f 57476d 3a2f4b 1e1a2b 6d6694 e8594a f7b84f",
    "moonlit": "0f1d3a 3c5a7d f3ecc9 2a4260 1f3a52 14283a 0a121f 24486a d9964e 8fb8b5",
    "overcast": "9aa5ab d5d6cd f3efe2 a4adab 7c8a7e 56635a 2f3735 8e9da2 b0503f c9a45c",
    "storm": "2b343f 8f9d98 ece7cf 56646b 43564f 2d3b38 14191d 3f6066 b8432f d9b45b",
    "spring": "9cc9e3 f7e6ea fffdf0 b7c9d2 9cc07a 5f9457 36513a 8cc0cc ec7f9f f8d45c",
    "summer": "3f8fd0 bfe3ef fff6c8 6f9fb8 7ba844 3f7a38 1f3d2a 2f86a8 e23e2e fcc02e",
    "autumn": "a8b9c4 f2dfc0 fff0d0 b59a8a c7742e 8a4522 3a211a 87979a b3261e e9a227",
    "winter": "a9bccd eef1f3 ffffff bccad6 cbd7de 8ba3b5 37424f 93aabb a83a32 d6a756",
    "rose": "6a7fb5 f7b9b5 ffe6d0 a68bb0 8a6c8c 5d4a66 2f2740 a48fb5 e4577a fbc56d",
}
# (in a title, in a sentence, tags)
MOOD_WORDS = {
    "dawn": (("Dawn", "First Light", "Daybreak"), "the first light of day", ("dawn", "hopeful", "tender")),
    "morning": (("Morning", "A Clear Morning", "Fair Weather"), "clear morning air", ("morning", "fresh", "cheerful")),
    "golden": (("Late Afternoon", "Long Shadows", "Golden Hour"), "low golden light", ("afternoon", "warm", "serene")),
    "dusk": (("Evening", "Dusk", "Last Light"), "the glow after sunset", ("evening", "wistful", "glowing")),
    "moonlit": (("Night", "Moonlight", "After Midnight"), "moonlight", ("night", "mysterious", "still")),
    "overcast": (("Grey Weather", "Before Rain", "A Quiet Day"), "soft grey light", ("overcast", "calm", "melancholy")),
    "storm": (("Storm Coming", "Rough Weather", "Dark Clouds"), "storm light", ("storm", "dramatic", "restless")),
    "spring": (("Spring", "April", "First Blossom"), "the pale colours of spring", ("spring", "joyful", "delicate")),
    "summer": (("High Summer", "July", "Noon"), "full summer sun", ("summer", "bright", "exuberant")),
    "autumn": (("Autumn", "October", "Leaf Fall"), "the rusts and golds of autumn", ("autumn", "nostalgic", "rich")),
    "winter": (("Winter", "January", "Frost"), "cold winter light", ("winter", "silent", "spare")),
    "rose": (("Rose Evening", "Pink Sky", "Afterglow"), "a rose-coloured sky", ("sunset", "romantic", "dreamy")),
}
DAY, NIGHT = (
    ("dawn", "morning", "golden", "overcast", "spring", "summer", "autumn", "rose"),
    ("moonlit", "dusk", "storm"),
)


@dataclass(frozen=True)
class Movement:
    "A school of painters: when it worked, in what, in which moods, and how its palette differs"

    name: str
    start: int
    end: int
    share: float  # of the collection
    look: str  # what a visitor sees
    media: tuple  # (medium, category, variant)
    artists: tuple  # (name, culture, born, died)
    moods: tuple
    likes: tuple  # subjects it came back to
    gain: float = 1.0  # chroma
    inks: tuple = ()  # printed and cut work has few colours


MOVEMENTS = (
    Movement(
        "Lumenism",
        1868,
        1908,
        1.4,
        "broken touches of bright colour",
        (
            ("Oil on canvas", "Painting", "oil"),
            ("Oil on panel", "Painting", "panel"),
            ("Pastel on paper", "Drawing", "pastel"),
        ),
        (
            ("Clothilde Varenne", "French", 1842, 1911),
            ("Anselm Rouvière", "French", 1839, 1903),
            ("Edith Farrowmere", "British", 1851, 1922),
            ("Tove Lindqvall", "Swedish", 1858, 1931),
            ("Marguerite d'Aulnoit", "Belgian", 1847, 1909),
            ("Josef Hlavín", "Czech", 1853, 1917),
        ),
        ("morning", "golden", "spring", "summer", "autumn", "rose", "dawn", "winter"),
        ("garden", "harbour", "orchard", "bridge", "fields", "flowers"),
        1.2,
    ),
    Movement(
        "Whorlism",
        1889,
        1924,
        1.1,
        "heavy strokes that turn and swirl",
        (
            ("Oil on canvas", "Painting", "oil"),
            ("Oil on jute", "Painting", "jute"),
            ("Gouache on board", "Painting", "gouache"),
        ),
        (
            ("Pieter van Ostrade", "Dutch", 1861, 1919),
            ("Ragnhild Sæther", "Norwegian", 1868, 1937),
            ("Bruno Katzenell", "German", 1874, 1929),
            ("Ilona Vársky", "Hungarian", 1870, 1926),
            ("Emil Tordsen", "Danish", 1866, 1921),
        ),
        ("dusk", "golden", "moonlit", "summer", "autumn", "storm", "rose"),
        ("fields", "village", "forest", "portrait", "moonlit sea", "mountains"),
        1.5,
    ),
    Movement(
        "Granulism",
        1886,
        1914,
        0.9,
        "a mosaic of small pure dots",
        (
            ("Oil on canvas", "Painting", "oil"),
            ("Oil on panel", "Painting", "panel"),
            ("Coloured ink on paper", "Drawing", "ink"),
        ),
        (
            ("Théodore Massarin", "French", 1859, 1918),
            ("Lucie Brackelaer", "Belgian", 1864, 1930),
            ("Gino Ferrandi", "Italian", 1866, 1928),
            ("Hanne Okkels", "Danish", 1871, 1933),
        ),
        ("morning", "summer", "spring", "golden", "rose", "dawn", "dusk"),
        ("river", "harbour", "lighthouse", "garden", "fields", "bridge"),
        1.35,
    ),
    Movement(
        "Vesper School",
        1866,
        1912,
        1.0,
        "veils of tone with a few small lights",
        (
            ("Oil on canvas", "Painting", "oil"),
            ("Oil on panel", "Painting", "panel"),
            ("Pastel on dark paper", "Drawing", "pastel"),
        ),
        (
            ("Alasdair Morwen", "Scottish", 1838, 1904),
            ("Henrietta Voss", "American", 1849, 1915),
            ("Nikolai Arendt", "Russian", 1844, 1908),
            ("Isabel Quintairós", "Portuguese", 1852, 1919),
            ("Caspar Lindenau", "German", 1841, 1899),
        ),
        ("moonlit", "dusk", "overcast", "rose", "dawn"),
        ("moonlit sea", "city", "harbour", "bridge", "portrait", "forest"),
        0.75,
    ),
    Movement(
        "Rainwater School",
        1796,
        1878,
        1.1,
        "thin washes that run into one another on white paper",
        (("Watercolour on paper", "Watercolour", "plain"), ("Watercolour and ink on paper", "Watercolour", "ink")),
        (
            ("Thomas Ashgrove", "British", 1782, 1849),
            ("Harriet Pellwyn", "British", 1801, 1867),
            ("Jean-Luc Corbassière", "Swiss", 1793, 1858),
            ("Magdalena Oberthal", "Austrian", 1810, 1879),
            ("Seamus O'Dorrigan", "Irish", 1797, 1861),
        ),
        ("dawn", "morning", "overcast", "spring", "golden", "autumn", "winter", "storm"),
        ("mountains", "harbour", "bird", "village", "flowers", "bridge", "lighthouse"),
        1.05,
    ),
    Movement(
        "Tidewood School",
        1788,
        1886,
        1.3,
        "flat planes, firm outlines and graded skies",
        (
            ("Colour woodblock print", "Print", "colour"),
            ("Woodblock print in blues", "Print", "blue"),
            ("Colour woodblock print with mica", "Print", "mica"),
        ),
        (
            ("Kurose Tanzan", "Japanese", 1771, 1836),
            ("Minamori Hakuyū", "Japanese", 1788, 1852),
            ("Okabe Seirin", "Japanese", 1803, 1869),
            ("Tsubara Kiyono", "Japanese", 1812, 1881),
            ("Ishimori Gakudō", "Japanese", 1826, 1890),
        ),
        ("dawn", "morning", "dusk", "moonlit", "spring", "autumn", "winter", "rose"),
        ("mountains", "bird", "bridge", "moonlit sea", "village", "storm", "portrait"),
        1.0,
        (
            "1f3f6e",
            "4f7fa5",
            "a9c4cf",
            "c8472e",
            "e3a48f",
            "d3a24a",
            "7f9a62",
            "35563f",
            "f0e4c8",
            "97958b",
            "25242a",
            "6f5f83",
            "e9cfa0",
        ),
    ),
    Movement(
        "Burin Circle",
        1628,
        1742,
        0.8,
        "fine lines bitten into copper",
        (
            ("Etching", "Print", "black"),
            ("Etching in brown ink", "Print", "brown"),
            ("Hand-coloured etching", "Print", "coloured"),
        ),
        (
            ("Willem Hartevoort", "Dutch", 1604, 1671),
            ("Griet Solms", "Flemish", 1619, 1684),
            ("Matthäus Rehling", "German", 1641, 1709),
            ("Giulio Sartoriano", "Italian", 1668, 1741),
        ),
        ("morning", "overcast", "storm", "golden", "winter"),
        ("bridge", "village", "storm", "forest", "portrait", "harbour"),
        0.8,
    ),
    Movement(
        "Aureate School",
        1404,
        1512,
        0.9,
        "clear tempera colours on a ground of gold",
        (("Tempera and gold leaf on panel", "Painting", "gold"), ("Tempera on panel", "Painting", "plain")),
        (
            ("Maestro Aldo da Fiorvalle", "Italian", 1388, 1451),
            ("Benedetta Lioncelli", "Italian", 1421, 1489),
            ("Jaume Ribalcorda", "Catalan", 1402, 1468),
            ("Master of the Quince Panels", "Flemish", 1440, 1507),
        ),
        ("morning", "spring", "golden", "summer", "autumn"),
        ("portrait", "garden", "flowers", "bird", "still life", "orchard"),
        1.25,
    ),
    Movement(
        "Facettism",
        1908,
        1936,
        1.1,
        "splinters and overlapping planes",
        (
            ("Oil on canvas", "Painting", "oil"),
            ("Oil and sand on canvas", "Painting", "sand"),
            ("Gouache and charcoal on paper", "Drawing", "paper"),
        ),
        (
            ("Armand Delcroze", "French", 1881, 1952),
            ("Vera Stolnik", "Ukrainian", 1886, 1944),
            ("Joaquín Abreda", "Spanish", 1884, 1947),
            ("Tomasz Wierzbicz", "Polish", 1889, 1950),
            ("Lotte Himmelfahrt", "German", 1893, 1968),
        ),
        ("overcast", "golden", "autumn", "dusk", "winter", "morning"),
        ("still life", "portrait", "city", "abstract composition", "interior", "harbour"),
        0.85,
    ),
    Movement(
        "Tessera Revival",
        1894,
        1939,
        0.8,
        "small cubes of glass and stone set in mortar",
        (
            ("Glass mosaic", "Mosaic", "glass"),
            ("Glass and gold mosaic", "Mosaic", "gold"),
            ("Marble mosaic", "Mosaic", "marble"),
        ),
        (
            ("Fiammetta Corsaro", "Italian", 1870, 1938),
            ("Leonidas Vamvakas", "Greek", 1876, 1941),
            ("Selma Aydınalp", "Turkish", 1883, 1951),
            ("Rafael Montclús", "Catalan", 1868, 1935),
        ),
        ("summer", "morning", "golden", "moonlit", "spring", "dusk"),
        ("bird", "flowers", "dancer", "lighthouse", "geometric abstraction", "garden"),
        1.3,
    ),
    Movement(
        "Smoke Circle",
        1884,
        1938,
        0.8,
        "soft charcoal, rubbed and lifted",
        (
            ("Charcoal on paper", "Drawing", "black"),
            ("Charcoal and white chalk on toned paper", "Drawing", "toned"),
            ("Sanguine on paper", "Drawing", "red"),
        ),
        (
            ("Käthe Brandeis", "German", 1867, 1944),
            ("Auguste Lenormand-Pey", "French", 1862, 1925),
            ("Yelena Morozkina", "Russian", 1878, 1949),
            ("Ivor Penhallick", "Welsh", 1871, 1940),
        ),
        ("overcast", "moonlit", "dusk", "winter", "storm", "dawn"),
        ("portrait", "dancer", "forest", "city", "interior", "storm"),
        0.8,
    ),
    Movement(
        "Scissorism",
        1946,
        1972,
        1.1,
        "bright paper shapes cut freehand",
        (("Cut painted paper", "Collage", "plain"), ("Cut and pasted paper on board", "Collage", "layers")),
        (
            ("Nadia Karamé", "Lebanese", 1914, 1989),
            ("Odile Fontanges", "French", 1908, 1981),
            ("Amara Dialloum", "Senegalese", 1921, 1998),
            ("Ruben Castellvi", "Argentine", 1917, 1985),
            ("Birgit Solvang", "Norwegian", 1924, 2003),
        ),
        ("summer", "morning", "spring", "dusk", "moonlit", "rose", "golden"),
        ("dancer", "flowers", "bird", "abstract composition", "garden", "still life"),
        1.0,
        (
            "1f49a6",
            "5aa9e6",
            "18a08c",
            "2f8f3e",
            "a9c335",
            "f9c80e",
            "f46d1b",
            "d7263d",
            "e04a84",
            "5b2a86",
            "17181c",
            "faf5e8",
            "f4a38c",
            "9ad3e6",
        ),
    ),
    Movement(
        "Signalism",
        1961,
        1987,
        1.0,
        "flat loud colour, dots and black line",
        (
            ("Screenprint", "Print", "plain"),
            ("Screenprint on silver paper", "Print", "silver"),
            ("Screenprint in four panels", "Print", "four"),
        ),
        (
            ("Dex Hollander", "American", 1934, 2009),
            ("Maki Tachihara", "Japanese", 1938, None),
            ("Rosa Quintavilla", "Mexican", 1929, 1998),
            ("Colm Brannoch", "Irish", 1941, None),
            ("Patsy Lovegrove", "British", 1936, 2014),
        ),
        ("summer", "dusk", "moonlit", "rose", "morning", "spring", "golden"),
        ("portrait", "city", "still life", "flowers", "geometric abstraction", "lighthouse"),
        1.0,
        (
            "ff3f5e",
            "ff8a1f",
            "ffd21f",
            "17b890",
            "1f7ae0",
            "5a2fc2",
            "f7a8c4",
            "8fdcf2",
            "101018",
            "fff6e4",
            "b6e04a",
            "e8218b",
        ),
    ),
    Movement(
        "Stillfield",
        1951,
        1984,
        1.0,
        "large soft fields of colour that seem to breathe",
        (
            ("Oil on canvas", "Painting", "oil"),
            ("Acrylic on canvas", "Painting", "acrylic"),
            ("Pigment on linen", "Painting", "linen"),
        ),
        (
            ("Miriam Adelstern", "American", 1918, 1996),
            ("Haruo Minazuki", "Japanese", 1923, 2007),
            ("Sólveig Arnalds", "Icelandic", 1929, 2012),
            ("Leon Baruchin", "American", 1911, 1979),
            ("Chidi Okonwaru", "Nigerian", 1932, 2016),
        ),
        ("dusk", "dawn", "rose", "moonlit", "autumn", "summer", "storm", "golden"),
        ("abstract composition", "moonlit sea", "fields", "storm", "mountains"),
        1.2,
    ),
)
BY_NAME = {m.name: m for m in MOVEMENTS}


@dataclass(frozen=True)
class Subject:
    "What can be painted: on which shapes of canvas, in which moods, under which titles"

    name: str
    shapes: tuple  # width / height
    titles: tuple  # {p} place, {t} time, {f} flower or fruit, {c} colour word, {n} number, {w} sitter
    sight: str  # for a sentence
    tags: tuple
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
        NIGHT[:2] + ("rose",),
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
SUBJECT = {s.name: s for s in SUBJECTS}

PLACES = [
    "Saltmere",
    "Ellary",
    "Vauntry",
    "Kestrel",
    "Morrowby",
    "Lindisk",
    "Arvessa",
    "Tolmere",
    "Belcastro",
    "Highwyke",
    "Orsay-le-Lac",
    "Duneth",
    "Ferrol-sur-Mer",
    "Hallowdene",
    "Isnø",
    "Jarrowfell",
    "Kaldvik",
    "Lunmarch",
    "Monteverro",
    "Noirlac",
    "Ostermark",
    "Pellerin",
    "Quillan",
    "Ravensea",
    "Sandrigo",
    "Torvald",
    "Ullmere",
    "Vestrey",
    "Wexholm",
    "Yarrowick",
    "Zellenberg",
    "Amblethorpe",
    "Brisemer",
    "Castelroc",
    "Dravinja",
    "Eskermouth",
    "Fontanelle",
    "Grisaille",
    "Hohenau",
    "Ivrelle",
    "Jossemer",
    "Kirkhaven",
    "Lorvane",
    "Merrowdown",
    "Nantmel",
    "Oldershaw",
    "Penmarrow",
    "Rosmarin",
    "Silverdyke",
    "Tramonte",
    "Underhill",
    "Vallombre",
    "Westerhaven",
]
PLACES_EAST = [
    "Kurose",
    "Minamori",
    "Tsubara",
    "Ishimori",
    "Hanakawa",
    "Okitsu-hama",
    "Shirataki",
    "Aomine",
    "Yukimura",
    "Tobishima",
    "Kisaragi",
    "Nanohara",
    "Sugimori",
    "Tatsuga",
    "Wakaura",
    "Fujisaka",
    "Komatsuno",
    "Akebono",
    "Hoshigaura",
    "Ishibashi-no-sato",
    "Ukibune",
    "Kazehaya",
    "Mikazuki",
    "Natsumi",
]
SITTERS = {
    "f": [
        "Agathe",
        "Beatrix",
        "Clémence",
        "Dorothea",
        "Elvira",
        "Fenna",
        "Ginevra",
        "Hedda",
        "Ines",
        "Jacoba",
        "Klara",
        "Livia",
        "Mirela",
        "Noor",
        "Ottilie",
        "Petra",
        "Rosalind",
        "Signe",
        "Thea",
        "Ysolde",
        "Zofia",
    ],
    "m": [
        "Ambrose",
        "Bastien",
        "Cosimo",
        "Detlev",
        "Ewan",
        "Florian",
        "Gaspard",
        "Henrik",
        "Ivo",
        "Joaquim",
        "Konrad",
        "Lorenz",
        "Matthis",
        "Niels",
        "Osric",
        "Piero",
        "Rurik",
        "Stellan",
        "Tancred",
        "Viktor",
    ],
}
SITTERS_EAST = {
    "f": ["O-Haru", "Kikuyo", "Umeno", "Sayuri", "Tamaki", "Chiyo", "Midori", "Fumino"],
    "m": ["Gennosuke", "Hayato", "Isaburō", "Kanbei", "Matashichi", "Ryūzō", "Seijirō", "Tōta"],
}
GLAZES = {
    "Blue": "#3d6fa5",
    "Green": "#4c8468",
    "White": "#e6e2d6",
    "Brown": "#8a5a38",
    "Red": "#b04338",
    "Grey": "#8b9299",
    "Yellow": "#e0b13f",
    "Violet": "#74598f",
}
BIRDS = {
    "Bluewing": "#3d5f9a",
    "Redbreast": "#b5523a",
    "Blackcap": "#33343c",
    "Goldfinch": "#d9a430",
    "Greenling": "#5d8a4a",
    "Wood Dove": "#8d93a5",
    "White Crake": "#dcd8cc",
}
TONES = ("Blue", "Red", "Ochre", "Grey", "Black", "Yellow", "Green", "White")
ACC_NAME = {"acc": "Red", "acc2": "Yellow", "water": "Blue", "near": "Green", "dark": "Black"}


def rng_for(seed, *key):
    "An independent stream for each (`seed`, `key`)"
    return np.random.default_rng([int(seed) % 2**63, *key])


def _name_rng(name):
    return np.random.default_rng([ord(ch) for ch in name])


def tastes(movement, artist):
    "(subjects, weights), (moods, weights), handling of an `artist`: the same in every museum"
    r = _name_rng(artist)
    w = np.array([3.0 if s.name in movement.likes else 1.0 for s in SUBJECTS])
    w[r.choice(len(SUBJECTS), 3, p=w / w.sum(), replace=False)] *= 8
    m = np.ones(len(movement.moods))
    m[r.choice(len(m), min(2, len(m)), replace=False)] *= 4
    return w / w.sum(), m / m.sum(), r.uniform(0.75, 1.3)


@dataclass(frozen=True)
class Work:
    "All that is known of a work: what its record says and what its picture is painted from"

    index: int
    seed: int
    movement: Movement
    subject: Subject
    artist: tuple
    year: int
    year_end: int
    medium: str
    category: str
    variant: str
    mood: str
    shape: float
    hand: float  # the artist's handling: fine (< 1) or broad
    details: dict = field(hash=False)
    words: dict = field(hash=False)

    @property
    def artwork_id(self):
        return f"sample-{self.index:05d}"

    @property
    def title(self):
        r = rng_for(self.seed, self.index, 2)
        text = self.subject.titles[r.integers(len(self.subject.titles))].format(**self.words)
        return f"{text} ({self.words['k']} Version)" if r.random() < 0.03 else text

    @property
    def text(self):
        r = rng_for(self.seed, self.index, 3)
        name, m = self.artist[0], self.movement
        sight, light = (
            self.subject.sight.format(**{**self.words, "c": self.words["c"].lower()}),
            MOOD_WORDS[self.mood][1],
        )
        if "abstract" in self.subject.tags:
            light = f"the colours of {light}"
        forms = (
            "{Sight}, in {light}: {look}.",
            "{name} sets {sight} in {light}, with {look}.",
            "{Medium}: {sight}, in {light}; {look}.",
            "In {light}, {sight}; {name} works in {look}.",
        )
        return forms[r.integers(len(forms))].format(
            sight=sight,
            Sight=_upper(sight),
            light=light,
            look=m.look,
            Look=_upper(m.look),
            name=name,
            Medium=self.medium,
        )

    def palette(self):
        "The colours of the mood as this movement mixes them, by role"
        from art_recsys.sample_museum.canvas import chroma

        base = np.stack([colour(code) for code in MOODS[self.mood].split()])
        r = rng_for(self.seed, self.index, 4)
        base = np.clip(base + r.normal(0, 0.02, base.shape) + r.normal(0, 0.018, 3), 0, 1)
        if self.movement.inks:
            base = _snap(base, np.stack([colour(code) for code in self.movement.inks]))
        else:
            base = chroma(base.astype(np.float32), self.movement.gain)
        return dict(zip(ROLES, base.astype(np.float32)))

    def record(self):
        "The house record, without a picture yet"
        ends = "" if self.year_end == self.year else f"–{self.year_end}"
        tags = [self.movement.name, *self.subject.tags, *MOOD_WORDS[self.mood][2], self.mood]
        if self.subject.name not in tags:
            tags.insert(1, self.subject.name)
        tags += [self.words[k] for k in ("f", "b") if k in self.words and "{" + k + "}" in self.subject.sight]
        return {
            "artwork_id": self.artwork_id,
            "source": "sample",
            "title": self.title,
            "artist": self.artist[0],
            "date_text": self.words["circa"] + str(self.year) + ends,
            "year_start": self.year,
            "year_end": self.year_end,
            "category": self.category,
            "medium": self.medium,
            "culture": self.artist[1],
            "tags": list(dict.fromkeys(t.lower() if t != self.movement.name else t for t in tags)),
            "text": self.text,
            "description": "",
            "palette": [],
            "image_url": "",
            "image_path": "",
            "licence": "CC0-1.0",
            "credit": "The art_recsys sample museum, painted by code",
            "source_url": "",
        }


def _upper(text):
    return text[:1].upper() + text[1:]


def _snap(base, inks):
    "Every role in its nearest ink, each ink used twice at most"
    used, out = np.zeros(len(inks)), np.empty_like(base)
    grey = np.array([0.299, 0.587, 0.114])
    for k in (0, 1, 8, 5, 2, 6, 9, 7, 3, 4):
        d = ((base[k] - inks) ** 2).sum(1) + 1.2 * (base[k] @ grey - inks @ grey) ** 2 + 0.16 * used
        best = int(np.argmin(d))
        used[best] += 1
        out[k] = inks[best]
    return out


def work(index, seed):
    "The work number `index` of museum `seed`; no other work has a say in it"
    r = rng_for(seed, index, 0)
    share = np.array([m.share for m in MOVEMENTS])
    m = MOVEMENTS[r.choice(len(MOVEMENTS), p=share / share.sum())]
    weight = 1 / (1.5 + np.arange(len(m.artists)))
    artist = m.artists[r.choice(len(m.artists), p=weight / weight.sum())]
    liked, moods, hand = tastes(m, artist[0])
    subject = SUBJECTS[r.choice(len(SUBJECTS), p=liked)]
    mood = str(r.choice(m.moods, p=moods))
    if subject.moods and mood not in subject.moods:
        fit = [x for x in m.moods if x in subject.moods] or subject.moods
        mood = str(r.choice(fit))
    medium, category, variant = m.media[
        r.choice(len(m.media), p=[0.6, 0.4] if len(m.media) == 2 else [0.64, 0.18, 0.18])
    ]
    _, _, born, died = artist
    first, last = max(m.start, born + 19), min(m.end, died or m.end)
    year = int(first + (last - first) * r.beta(1.6, 1.6))
    year_end = min(year + int(r.choice([0, 0, 0, 0, 1, 2, 3])), last)
    details = _details(r, subject, mood, m)
    return Work(
        index,
        int(seed),
        m,
        subject,
        artist,
        year,
        year_end,
        medium,
        category,
        variant,
        mood,
        float(r.choice(subject.shapes)),
        hand,
        details,
        _words(r, subject, mood, artist, year, details),
    )


def _details(r, subject, mood, m):
    "What the subject's painter is told"
    sex = "m" if r.random() < 0.42 else "f"
    east = m.name == "Tidewood School"
    glaze = str(r.choice(list(GLAZES)))
    return {
        "lit": {"moonlit": 0.8, "dusk": 0.7, "storm": 0.5, "rose": 0.45}.get(mood, 0.08),
        "night": mood == "moonlit",
        "snow": mood == "winter" or (subject.name == "mountains" and mood != "summer"),
        "lake": bool(r.random() < 0.45),
        "blossom": mood in ("spring", "dawn"),
        "autumn": mood in ("autumn", "golden"),
        "glaze": GLAZES[glaze],
        "glaze_name": glaze,
        "fruit": str(r.choice(list(FRUIT))),
        "flower": str(r.choice(list(FLOWERS))),
        "skin": int(r.integers(0, 2 if east else 5)),
        "hair": 4 if east else int(r.integers(0, 7)),
        "dress": str(r.choice(["acc", "acc2", "water", "near", "dark"])),
        "sex": sex,
        "long_hair": bool(sex == "f" and r.random() < 0.75),
        "hat_colour": str(r.choice(["acc2", "water", "acc", "near"])),
        "attire": str(r.choice(["hat", "scarf", "collar", "beads"] if sex == "f" else ["hat", "scarf", "collar"])),
        "striped": bool(r.random() < 0.5),
        "view": str(r.choice(["the sea", "the hills"])),
        "lightning": bool(mood in ("storm", "moonlit") and r.random() < 0.7),
        "bird": (b := str(r.choice(list(BIRDS)))),
        "plumage": BIRDS[b],
        "east": east,
    }


def _words(r, subject, mood, artist, year, d):
    "What the title and the text may say, all of it true of the picture"
    flower = d["flower"] if subject.name == "flowers" else d["fruit"]
    c = (
        d["glaze_name"]
        if subject.name in ("still life", "flowers")
        else ACC_NAME[d["dress"]]
        if subject.name == "dancer"
        else str(r.choice(TONES))
    )
    sitter = str(r.choice((SITTERS_EAST if d["east"] else SITTERS)["f" if subject.name == "dancer" else d["sex"]]))
    place = str(r.choice(PLACES_EAST if d["east"] else PLACES))
    return {
        "p": place,
        "t": str(r.choice(MOOD_WORDS[mood][0])),
        "f": flower,
        "F": flower.capitalize(),
        "c": c,
        "k": str(r.choice([t for t in TONES if t != c])),
        "n": int(r.integers(1, 120)),
        "s": sitter,
        "w": "Woman" if d["sex"] == "f" else "Man",
        "g": str(r.integers(19, 71)),
        "A": {"hat": "Hat", "scarf": "Scarf", "collar": "White Collar", "beads": "Necklace"}[d["attire"]],
        "v": d["view"],
        "b": d["bird"].lower(),
        "B": d["bird"],
        "circa": "c. " if year < 1750 or r.random() < 0.12 else "",
    }
