"""What a writer gives back: a description or a profile, and the error of one answer that cannot be used.

The two answers are Pydantic models. A language model gets them as the JSON schema that its answer must match. Limits
that a strict schema cannot express are validators: a long text is cut, an empty one is an error.
"""

from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from .texts import clean

__all__ = ["FORMS", "Description", "Profile", "WriterError"]


def _not_empty(v: str) -> str:
    if not v:
        raise ValueError("the text is empty")
    return v


class Description(BaseModel):
    "A picture by colour, mood and aesthetic"

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, AfterValidator(partial(clean, limit=800, lines=4)), AfterValidator(_not_empty)]


class Profile(BaseModel):
    "The profile of a user who likes certain works"

    model_config = ConfigDict(extra="forbid")
    age: Annotated[int, Field(ge=10, le=110)]
    gender: Annotated[Literal["F", "M", "N"], BeforeValidator(lambda v: v.strip().upper() if isinstance(v, str) else v)]
    description: Annotated[str, AfterValidator(partial(clean, limit=600)), AfterValidator(_not_empty)]


FORMS: dict[str, type[Description] | type[Profile]] = {"describe": Description, "profile": Profile}


class WriterError(Exception):
    """One answer that could not be used; the run goes on.

    `kind` is `refused` (the model will not answer), `truncated` (cut off at the limit of tokens), `invalid` (it does
    not fit the form), `rejected` (the server calls the request wrong) or `unreachable` (no answer after all retries).
    """

    def __init__(
        self,
        kind: str,  # one of the five above
        detail: str = "",  # of the API; bounded here
    ):
        self.kind = kind
        super().__init__(f"{kind}: {clean(detail, 280)}")
