"""Makes memory snapshots in the shapes that PyTorch writes, and tells what Python's own pickle reads.

  snapshot.py make FOLDER          one file for each case, named after it
  snapshot.py big FILE MEGABYTES   one long history, written entry by entry
  snapshot.py peaks FILE...        one JSON line a snapshot: each device's peaks, and who held most at the peak
  snapshot.py read LIST            LIST holds pickles, each behind its length in 4 bytes (little-endian);
                                   one line a pickle: the SHA-256 of its canonical text, or `error`
"""
import hashlib
import io
import itertools
import json
import pickle
import random
import struct
import sys


def frames_of(rng, pool):
    """A stack as PyTorch has it: the innermost first, each frame one dict that many stacks share."""
    return [rng.choice(pool) for _ in range(rng.randint(1, 12))]


def frame_pool(rng, count):
    names = ["forward", "backward", "__call__", "main", "größe", "step"]
    return [
        {"name": rng.choice(names), "filename": f"/src/layer_{rng.randint(0, 40)}.py", "line": rng.randint(1, 70000)}
        for _ in range(count)
    ]


def trace_of(rng, entries, pool, timed):
    trace, live = [], []
    now = 1_795_000_000_000_000
    for index in range(entries):
        now += rng.randint(1, 900)
        if live and rng.random() < 0.48:
            entry = dict(live.pop(rng.randrange(len(live))))
            entry["action"] = rng.choice(["free_completed", "free_requested"])
            if entry["action"] == "free_requested":
                trace.append(stamped(dict(entry), now, timed))
                entry["action"] = "free_completed"
        else:
            entry = {
                "action": "alloc",
                "addr": 0x7F0000000000 + index * 512,
                "size": rng.choice([4, 512, 70_000, 3_000_000, 5_000_000_000]),
                "stream": rng.choice([0, 0, 94_000_000_000_000, -3, 2**63 + 5]),
                "frames": frames_of(rng, pool),
            }
            live.append(entry)
        trace.append(stamped(entry, now, timed))
    if entries > 3:
        oom = {"action": "oom", "device_free": 1 << 20, "size": 1 << 30, "stream": 0, "frames": frames_of(rng, pool)}
        trace.append(stamped(oom, now, timed))
    return trace, live


def stamped(entry, now, timed):
    return {**entry, "time_us": now} if timed else entry


def block_of(rng, schema, entry):
    size = (entry["size"] + 511) // 512 * 512
    if schema == "history":
        past = {"addr": entry["addr"], "real_size": entry["size"], "frames": entry["frames"]}
        return {"size": size, "state": "active_allocated", "history": [past]}
    block = {"address": entry["addr"], "size": size, "state": "active_allocated", "frames": entry["frames"]}
    return {**block, "requested_size": entry["size"]} if schema == "requested" else block


def segment_of(rng, schema, live, device=0):
    blocks = [block_of(rng, schema, entry) for entry in live]
    blocks.append({"size": 4096, "state": "inactive"} | ({} if schema == "history" else {"address": 4096, "frames": []}))
    used = sum(block["size"] for block in blocks[:-1])
    return {
        "device": device,
        "address": 0x7F0000000000,
        "total_size": used + 4096,
        "allocated_size": used,
        "active_size": used,
        "stream": 0,
        "segment_type": "large",
        "segment_pool_id": (0, 0),
        "is_expandable": rng.random() < 0.5,
        "blocks": blocks,
    }


def snapshot_of(seed, schema, entries, traces=1, timed=True):
    rng = random.Random(seed)
    pool = frame_pool(rng, 30)
    made = [trace_of(rng, entries, pool, timed) for _ in range(traces)]
    whole = {
        "segments": [segment_of(rng, schema, live, device) for device, (_, live) in enumerate(made)],
        "device_traces": [trace for trace, _ in made],
    }
    if rng.random() < 0.7:
        whole["allocator_settings"] = {"max_split_size": -1, "garbage_collection_threshold": 0.0, "conf": None}
        whole["external_annotations"] = [{"stage": "START", "name": "größe", "device": 0, "time_us": 2**70}]
    return whole


