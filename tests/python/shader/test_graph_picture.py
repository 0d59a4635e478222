"""A graph as text, DOT and picture."""

from __future__ import annotations

import re

import pytest

import vulkan_forge as vf
from graphs import N, full

pytestmark = pytest.mark.gpu


def diamond(scale, add):
    a, b, c, d = (full(i) for i in range(1, 5))
    with vf.record() as graph:
        scale(x=vf.param('source "a"', a), y=b, alpha=2.0, threads=N)
        scale(x=a, y=c, alpha=3.0, threads=N)
        add(x=b, y=d, threads=N)
        add(x=c, y=d, threads=N)
        graph.fill(b, 0)
    return graph


def test_text_and_tables(scale, add):
    graph = diamond(scale, add)
    assert repr(graph) == "Graph(5 commands in 3 levels, 2 barriers)"
    assert str(graph).startswith("Graph: 5 commands in 3 levels, 2 barriers\n  0  scale#1  2 x 1 x 1 groups  reads")
    html = graph._repr_html_()
    assert html.count("<tr>") == 6
    assert "&lt;" not in html
    assert {node["name"] for node in graph.nodes} == {"scale#1", "scale#2", "add#1", "add#2", "fill"}
    node = graph.nodes[2]
    assert (node["level"], node["size"], len(node["reads"]), len(node["writes"])) == (1, "2 x 1 x 1 groups", 2, 1)


DOT_LINE = re.compile(
    r'  (label="[^"]*";|node \[.*\];|edge \[.*\];|n\d+ \[label="(\\.|[^"\\])*"\];|'
    r'\{ rank=same;( n\d+;)+ \}|n\d+ -> n\d+ \[label="(\\.|[^"\\])*"\];)'
)


def test_dot(scale, add, tmp_path):
    graph = diamond(scale, add)
    path = tmp_path / "graph.dot"
    graph.save_dot(path)
    first, *lines, last = path.read_text(encoding="utf-8").splitlines()
    assert first == "digraph graph_of_5 {"
    assert last == "}"
    for line in lines:
        assert DOT_LINE.fullmatch(line), line
    text = path.read_text(encoding="utf-8")
    assert text.count(" -> ") == len({edge[:2] for edge in graph.edges})
    assert "y: read after write" in text


def test_a_picture(scale, add, tmp_path):
    graph = diamond(scale, add)
    graph.save_png(tmp_path / "graph.png")
    picture = vf.png_to_numpy(tmp_path / "graph.png")
    assert min(picture.shape[:2]) > 200
    assert 0.02 < (picture[..., 0] < 128).mean() < 0.5
    with vf.record() as empty:
        pass
    empty.save_png(str(tmp_path / "empty.png"))


def test_a_picture_that_would_be_too_large_is_refused(scale, tmp_path):
    x = full(1, 4)
    with vf.record() as graph:
        for _ in range(200):
            scale(x=x, y=vf.empty(4), alpha=2.0, threads=4)
    with pytest.raises(vf.LimitError, match="save_dot"):
        graph.save_png(tmp_path / "large.png")
    assert not (tmp_path / "large.png").exists()
