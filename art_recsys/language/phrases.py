"The words that the offline writer composes with: colours, moods, subjects, occupations, places. Data, no logic."

# name: (hex, family). Families are what a visitor filters by.
COLOURS = {
    'ink black': ('16130f', 'black'), 'soft black': ('2b2724', 'black'), 'charcoal': ('43403d', 'grey'),
    'slate': ('5b646c', 'grey'), 'stone grey': ('8c8880', 'grey'), 'dove grey': ('b3afa8', 'grey'),
    'silver grey': ('c8c9c9', 'grey'), 'chalk white': ('f6f4ee', 'white'), 'ivory': ('efe6d2', 'white'),
    'pearl': ('e2ddd3', 'white'), 'cream': ('f0e3bd', 'white'),
    'umber': ('4a3524', 'brown'), 'sepia': ('6b4a2f', 'brown'), 'chestnut': ('7d4428', 'brown'),
    'walnut': ('5d4732', 'brown'), 'bronze': ('8a6a3b', 'brown'), 'tan': ('b8946a', 'brown'),
    'sand': ('d2b88f', 'brown'), 'fawn': ('a88868', 'brown'), 'taupe': ('8a7766', 'brown'),
    'oxblood': ('5a1a1c', 'red'), 'crimson': ('9e1b32', 'red'), 'scarlet': ('c41e1e', 'red'),
    'vermilion': ('dc4326', 'red'), 'brick red': ('9c4a38', 'red'),
    'rust': ('a5512a', 'orange'), 'terracotta': ('c26a4a', 'orange'), 'burnt orange': ('cc6a1c', 'orange'),
    'amber': ('d9902f', 'orange'), 'apricot': ('e6a368', 'orange'), 'coral': ('e57f65', 'orange'),
    'ochre': ('b98a3a', 'yellow'), 'old gold': ('cfa53a', 'yellow'), 'saffron': ('ebb62a', 'yellow'),
    'straw': ('dfc98a', 'yellow'), 'lemon': ('f2df52', 'yellow'),
    'olive': ('6b6a35', 'green'), 'moss green': ('57683a', 'green'), 'sage': ('98a583', 'green'),
    'pistachio': ('b4c48c', 'green'), 'forest green': ('274a33', 'green'), 'bottle green': ('1e3b30', 'green'),
    'emerald': ('2b8457', 'green'), 'viridian': ('3f7f6d', 'green'), 'spring green': ('7fb24a', 'green'),
    'teal': ('2a7079', 'blue'), 'turquoise': ('4fb0ad', 'blue'), 'midnight blue': ('161b33', 'blue'),
    'navy': ('1f2f55', 'blue'), 'Prussian blue': ('23425f', 'blue'), 'ultramarine': ('2d45a0', 'blue'),
    'cobalt blue': ('3767b5', 'blue'), 'cerulean': ('4b93c4', 'blue'), 'sky blue': ('9cc3de', 'blue'),
    'powder blue': ('bccfd9', 'blue'), 'steel blue': ('6a8299', 'blue'),
    'aubergine': ('3d2338', 'purple'), 'plum': ('6d3b5e', 'purple'), 'violet': ('6b4b9b', 'purple'),
    'lilac': ('b49cc4', 'purple'), 'mauve': ('94798f', 'purple'),
    'rose': ('c97b84', 'pink'), 'blush': ('e9c4bb', 'pink'), 'dusty pink': ('c49a94', 'pink'),
    'magenta': ('b5307c', 'pink'), 'hot pink': ('ea5fa0', 'pink'),
}

