"""What comes with a decoded picture beside its samples, whatever else comes with it."""

from typing import Any, Final

import av
from av.filter import Graph
from av.sidedata.sidedata import Type

_UNNAMED: Final = range(len(Type), len(Type) + 16)
"""Kinds that FFmpeg may know and PyAV does not: where there is one of them, it gives none at all."""


def side_data_of(picture: av.VideoFrame) -> dict[str, bytes]:
    """Return the data of every kind that PyAV knows, by FFmpeg's name."""
    try:
        entries: list[Any] = list(picture.side_data)
    except ValueError:
        entries = list(_without_unnamed(picture).side_data)
    return {entry.type.name: bytes(entry) for entry in entries}


def _without_unnamed(picture: av.VideoFrame) -> av.VideoFrame:
    """Return the same picture without the data of kinds that PyAV does not know."""
    graph = Graph()
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
    )
    deleting = [graph.add("sidedata", f"mode=delete:type={number}") for number in _UNNAMED]
    graph.link_nodes(source, *deleting, graph.add("buffersink")).configure()
    graph.push(picture)
    return graph.vpull()
