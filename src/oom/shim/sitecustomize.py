"""Put first on PYTHONPATH by `apr run --pytorch`.

Python imports `sitecustomize` at its start. This one waits until the program imports torch, and then asks PyTorch to
record its memory history once CUDA is in use, and to call back when an allocation fails. Each failure leaves two files
in the folder that APR_TORCH_DUMPS names: a small JSON document of facts, and a snapshot as PyTorch's own tools read it.
The program's own sitecustomize is run as if this one were not there. Nothing here may make the program fail.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_DUMPS = os.environ.get("APR_TORCH_DUMPS", "")
_MAX_ENTRIES = 100_000  # operations of the allocator that are remembered: some tens of MiB
_MAX_KEPT = 4  # a program that meets one failure after the other keeps the first ones and the last
_MAX_SNAPSHOTS = 32  # each may take a second: later failures leave their facts alone
_MAX_FRAMES = 200

_met = 0


def _is_here(folder):
    return os.path.abspath(folder or os.curdir) == _HERE


class _TorchFinder:
    """Lets the real finders find torch, and has `_attach` run when the import is done."""

    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        spec = _find(name, path)
        loader = getattr(spec, "loader", None)
        execute = getattr(loader, "exec_module", None)
        if execute is None:
            return None

        def exec_module(module):
            execute(module)
            _attach(module)

        try:
            loader.exec_module = exec_module
        except AttributeError:
            return None
        return spec


def _find(name, path):
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        spec = find_spec(name, path) if find_spec is not None else None
        if spec is not None:
            return spec
    return None


def _attach(torch):
    try:
        if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
            return
        # Runs when CUDA starts, not before: a program may still want to fork, or to choose its device.
        torch.cuda._lazy_call(lambda: _record(torch))
    except Exception as error:
        _tell("no memory history: %r" % (error,))


def _record(torch):
    try:
        memory = torch.cuda.memory
        try:
            memory._record_memory_history("all", stacks="python", max_entries=_MAX_ENTRIES)
        except TypeError:
            # PyTorch 2.0 has other names for the same.
            memory._record_memory_history(
                True, trace_alloc_max_entries=_MAX_ENTRIES, trace_alloc_record_context=True
            )
        torch._C._cuda_attach_out_of_memory_observer(lambda *told: _observe(torch, *told))
    except Exception as error:
        _tell("no memory history: %r" % (error,))


def _observe(torch, device, requested, device_allocated, device_free):
    global _met
    _met += 1
    try:
        name = "oom-%d-%d" % (os.getpid(), min(_met, _MAX_KEPT))
        _write(name + ".json", lambda out: out.write(_facts(torch, device, requested, device_free)))
        if _met <= _MAX_SNAPSHOTS:
            import pickle

            snapshot = torch.cuda.memory._snapshot()
            _write(name + ".pickle", lambda out: pickle.dump(snapshot, out, protocol=4))
    except Exception as error:
        _tell("no snapshot: %r" % (error,))


def _facts(torch, device, requested, device_free):
    import json
    import time
    import traceback

    stats = torch.cuda.memory_stats(device)
    frames = traceback.extract_stack(limit=_MAX_FRAMES)
    free, total = torch.cuda.mem_get_info(device)
    return json.dumps(
        {
            "pid": os.getpid(),
            "time_ns": time.time_ns(),
            "torch": str(torch.__version__),
            "device": device,
            "device_name": torch.cuda.get_device_name(device),
            "requested_bytes": requested,
            "free_bytes": free if free is not None else device_free,
            "total_bytes": total,
            "allocated_bytes": stats.get("allocated_bytes.all.current", 0),
            "reserved_bytes": stats.get("reserved_bytes.all.current", 0),
            "peak_allocated_bytes": stats.get("allocated_bytes.all.peak", 0),
            "peak_reserved_bytes": stats.get("reserved_bytes.all.peak", 0),
            # Outermost first; the frames of this file are left out.
            "stack": [
                "%s:%s %s" % (frame.filename, frame.lineno, frame.name)
                for frame in frames
                if not frame.filename.startswith(_HERE)
            ],
        }
    ).encode("utf-8")


def _write(name, fill):
    path = os.path.join(_DUMPS, name)
    fd = os.open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as out:
        fill(out)
    os.replace(path + ".part", path)


def _tell(text):
    # A note for the report; the program's own stderr stays as it is.
    try:
        with open(os.path.join(_DUMPS, "notes.txt"), "a") as out:
            out.write(text[:500] + "\n")
    except OSError:
        pass


def _run_hidden():
    """Runs the sitecustomize that this file hides, under its own name."""
    path = [folder for folder in sys.path if not _is_here(folder)]
    spec = _find("sitecustomize", path)
    if spec is None or spec.loader is None:
        return
    import importlib.util

    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if os.path.isdir(_DUMPS):
    sys.meta_path.insert(0, _TorchFinder())
_run_hidden()
