"""What tags are in a sentence: things, kinds of picture, themes, styles, qualities of light, moods, times.

Tables only, no logic: `grammar` reads them. A tag that is in none of them gets a form that reads whatever it means.
"""

__all__ = [
    "ARTICLE",
    "COUNTED",
    "FIXED",
    "GENRES",
    "IRREGULAR",
    "KIND_NAMES",
    "LIGHTS",
    "LIVELY",
    "MOOD_ADJECTIVES",
    "MOVEMENT",
    "MOVEMENT_THE",
    "PLACES",
    "PLURALS",
    "QUIET",
    "STYLES",
    "THEMES",
    "TIMES",
    "VAGUE",
]

# Things of which there is one or several: `a harbour`, `harbours`
_COUNTED = """
abbey altar angel animal apple arch barn basket battle bay beach bear bed bench bird blackcap bluewing boat book
bottle bowl boy branch bridge building butterfly canal carriage cart castle cat cathedral cave chair chapel child
church circle circus city clearing cliff clock cloud column cottage courtyard cow crowd cup dancer deer desert dock
dog dome door dragon dream estuary factory fan farm farmhouse fence ferry field figure fire fish flag flower forest
fountain fox garden gate girl glacier goat goldfinch greenling grid grove guitar hand harbour hat hedge hill
horse house inn island jug kitchen lake lamp lane leaf letter lighthouse lily line lion machine man map market
mask meadow mill mirror moth mother mountain museum musician orchard owl palace park path pattern peacock peak
person piano pig pillar plain plant pond pool poster prison procession pyramid quarry quay queen rabbit railway
redbreast reflection ridge river road rock roof room rose ruin sail saint ship shop shore skull snake soldier spiral
spire square staircase star station statue stream street sunflower swan table temple tent theatre tiger tower town
train tree triangle tulip valley vase vessel viaduct village vine violin volcano wall waterfall wave well
windmill window woman wood worker workshop wreck
"""
COUNTED = frozenset(_COUNTED.split()) | {"country house", "fishing boat", "sailing boat", "white crake", "wood dove"}

# Things that are always several, or that read without an article
_PLURALS = """
adults animals apples birds blossoms boats branches buildings cattle children circles cliffs clothes clouds
cornflowers curtains daisies dancers dots fields figures firs fishermen flowers foliage food fruit grapes grass
hills houses irises lemons lights lines men mist mountains oranges peaches pears peonies people plants plums
pomegranates poppies quinces reflections rocks roofs roses ruins shapes ships smoke snow stars steps stripes
sunflowers tiles trees triangles tulips vegetables water waves women
"""
PLURALS = frozenset(_PLURALS.split())

# Things with an article of their own, in every number
FIXED = {
    "sea": "the sea",
    "moonlit sea": "the moonlit sea",
    "moon": "the moon",
    "sun": "the sun",
    "sky": "the sky",
    "coast": "the coast",
    "coastline": "the coastline",
    "horizon": "the horizon",
    "harvest": "the harvest",
    "waterfront": "the waterfront",
    "seafront": "the seafront",
    "seaside": "the seaside",
}

# Kinds of picture: `a landscape with a river`, `landscapes`
GENRES = (
    "still life",
    "portrait",
    "self-portrait",
    "group portrait",
    "landscape",
    "seascape",
    "cityscape",
    "townscape",
    "nocturne",
    "interior",
    "abstract composition",
    "geometric abstraction",
    "nude",
    "allegory",
    "caricature",
    "composition",
)

# Kinds of picture that are also where something is: `a still life in an interior`; a city is only a place
PLACES = ("interior", "landscape")

# What a work is about in general: `on the theme of nature`
THEMES = {
    "figure": "the human figure",
    "people": "people",
    "animal": "animals",
    "nature": "nature",
    "movement": "movement",
    "architecture": "architecture",
    "countryside": "the countryside",
    "domestic": "domestic life",
    "religious": "religion",
    "military": "military life",
    "death": "death",
    "love": "love",
    "music": "music",
    "dance": "dance",
    "history": "history",
    "literature": "literature",
    "mythology": "mythology",
    "myth": "myth",
    "politics": "politics",
    "war": "war",
    "work": "work",
    "agriculture": "agriculture",
    "transport": "transport",
    "industry": "industry",
    "science": "science",
    "sport": "sport",
    "leisure": "leisure",
    "travel": "travel",
    "society": "society",
    "town life": "town life",
    "time": "time",
    "weather": "weather",
    "colour": "colour",
}