# mood: (where it lies in light, contrast, colour, warmth and texture, in standard deviations; the words for it; what it
# leaves behind in a person)
MOODS = {
    'serene': ((.6, -1, -.2, 0, -1), ('serene', 'calm', 'unhurried'), 'a calm that lasts'),
    'tender': ((.8, -.6, 0, .8, -.4), ('tender', 'soft-hearted', 'affectionate'), 'tenderness'),
    'joyful': ((1.2, 0, 1, .8, 0), ('joyful', 'sunny', 'cheerful'), 'plain joy'),
    'exuberant': ((.4, .6, 1.6, .6, 1), ('exuberant', 'festive', 'lively'), 'the energy of a crowd'),
    'dramatic': ((-.6, 1.4, .2, .4, .2), ('dramatic', 'theatrical', 'intense'), 'a quickened pulse'),
    'brooding': ((-1.2, -.2, -.4, 0, -.4), ('brooding', 'sombre', 'heavy'), 'long dark thoughts'),
    'melancholic': ((-.4, -.6, -.6, -1, -.4), ('melancholic', 'wistful', 'pensive'), 'a sweet melancholy'),
    'mysterious': ((-1.2, .4, 0, -.8, 0), ('mysterious', 'nocturnal', 'secretive'), 'the pull of a secret'),
    'crisp': ((.8, 1, -.4, -1, .8), ('crisp', 'alert', 'clear-headed'), 'a clear head'),
    'austere': ((.2, .6, -1.4, -.6, .2), ('austere', 'severe', 'disciplined'), 'the comfort of discipline'),
    'earthy': ((-.2, 0, .2, 1, .4), ('earthy', 'grounded', 'rustic'), 'solid ground underfoot'),
    'restless': ((0, .8, 0, 0, 1.6), ('restless', 'agitated', 'nervous'), 'a wish to move on'),
    'dreamy': ((.3, -.8, .4, -1, -.6), ('dreamy', 'hazy', 'weightless'), 'daydreams'),
    'intimate': ((-.6, -.3, .2, 1, -.5), ('intimate', 'hushed', 'cosy'), 'closeness'),
    'electric': ((0, .8, 1.6, -1, .4), ('electric', 'buzzing', 'neon-bright'), 'a jolt of the new'),
    'contemplative': ((0, -.4, -.2, .2, -.6), ('contemplative', 'thoughtful', 'meditative'), 'an hour of quiet thought'),
}

# What a subject feels like when no picture can say: word in the title or the tags -> mood
SUBJECT_MOODS = {
    'storm': 'dramatic', 'battle': 'dramatic', 'war': 'dramatic', 'military': 'dramatic', 'fire': 'dramatic',
    'fight': 'dramatic', 'volcano': 'dramatic', 'wreck': 'dramatic', 'violence': 'dramatic',
    'night': 'mysterious', 'moon': 'mysterious', 'myth': 'mysterious', 'magic': 'mysterious', 'ghost': 'mysterious',
    'ruin': 'melancholic', 'autumn': 'melancholic', 'winter': 'melancholic', 'grave': 'melancholic', 'rain': 'melancholic',
    'death': 'brooding', 'disease': 'brooding', 'prison': 'brooding', 'grief': 'brooding', 'crucifix': 'brooding',
    'sea': 'serene', 'lake': 'serene', 'river': 'serene', 'landscape': 'serene', 'coast': 'serene', 'water': 'serene',
    'garden': 'joyful', 'flower': 'joyful', 'spring': 'joyful', 'child': 'tender', 'mother': 'tender', 'love': 'tender',
    'dance': 'exuberant', 'circus': 'exuberant', 'market': 'exuberant', 'music': 'exuberant', 'festival': 'exuberant',
    'farm': 'earthy', 'agriculture': 'earthy', 'cattle': 'earthy', 'village': 'earthy', 'tree': 'earthy',
    'portrait': 'intimate', 'nude': 'intimate', 'interior': 'intimate', 'domestic': 'intimate',
    'religious': 'contemplative', 'saint': 'contemplative', 'still life': 'contemplative', 'reading': 'contemplative',
    'geometric': 'austere', 'abstract': 'austere', 'grid': 'austere', 'architecture': 'austere',
    'city': 'electric', 'street': 'electric', 'machine': 'electric', 'advertis': 'electric', 'television': 'electric',
    'cloud': 'dreamy', 'dream': 'dreamy', 'sky': 'dreamy', 'angel': 'dreamy', 'gestural': 'restless', 'horse': 'restless',
    'train': 'restless', 'irregular forms': 'restless', 'bird': 'crisp', 'mountain': 'crisp', 'snow': 'crisp',
}

# How a technique looks: word in the medium or the category -> phrase
MEDIA = {
    'watercolour': 'thin transparent washes', 'watercolor': 'thin transparent washes', 'gouache': 'matt opaque colour',
    'oil': 'the depth of oil paint', 'acrylic': 'flat bright acrylic', 'tempera': 'the dry clarity of tempera',
    'fresco': 'the dry bloom of fresco', 'etching': 'bitten, searching lines', 'drypoint': 'soft burred lines',
    'mezzotint': 'velvet tones of mezzotint', 'aquatint': 'grainy tones of aquatint', 'engraving': 'fine engraved lines',
    'woodcut': 'bold cut shapes', 'linocut': 'bold cut shapes', 'lithograph': 'greasy crayon tones on stone',
    'screenprint': 'clean layers of screenprinted colour', 'intaglio': 'ink pressed deep into the paper',
    'graphite': 'the silver of graphite', 'pencil': 'a light pencil line', 'charcoal': 'smudged charcoal',
    'chalk': 'dusty strokes of chalk', 'pastel': 'powdery pastel', 'ink': 'fluent ink', 'photograph': 'the exactness of a photograph',
    'bronze': 'the weight of bronze', 'marble': 'polished marble', 'stone': 'worked stone', 'wood': 'the grain of wood',
    'steel': 'hard steel', 'plaster': 'pale plaster', 'terracotta': 'warm baked clay', 'ceramic': 'glazed clay',
    'glass': 'light caught in glass', 'textile': 'woven threads', 'tapestry': 'woven threads', 'collage': 'cut and pasted fragments',
    'video': 'moving images', 'film': 'moving images', 'mosaic': 'small set stones', 'installation': 'a room turned into a work',
}

