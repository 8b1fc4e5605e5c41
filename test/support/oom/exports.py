"""Reads exports by itself: a gzipped pprof profile field by field, or a snapshot with pickle.

  exports.py pprof FILE      the profile as JSON, strings and frames put in
  exports.py snapshot FILE   blocks and events of a snapshot as JSON
"""
import gzip
import json
import pickle
import sys


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
            if len(value) != length:
                raise ValueError("cut short")
        else:
            raise ValueError(f"wire type {key & 7}")
        yield key >> 3, value


def packed(data):
    values, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def pprof(path):
    with gzip.open(path) as file:
        profile = list(fields(file.read()))
    strings = [value.decode() for field, value in profile if field == 6]
    assert strings[0] == ""
    functions, locations = {}, {}
    for field, value in profile:
        if field == 5:
            each = dict(fields(value))
            functions[each[1]] = (strings[each[2]], strings[each.get(4, 0)])
    for field, value in profile:
        if field == 4:
            each = dict(fields(value))
            line = dict(fields(each[4]))
            locations[each[1]] = [*functions[line[1]], line.get(2, 0)]
    types = [[strings[n] for _, n in fields(value)] for field, value in profile if field == 1]
    samples = []
    for field, value in profile:
        if field == 2:
            each = dict(fields(value))
            samples.append({"stack": [locations[n] for n in packed(each[1])], "values": packed(each[2])})
    single = {field: value for field, value in profile if field in (9, 14)}
    print(json.dumps({"types": types, "samples": samples, "time": single.get(9), "default": strings[single[14]]}))


def snapshot(path):
    with open(path, "rb") as file:
        whole = pickle.load(file)
    blocks = [block for segment in whole["segments"] for block in segment["blocks"]]
    print(json.dumps({"keys": sorted(whole), "blocks": blocks, "events": whole["device_traces"][0]}))


{"pprof": pprof, "snapshot": snapshot}[sys.argv[1]](sys.argv[2])