# Adjectives of the work itself: `an abstract print`
STYLES = (
    "abstract",
    "geometric",
    "botanical",
    "gestural",
    "figurative",
    "monochrome",
    "monochromatic",
    "classical",
    "medieval",
    "decorative",
    "non-representational",
    "ornamental",
)

# Qualities of light: tag -> adjective before `light`
LIGHTS = {
    "warm": "warm",
    "cool": "cool",
    "golden": "golden",
    "bright": "bright",
    "glowing": "glowing",
    "fresh": "fresh",
    "delicate": "delicate",
    "rich": "rich",
    "rose": "rose-coloured",
    "soft": "soft",
    "pale": "pale",
    "dark": "dark",
}

# Moods, as adjectives of a work; those that are quiet, and those that are lively, do not go together
QUIET = (
    "serene",
    "still",
    "calm",
    "silent",
    "spare",
    "tender",
    "wistful",
    "melancholy",
    "dreamy",
    "nostalgic",
    "peaceful",
    "quiet",
    "sombre",
)
LIVELY = ("dramatic", "restless", "cheerful", "joyful", "exuberant", "festive")
MOOD_ADJECTIVES = (*QUIET, *LIVELY, "mysterious", "hopeful", "romantic", "playful")

# When, or in what weather: tag -> (group, in a description, before `light` or empty, a noun). One of a group is said:
# the first of this table.
TIMES = {
    "moonlit": ("day", "by moonlight", "", "moonlight"),
    "dusk": ("day", "at dusk", "", "dusk"),
    "sunset": ("day", "at sunset", "sunset", "sunset"),
    "sunrise": ("day", "at sunrise", "", "sunrise"),
    "dawn": ("day", "at dawn", "dawn", "dawn"),
    "noon": ("day", "at noon", "midday", "noon"),
    "morning": ("day", "in the morning", "morning", "morning"),
    "afternoon": ("day", "in the afternoon", "afternoon", "afternoon"),
    "evening": ("day", "in the evening", "evening", "evening"),
    "night": ("day", "at night", "", "night"),
    "storm": ("weather", "in a storm", "", "a storm"),
    "overcast": ("weather", "under a grey sky", "overcast", "overcast weather"),
    "rain": ("weather", "in the rain", "", "rain"),
    "fog": ("weather", "in fog", "", "fog"),
    "spring": ("season", "in spring", "spring", "spring"),
    "summer": ("season", "in summer", "summer", "summer"),
    "autumn": ("season", "in autumn", "autumn", "autumn"),
    "winter": ("season", "in winter", "winter", "winter"),
}

# How the name of a movement ends; with an ending of the second table it takes an article
MOVEMENT = r"(ism|school|circle|movement|revival|renaissance|baroque|rococo|art nouveau|art deco|pop art)$"
MOVEMENT_THE = r"(school|circle|movement|revival|renaissance|baroque|rococo)$"

# Parts of a catalogue's tag that say nothing to a reader
VAGUE = (" - non-specific", " (non-specific)")

IRREGULAR = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "fish": "fish",
    "deer": "deer",
    "sheep": "sheep",
    "leaf": "leaves",
    "still life": "still lifes",
    "work on paper": "works on paper",
}

# Words whose first letter misleads: prefix in small letters -> article
ARTICLE = {
    "uni": "a",
    "use": "a",
    "usu": "a",
    "uto": "a",
    "eu": "a",
    "ewe": "a",
    "one": "a",
    "ukr": "a",
    "ukiyo": "a",
    "unim": "an",
    "unin": "an",
    "unid": "an",
    "hour": "an",
    "heir": "an",
    "honest": "an",
    "honour": "an",
}

# What a catalogue calls a class of works -> one such work; where it is a material, a piece or a work of it
KIND_NAMES = {
    "unique": "drawing",
    "paper": "work on paper",
    "works on paper": "work on paper",
    "photography": "photograph",
    "sculpture": "sculpture",
    "ceramics": "ceramic",
    "textiles": "textile",
    "textile arts": "textile",
    "jewelry": "piece of jewelry",
    "jewellery": "piece of jewellery",
    "furniture": "piece of furniture",
    "metalwork": "piece of metalwork",
    "glass": "work in glass",
    "calligraphy": "piece of calligraphy",
    "lacquer": "work in lacquer",
    "ivory": "work in ivory",
    "mixed media": "work in mixed media",
    "graphics": "print",
    "arms and armor": "piece of armour",
    "drawing and watercolor": "drawing",
}
