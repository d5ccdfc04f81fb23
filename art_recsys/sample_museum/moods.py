"""The moods: ten colours each, and what they are called in titles, sentences and tags."""

# Ten colours a mood, in the order of `pixels.ROLES`: top and low sky, light, far, mid, near, dark, water, two accents.
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