def with_segment_events(whole):
    """Segments come and go: 8 MiB before every tenth event, and half of them end again."""
    made = []
    for index, entry in enumerate(whole["device_traces"][0]):
        if index % 10 == 0:
            segment = {"action": "segment_alloc", "addr": 0x100000000 + index * 2**23, "size": 2**23, "stream": 0, "frames": []}
            made.append(stamped(segment, entry["time_us"], True))
        if index % 20 == 19:
            made.append(stamped({**segment, "action": "segment_free"}, entry["time_us"], True))
        made.append(entry)
    whole["device_traces"] = [made]
    left = sum({"segment_alloc": 2**23, "segment_free": -(2**23)}.get(entry["action"], 0) for entry in made)
    whole["segments"].append({**whole["segments"][0], "total_size": left, "blocks": []})
    return whole


def torch_pickle(value):
    """As PyTorch's own pickler in C++ writes it: protocol 2, all items of a container under one mark."""
    out, texts = bytearray(b"\x80\x02"), {}

    def put(value):
        if isinstance(value, bool):
            out.extend(b"\x88" if value else b"\x89")
        elif isinstance(value, int):
            small = -(2**31) <= value < 2**31
            out.extend(b"J" + struct.pack("<i", value) if small else b"\x8a\x08" + struct.pack("<q", value))
        elif isinstance(value, str) and value in texts:
            out.extend(b"j" + struct.pack("<I", texts[value]))
        elif isinstance(value, str):
            texts[value] = len(texts)
            data = value.encode()
            out.extend(b"X" + struct.pack("<I", len(data)) + data + b"r" + struct.pack("<I", texts[value]))
        elif isinstance(value, (list, tuple)):
            out.extend(b"](")
            for item in value:
                put(item)
            out.extend(b"e")
        elif isinstance(value, dict):
            out.extend(b"}(")
            for key, item in value.items():
                put(key)
                put(item)
            out.extend(b"u")
        else:
            out.extend(b"N")

    put(value)
    return bytes(out + b".")


def without_large(value):
    """Integers of 64 bits, as C++ has them."""
    if isinstance(value, dict):
        return {key: without_large(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(without_large, value))
    return value % 2**62 if isinstance(value, int) and not isinstance(value, bool) and value >= 2**63 else value


def cases():
    for schema in ["requested", "address", "history"]:
        for entries in [0, 1, 5, 60, 1500]:
            yield f"{schema}-{entries}", snapshot_of(entries, schema, entries, timed=schema == "requested")
    for traces in [0, 2, 3]:
        yield f"traces-{traces}", snapshot_of(traces, "requested", 40, traces)
    whole = snapshot_of(9, "requested", 50)
    for cut in [1, 17, 33]:
        late = snapshot_of(cut, "requested", 80)
        late["device_traces"] = [trace[cut:] for trace in late["device_traces"]]
        yield f"late-{cut}", late
    yield "reserved", with_segment_events(snapshot_of(5, "requested", 60))
    yield "traces-only", {"device_traces": whole["device_traces"]}
    yield "segments-only", {"segments": whole["segments"]}
    yield "bare-list", whole["segments"]
    yield "many-keys", {**{f"key {index}": index for index in range(2500)}, **whole}
    yield "empty", {}
    yield "a-number", -(2**63)
    yield "numbers", {"n": [sign * (1 << bit) + d for bit in range(0, 130, 3) for d in (-1, 0, 1) for sign in (-1, 1)]}
    yield "floats", {"f": [0.0, -0.0, 1.5, float("inf"), float("nan"), 1e-310]}
    yield "tuples", {"t": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, ("x", None, True))]}
    yield "texts", {"s": ["", "a" * 300, "\n\"\\\x00\x7f", "\u2028é😀", "b" * 70000]}


def canonical(value):
    if value is None:
        return "n"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return "d" + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ",".join(map(canonical, value)) + ")"
    if isinstance(value, dict):
        return "{" + ",".join(f"{canonical(key)}:{canonical(item)}" for key, item in value.items()) + "}"
    return "?" + type(value).__name__


