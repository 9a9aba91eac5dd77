"""Dolby Vision's layer in its smallest form: one unit behind every HEVC picture that maps nothing to nothing."""

import av

_START: bytes = b"\0\0\0\1\x7c\1"  # of a unit of type 62


def with_layer(packet: av.Packet) -> av.Packet:
    """Return the packet with a unit of profile 8 behind the picture."""
    layered = av.Packet(bytes(packet) + _START + _escaped(_mapping()))
    layered.pts, layered.dts, layered.time_base = packet.pts, packet.dts, packet.time_base
    layered.is_keyframe, layered.duration, layered.stream = packet.is_keyframe, packet.duration, packet.stream
    return layered


def _mapping() -> bytes:
    """Return a unit's content: format 18, 10 bit below and no residual; every colour maps to itself."""
    head = f"{2:06b}{18:011b}{1:04b}{0:04b}" + "1000" + _golomb(23) + "010" + _golomb(2) * 2 + _golomb(4) + "000001"
    pivots = (_golomb(0) + f"{0:010b}{1023:010b}") * 3
    line = _golomb(0) * 2 + "0" + _golomb(0) + "0" * 23 + "010" + "0" * 23
    bits = head + "00" + _golomb(0) * 3 + pivots + _golomb(0) * 2 + line * 3
    bits += "0" * (-len(bits) % 8)
    return b"\x19" + int(bits, 2).to_bytes(len(bits) // 8, "big") + b"\1\2\3\4\x80"


def _golomb(value: int) -> str:
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


def _escaped(content: bytes) -> bytes:
    """Keep a content from looking like the start of a unit."""
    out = bytearray()
    for byte in content:
        if out.endswith(b"\0\0") and byte <= 3:
            out.append(3)
        out.append(byte)
    return bytes(out)
