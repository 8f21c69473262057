"""Connected components against networkx, which walks the graph node by node."""

from __future__ import annotations

from random import Random

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.linkage.connected_components import components

Pairs = list[tuple[int, int]]


def ours(pairs: Pairs) -> dict[int, int]:
    found = components(pl.DataFrame(pairs, schema={"left": pl.Int64, "right": pl.Int64}, orient="row"))
    assert found["node"].is_sorted() and found["node"].is_unique().all()
    return dict(found.iter_rows())


def theirs(pairs: Pairs) -> dict[int, int]:
    graph = nx.Graph()
    graph.add_edges_from(pairs)
    least = [(min(members), members) for members in nx.connected_components(graph)]
    return {node: name for name, members in least for node in members}


few = st.integers(0, 12)
sparse = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=60)
dense = st.lists(st.tuples(few, few), max_size=80)


@given(st.one_of(sparse, dense))
def test_random_graphs(pairs: Pairs) -> None:
    assert ours(pairs) == theirs(pairs)


@given(st.integers(1, 400), st.integers(1, 6), st.randoms(use_true_random=False))
def test_chains_stars_and_rings_under_shuffled_names(size: int, kind: int, luck: Random) -> None:
    shapes = {
        1: nx.path_graph(size),
        2: nx.star_graph(size),
        3: nx.cycle_graph(size),
        4: nx.balanced_tree(2, min(7, size)),
        5: nx.lollipop_graph(3, size),
        6: nx.disjoint_union(nx.path_graph(size), nx.star_graph(size)),
    }
    shape = shapes[kind]
    names = list(range(shape.number_of_nodes()))
    luck.shuffle(names)
    pairs = [
        (names[one], names[other]) if luck.random() < 0.5 else (names[other], names[one])
        for one, other in shape.edges
    ]
    luck.shuffle(pairs)
    assert ours(pairs) == theirs(pairs)


@given(sparse, st.randoms(use_true_random=False))
def test_neither_the_order_of_pairs_nor_their_direction_matters(pairs: Pairs, luck: Random) -> None:
    turned = [pair[::-1] for pair in pairs]
    luck.shuffle(turned)
    assert ours(pairs) == ours(turned) == ours(pairs + turned)


@given(sparse)
def test_components_of_components_are_themselves(pairs: Pairs) -> None:
    once = ours(pairs)
    assert ours(list(once.items())) == once


def test_names_are_ordered_as_text() -> None:
    pairs = pl.DataFrame({"left": ["P10", "P9", "陈"], "right": ["P9", "P2", "陈"]})
    found = components(pairs).rows()
    assert found == [("P10", "P10"), ("P2", "P10"), ("P9", "P10"), ("陈", "陈")]


def test_a_pair_with_a_null_is_no_pair() -> None:
    pairs = pl.DataFrame({"left": ["a", None, "c"], "right": ["b", "c", None]})
    assert components(pairs).rows() == [("a", "a"), ("b", "a")]


def test_no_pairs_no_nodes() -> None:
    found = components(pl.DataFrame(schema={"left": pl.String, "right": pl.String}))
    assert found.is_empty() and found.schema == {"node": pl.String, "component": pl.String}


@pytest.mark.parametrize("shape", ["chain", "star", "random"])
def test_a_hundred_thousand_pairs(shape: str) -> None:
    rng, size = np.random.default_rng(7), 100_000
    names = rng.permutation(size + 1)
    sides = {
        "chain": (names[:-1], names[1:]),
        "star": (np.full(size, names[0]), names[1:]),
        "random": (rng.integers(0, size, size), rng.integers(0, size, size)),
    }[shape]
    frame = pl.DataFrame({"left": sides[0], "right": sides[1]})
    assert dict(components(frame).iter_rows()) == theirs(frame.rows())