class Restricted(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError("no globals")


def read_all(path):
    with open(path, "rb") as file:
        while header := file.read(4):
            data = file.read(struct.unpack("<I", header)[0])
            try:
                text = canonical(Restricted(io.BytesIO(data)).load())
                print(hashlib.sha256(text.encode()).hexdigest())
            except Exception:
                print("error")


def block_now(block):
    """Address, requested bytes and frames of an allocated block; None for bytes that only stand rounded."""
    past = (block.get("history") or [{}])[0]
    address = block.get("address", past.get("addr"))
    return address, block.get("requested_size", past.get("real_size")), block.get("frames", past.get("frames"))


def replay(trace, before):
    """The live blocks after each event, from a start that is given."""
    live, ending = dict(before), set()
    for entry in trace:
        action, address = entry["action"], entry.get("addr")
        if action == "alloc":
            live[address] = (entry["size"], entry.get("frames") or [])
            ending.discard(address)
        elif action in ("free_requested", "free_completed"):
            if action == "free_completed" and address in ending:
                ending.discard(address)
            else:
                if action == "free_requested":
                    ending.add(address)
                yield ("unknown", address, entry["size"]) if address not in live else None
                live.pop(address, None)
        yield live


def device_peaks(trace, segments):
    """In two passes: the first finds what was there before the first event, the second adds up."""
    before, last = {}, {}
    for state in replay(trace, {}):
        if isinstance(state, tuple):
            before[("lost", len(before), state[1])] = (state[2], [])
        elif state is not None:
            last = dict(state)
    blocks = [block_now(block) for segment in segments for block in segment["blocks"] if block["state"] == "active_allocated"]
    early = {at: (size, frames or []) for at, size, frames in blocks if at not in last and size is not None}
    lost = {}
    for (_, _, address), (size, frames) in before.items():
        lost.setdefault(address, (size, frames))
    peak, holders = None, {}
    start = {**early, **lost}
    for state in itertools.chain([start], replay(trace, start)):
        if isinstance(state, dict):
            total = sum(size for size, _ in state.values())
            if peak is None or total > peak:
                peak, holders = total, {}
                for size, frames in state.values():
                    key = json.dumps(frames)
                    holders[key] = holders.get(key, 0) + size
    return peak, sorted(holders.values(), reverse=True)


def peaks(path):
    with open(path, "rb") as file:
        whole = Restricted(file).load()
    found = []
    for device, trace in enumerate(whole.get("device_traces", [])):
        if not trace:
            continue
        segments = [each for each in whole.get("segments", []) if each["device"] == device]
        peak, holders = device_peaks(trace, segments)
        net = highest = 0
        for entry in trace:
            sign = {"segment_alloc": 1, "segment_map": 1, "segment_free": -1, "segment_unmap": -1}.get(entry["action"], 0)
            net += sign * entry.get("size", 0)
            highest = max(highest, net)
        reserved = sum(each["total_size"] for each in segments) - net + highest
        found.append({"device": device, "allocated": peak, "reserved": reserved, "holders": holders[:5]})
    print(json.dumps(found))


def make(folder):
    for name, value in cases():
        for protocol in [2, 3, 4, 5]:
            with open(f"{folder}/{name}.p{protocol}.pickle", "wb") as file:
                pickle.dump(value, file, protocol)
    # Long enough for old pages of the memo to be packed; the first stack is asked for again at the very end.
    value = snapshot_of(12, "requested", 9000)
    value["again"] = [value["device_traces"][0][0]["frames"], value["device_traces"][0][0]["frames"][0]]
    with open(f"{folder}/packed.pickle", "wb") as file:
        pickle.dump(value, file, 4)
    for entries in [1, 3, 4000]:
        value = without_large(snapshot_of(entries, "requested", entries))
        with open(f"{folder}/torch-{entries}.pickle", "wb") as file:
            file.write(torch_pickle(value))


def big(path, megabytes):
    """One trace of as many entries as make up the size; what is alive stays near 2,000 blocks."""
    rng = random.Random(1)
    pool = frame_pool(rng, 4000)
    stacks = [[rng.choice(pool) for _ in range(rng.randint(20, 60))] for _ in range(5000)]
    entries = megabytes * 1_000_000 // 260
    trace, live, now = [], [], 1_795_000_000_000_000
    for index in range(entries):
        now += rng.randint(1, 9)
        if len(live) > 2000 or (live and rng.random() < 0.4):
            old = live.pop(rng.randrange(len(live)))
            entry = {**old, "action": "free_completed", "time_us": now}
        else:
            # A list of its own for each event, as PyTorch makes it; its frames are shared.
            entry = {
                "action": "alloc",
                "addr": 0x7F0000000000 + index * 512,
                "size": rng.randint(1, 1 << 24),
                "stream": 0,
                "time_us": now,
                "frames": list(rng.choice(stacks)),
            }
            live.append(entry)
        trace.append(entry)
    segments = [segment_of(rng, "requested", live)]
    with open(path, "wb") as file:
        pickle.dump({"segments": segments, "device_traces": [trace], "allocator_settings": {}}, file, 4)


def main():
    command, *args = sys.argv[1:]
    if command == "make":
        make(args[0])
    elif command == "peaks":
        for path in args:
            peaks(path)
    elif command == "big":
        big(args[0], int(args[1]))
    else:
        read_all(args[0])


main()