# (words in the subjects) -> the work that people do who love them
TRADES = {
    ('sea', 'coast', 'ship', 'boat', 'harbour', 'water', 'river', 'lake', 'fish', 'marine'): (
        'harbour pilot', 'marine biologist', 'sailmaker', 'ferry captain', 'swimming teacher', 'boatbuilder', 'lighthouse warden',
        'oceanographer', 'fishmonger', 'lifeguard', 'hydrologist'),
    ('landscape', 'tree', 'mountain', 'hill', 'field', 'forest', 'valley', 'snow', 'sky', 'cloud', 'weather'): (
        'park ranger', 'hill farmer', 'forester', 'mountain guide', 'geologist', 'meteorologist', 'cartographer', 'land surveyor',
        'cycling guide', 'shepherd', 'glaciologist'),
    ('plant', 'flower', 'garden', 'fruit', 'food', 'still life', 'agriculture'): (
        'gardener', 'florist', 'botanist', 'pastry cook', 'winemaker', 'herbalist', 'market grower', 'chef', 'perfumer',
        'orchard keeper', 'seed saver'),
    ('portrait', 'people', 'adults', 'woman', 'man', 'face', 'figure', 'nude', 'body', 'child', 'dancer'): (
        'psychologist', 'hairdresser', 'midwife', 'casting director', 'family doctor', 'dance teacher', 'biographer', 'nurse',
        'portrait photographer', 'school teacher', 'physiotherapist', 'sign-language interpreter'),
    ('architecture', 'building', 'town', 'city', 'street', 'bridge', 'church', 'interior', 'room', 'ruin', 'public'): (
        'architect', 'urban planner', 'stonemason', 'tram driver', 'interior designer', 'conservation carpenter', 'estate agent',
        'structural engineer', 'postal worker', 'building inspector', 'night porter'),
    ('animal', 'bird', 'horse', 'dog', 'cat', 'mammal', 'cattle', 'lion'): (
        'veterinarian', 'riding instructor', 'ornithologist', 'zookeeper', 'beekeeper', 'dog trainer', 'wildlife photographer',
        'dairy farmer', 'falconer'),
    ('abstract', 'geometric', 'non-representational', 'grid', 'colour', 'irregular', 'gestural', 'circle', 'formal'): (
        'software developer', 'mathematician', 'graphic designer', 'sound engineer', 'typographer', 'data analyst', 'textile designer',
        'furniture maker', 'physicist', 'fashion buyer', 'lighting designer', 'jazz drummer'),
    ('music', 'theatre', 'dance', 'circus', 'entertainment', 'festival', 'carnival'): (
        'cellist', 'stage manager', 'choir conductor', 'costume maker', 'piano tuner', 'radio presenter', 'film editor', 'singer'),
    ('religio', 'myth', 'saint', 'angel', 'bible', 'literature', 'reading', 'book', 'universal', 'spirit'): (
        'librarian', 'theologian', 'translator', 'bookbinder', 'yoga teacher', 'novelist', 'hospice worker', 'classics teacher',
        'antiquarian bookseller', 'monastery guide'),
    ('war', 'military', 'history', 'politics', 'social', 'battle', 'society', 'government'): (
        'historian', 'journalist', 'union organiser', 'lawyer', 'social worker', 'archivist', 'political cartoonist', 'veteran',
        'museum guard', 'refugee counsellor'),
    ('machine', 'transport', 'train', 'industr', 'tool', 'science', 'car', 'technology'): (
        'train driver', 'mechanical engineer', 'clockmaker', 'welder', 'bicycle mechanic', 'electrician', 'crane operator', 'pilot',
        'toolmaker'),
}
OTHER_TRADES = (
    'accountant', 'barista', 'call-centre agent', 'pharmacist', 'tailor', 'bus driver', 'tax adviser', 'optician', 'potter',
    'ceramicist', 'printmaker', 'science writer', 'primary-school teacher', 'paramedic', 'dentist', 'project manager', 'locksmith',
    'baker', 'customs officer', 'notary', 'tattooist', 'game designer', 'podcast producer', 'geography teacher', 'economist',
    'street photographer', 'watch seller', 'hotel receptionist', 'carer', 'copywriter', 'speech therapist', 'upholsterer',
    'glazier', 'statistician', 'civil servant', 'auctioneer', 'cabin attendant', 'tea merchant', 'ski instructor', 'cook')
