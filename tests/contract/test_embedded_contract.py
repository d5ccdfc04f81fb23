"""The embedded project has no parameter that the SDK lacks, has the same order, and adds no name of its own"""

import inspect

import pytest

from art_recsys.platform.embedded import Project, Unsupported
from art_recsys.platform.embedded.base import Embedded, sdk_class
from art_recsys.platform.embedded.datasets import DatasetApi
from art_recsys.platform.embedded.group import FeatureGroup
from art_recsys.platform.embedded.jobs import Execution, Job, JobApi
from art_recsys.platform.embedded.query import Query
from art_recsys.platform.embedded.registry import Framework, Model, ModelRegistry
from art_recsys.platform.embedded.serving import Deployment, ModelServing, Predictor, Transformer
from art_recsys.platform.embedded.store import FeatureStore
from art_recsys.platform.embedded.view import FeatureView

CLASSES = [
    Project,
    FeatureStore,
    FeatureGroup,
    Query,
    FeatureView,
    ModelRegistry,
    Model,
    ModelServing,
    Deployment,
    Predictor,
    Transformer,
    JobApi,
    Job,
    Execution,
    DatasetApi,
]
NAMES = {"self", "others"}


def public(cls):
    "Names that the class or its embedded bases define"
    bases = [c for c in cls.__mro__ if c is not Embedded and issubclass(c, Embedded)]
    return list(dict.fromkeys(n for c in bases for n in vars(c) if not n.startswith("_")))


def methods(cls):
    return [n for n in public(cls) if inspect.isfunction(getattr(cls, n))]


CALLS = [pytest.param(c, m, id=f"{c.__name__}.{m}") for c in CLASSES for m in methods(c)]


def check(ours, theirs):
    ours = [p for p in inspect.signature(ours).parameters.values() if p.name not in NAMES]
    theirs = [p for p in inspect.signature(theirs).parameters.values() if p.name != "self"]
    known = {p.name: p for p in theirs}
    assert not (unknown := [p.name for p in ours if p.name not in known]), f"the SDK does not know {unknown}"
    positional = [p.name for p in ours if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == [p.name for p in theirs][: len(positional)], "another order of arguments"
    required = [p.name for p in theirs if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    assert not (lacking := [n for n in required if n not in {p.name for p in ours}]), f"lacks {lacking}"
    for p in ours:
        assert (p.default is p.empty) == (known[p.name].default is inspect.Parameter.empty), (
            f"{p.name} is optional on one side"
        )
        if p.default is not p.empty:
            assert p.default == known[p.name].default, f"{p.name} has another default"


@pytest.mark.parametrize("cls, method", CALLS)
def test_a_call_has_the_sdks_signature(cls, method):
    check(getattr(cls, method), getattr(sdk_class(cls._sdk), method))


@pytest.mark.parametrize("framework", ["python", "tensorflow"])
def test_create_model_has_the_sdks_signature(framework):
    import importlib

    check(Framework.create_model, importlib.import_module(f"hsml.{framework}.signature").create_model)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_every_public_name_is_the_sdks(cls):
    sdk = sdk_class(cls._sdk)
    mro = "".join(inspect.getsource(c) for c in sdk.__mro__[:-1])
    assert not [n for n in public(cls) if not hasattr(sdk, n) and f"self.{n} = " not in mro]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_what_the_sdk_has_and_we_do_not_is_refused_by_name(cls):
    thing = cls.__new__(cls)
    if cls is Query:
        thing._left_features, thing._joins = [], []  # it looks a name up among its features first
    missing = [n for n in dir(sdk_class(cls._sdk)) if not n.startswith("_") and n not in dir(cls)]
    assert missing or cls in (Query, Transformer)
    for name in missing:
        with pytest.raises(Unsupported, match=f"{cls.__name__}.{name}"):
            getattr(thing, name)
    with pytest.raises(AttributeError, match="no attribute"):
        _ = thing.no_such_call
