"""Whole pictures of interlaced ones by FFmpeg's bwdif: as many, at the same times; others pass as they are."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import av
from av.filter import Graph

_Kind: TypeAlias = tuple[str, int, int]


def deinterlaced(pictures: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Keep the lines of every interlaced picture's first field, and make the others from it and its neighbours."""
    graph: Graph | None = None
    kind: _Kind | None = None
    for picture in pictures:
        if graph is not None and kind != _kind_of(picture):
            yield from _pushed(graph, None)
            graph = None
        if graph is None:
            kind, graph = _kind_of(picture), _graph_for(picture)
        yield from _pushed(graph, picture)
    if graph is not None:
        yield from _pushed(graph, None)


def _kind_of(picture: av.VideoFrame) -> _Kind:
    return picture.format.name, picture.width, picture.height


def _graph_for(picture: av.VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
    )
    graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink"))
    graph.configure()
    return graph


def _pushed(graph: Graph, picture: av.VideoFrame | None) -> Iterator[av.VideoFrame]:
    """Put one picture in, None at the end, and take out what is ready."""
    graph.push(picture)
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
