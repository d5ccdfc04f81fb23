"""The constants of the behaviour model: what a page shows, how often users come back, what they click."""

from dataclasses import dataclass

__all__ = ["BEHAVIOUR", "Behaviour"]


@dataclass(frozen=True)
class Behaviour:
    """How simulated users behave. Every number of the behaviour model is here.

    A page of recommendations mixes three policies. A user examines it from the top to the bottom (position bias).
    """

    # a page of recommendations
    taste_per_page: int = 5  # Artworks of a page that fit the user's taste
    popular_per_page: int = 4  # Artworks of a page drawn by popularity
    random_per_page: int = 3  # Artworks of a page drawn uniformly from the catalogue
    page_temperature: float = 0.45  # Randomness of the part that fits the taste: 0 always shows the best
    # sessions
    sessions_median: float = 5.0  # Median number of sessions per user
    sessions_sigma: float = 0.75  # Sigma of the log-normal number of sessions: a few users come very often
    sessions_most: int = 60  # Sessions per user at most
    extra_pages: float = 0.55  # Mean number of pages per session after the first
    # kinds of taste, in the order of `kinds.KINDS`: subject, palette and mood, hand, period and style, mix
    kind_shares: tuple[float, ...] = (0.3, 0.2, 0.2, 0.15, 0.15)  # Shares of users
    # interests and their focus
    interest_shares: tuple[float, float, float] = (0.3, 0.4, 0.3)  # Shares of users with one, two, three interests
    focus_penalty: float = 0.25  # Utility that an interest loses while the focus is elsewhere
    focus_start: float = 1.5  # Log odds of the first interest in the first session
    focus_fade: float = 0.5  # Log odds that the first interest loses with each session, for eight sessions
    focus_drift: float = 0.6  # Standard deviation of the step of the focus from one session to the next
    # clicks and likes
    popularity_weight: float = 0.06  # Weight of an artwork's base popularity in its utility
    wanted: tuple[float, int, int] = (0.03, 24, 400)  # Artworks a user could like: share of the catalogue, least, most
    like_slope: float = 2.4  # Steepness of the probability of a like as a function of the appeal
    click_margin: float = 0.35  # Appeal added for a click, which commits to less than a like
    position_bias: float = 0.06  # Position r of a page is examined with probability 1/(1 + position_bias*(r - 1))
    unlike_rate: float = 0.03  # Share of likes that are taken back
    hide_rate: float = 0.015  # Probability that a shown artwork of low appeal is hidden
    hide_below: float = -0.8  # Appeal below which an artwork may be hidden

    @property
    def page_size(self) -> int:
        "Artworks per page of recommendations"
        return self.taste_per_page + self.popular_per_page + self.random_per_page


BEHAVIOUR = Behaviour()  # The defaults, with which the crowd of a home is made
