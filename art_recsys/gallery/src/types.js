/* The shapes of what the kernel sends, and of the elements that carry it. Nothing here runs. */

/**
 * @typedef {object} Work the card of an artwork (see `serving/catalogue.py`)
 * @property {string} artwork_id
 * @property {string} title
 * @property {string} [artist]
 * @property {string} [date_text]
 * @property {string} [category]
 * @property {string} [medium]
 * @property {string} [culture]
 * @property {string} [period]
 * @property {string} [colour]
 * @property {string} [description]
 * @property {string[]} [tags]
 * @property {string} [credit]
 * @property {string} [licence]
 * @property {string} [source_url]
 * @property {string} [image_url]
 * @property {string} [dominant] its main colour, `#rrggbb`
 * @property {boolean} [picture] whether our server has its picture
 * @property {number | null} [width] of that picture, in pixels
 * @property {number | null} [height]
 */

/**
 * @typedef {object} Reason
 * @property {string} text
 * @property {string} [kind]
 * @property {string | null} [artwork_id] the work that the reason names
 */

/**
 * @typedef {object} Item a work on a wall
 * @property {Work} artwork
 * @property {number} [score]
 * @property {Reason} [reason]
 */

/** @typedef {{ name: string, title: string, items: Item[], end: boolean }} SimilarRow */
/** @typedef {{ user_id?: string, who: string, description?: string, likes?: number }} Profile */

/**
 * @typedef {object} State the first page, and the state around it
 * @property {Item[]} items
 * @property {boolean} end
 * @property {Profile | null} profile
 * @property {string | null} token
 * @property {string[]} liked
 * @property {Record<string, string[]>} options of the filters
 * @property {Record<string, string>} filters that are set
 * @property {Record<string, Record<string, number>>} counts of the works that each value would leave
 */

/**
 * @typedef {object} OwnRoom a room of the visitor's own; in a list of rooms `items` are those on its cover
 * @property {string} room_id
 * @property {string} name
 * @property {string} text on its wall
 * @property {"hung" | "colour" | "time"} sorting
 * @property {string | null} share_id of its link
 * @property {Item[]} items
 * @property {Record<string, number>} [positions] where each work hangs, by artwork id
 * @property {number} total works; in a list
 * @property {string[]} has artwork ids; in a list
 */

/** @typedef {HTMLLIElement & { ratio: number, item: Item }} Card */

export {};