STUDIES = ('art history', 'medicine', 'law', 'design', 'biology', 'philosophy', 'engineering', 'anthropology', 'music', 'film',
           'architecture', 'languages', 'computer science', 'fashion', 'geography', 'literature')

# culture word in the catalogue -> cities; where none fits, any city
PLACES = {
    'american': ('Chicago', 'Santa Fe', 'Brooklyn', 'Portland', 'New Orleans', 'Detroit'),
    'british|english|scottish|welsh': ('Bristol', 'Glasgow', 'Leeds', 'St Ives', 'Norwich', 'Cardiff'),
    'french': ('Lyon', 'Marseille', 'Nantes', 'Paris', 'Arles', 'Lille'),
    'italian': ('Bologna', 'Naples', 'Turin', 'Venice', 'Palermo', 'Trieste'),
    'german|austrian': ('Leipzig', 'Hamburg', 'Vienna', 'Dresden', 'Berlin', 'Graz'),
    'dutch|flemish|belgian|netherland': ('Haarlem', 'Ghent', 'Rotterdam', 'Antwerp', 'Delft', 'Utrecht'),
    'spanish|portuguese': ('Seville', 'Bilbao', 'Lisbon', 'Porto', 'Valencia', 'Granada'),
    'japan': ('Kyoto', 'Kanazawa', 'Osaka', 'Sapporo', 'Nara'), 'chin': ('Hangzhou', 'Shanghai', 'Chengdu', 'Taipei'),
    'korea': ('Seoul', 'Busan', 'Gwangju'), 'india': ('Jaipur', 'Kochi', 'Kolkata', 'Mumbai'),
    'mexic|latin|peru|brazil': ('Oaxaca', 'Mexico City', 'Lima', 'Recife', 'Bogota', 'Buenos Aires'),
    'persia|iran|islam|turk|arab|egypt': ('Isfahan', 'Istanbul', 'Cairo', 'Beirut', 'Amman'),
    'africa|nigeria|ghana|congo': ('Lagos', 'Accra', 'Dakar', 'Nairobi', 'Cape Town'),
    'russia|ukrain|polish|czech|hungar': ('Kyiv', 'Krakow', 'Prague', 'Budapest', 'Tbilisi'),
    'nordic|swed|norweg|danish|finn': ('Bergen', 'Aarhus', 'Gothenburg', 'Turku', 'Tromsø'),
}
OTHER_PLACES = (
    'Melbourne', 'Wellington', 'Halifax', 'Montreal', 'Dublin', 'Galway', 'Zurich', 'Basel', 'Ljubljana', 'Athens', 'Thessaloniki',
    'Tunis', 'Casablanca', 'Singapore', 'Hanoi', 'Manila', 'Jakarta', 'Riga', 'Tallinn', 'Reykjavik', 'Luxembourg', 'Zagreb',
    'Sofia', 'Valparaíso', 'Montevideo', 'Quito', 'Havana', 'Addis Ababa', 'Kigali', 'Tashkent', 'Almaty', 'Perth', 'Vancouver')
HABITS = (
    'keeps postcards of favourite pictures by the kettle', 'sketches on the bus', 'visits small museums on rainy Sundays',
    'reads wall labels last', 'stands too close to the surface', 'collects exhibition catalogues', 'takes the children along',
    'goes back to one room again and again', 'listens to old records while looking at art books', 'writes a line about each picture',
    'travels by night train to exhibitions', 'frames prints from flea markets', 'talks to museum guards', 'lends out art books',
    'photographs shadows', 'goes alone and stays long', 'argues about pictures with an old friend', 'paints a little at weekends',
    'chooses clothes by what hangs on the wall', 'plans every holiday around a museum', 'loves the hour before closing',
    'grew up above a frame shop', 'learnt to look from a grandmother', 'came to art late and eagerly')
TEMPERAMENTS = (
    'quiet', 'curious', 'warm-hearted', 'sceptical', 'patient', 'talkative', 'shy', 'generous', 'stubborn', 'nostalgic', 'practical',
    'playful', 'solitary', 'sociable', 'meticulous', 'impulsive', 'gentle', 'ironic', 'devout', 'free-spirited', 'observant', 'romantic')
