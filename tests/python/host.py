"""A host for Stocktake's components in Python: wasmtime-py, and the capabilities in plain Python.

`report` does all tasks of one run over a directory; `inventory` makes the calls of a script. What they leave and print
has to be what the bundled host leaves and prints for the same input.
"""

import argparse
import bisect
import hashlib
import itertools
import json
import os
import time
from collections import deque

from wasmtime import Config, Engine, Store
from wasmtime.component import Component, Linker, Record, Variant

HOST = "stocktake:host/{}@0.1.0"
FUNCTIONS = "stocktake:functions/{}@0.1.0"


def record(**fields):
    """A record: WIT names its fields with `-`, Python cannot."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


def no(case, text=None):
    return Variant(case, text)


class Objects:
    """Folders of files as buckets, listed in the order of key bytes."""

    def __init__(self, buckets):
        self.buckets = buckets

    def functions(self):
        return {"list-page": self.list_page, "read-range": self.absent, "head-many": self.head_many,
                "bucket-policy": self.absent}

    def list_page(self, _store, bucket, options, cursor):
        if bucket not in self.buckets:
            return no("no-such-bucket")
        limit = getattr(options, "max-entries")
        if not 1 <= limit <= 1000:
            return no("invalid-argument", f"a page of {limit} entries")
        after = cursor if cursor is not None else getattr(options, "start-after")
        names = self.names(self.buckets[bucket])
        begin = 0 if after is None else bisect.bisect_right(names, (after.encode("utf-8"), True))
        prefix, entries, unlisted = options.prefix.encode("utf-8"), [], 0
        until = None if options.until is None else options.until.encode("utf-8")
        has_more = False
        for name, is_key in names[begin:]:
            if not name.startswith(prefix):
                continue
            if until is not None and name > until:
                break
            if len(entries) == limit:
                has_more = True
                break
            if is_key:
                entries.append((name.decode("utf-8"), *self.stat(self.buckets[bucket], name)))
            else:
                unlisted += 1
        return record(entries=self.columns(entries), next=entries[-1][0] if has_more else None, unlisted=unlisted)

    def names(self, folder, path=b""):
        """Every name in order, and whether it is a key; below a name that is none there is nothing."""
        names = []
        with os.scandir(os.path.join(folder, path)) as entries:
            for entry in entries:
                name = path + entry.name
                if path == b"" and entry.name == b".stocktake-uploads":
                    continue
                is_folder = entry.is_dir(follow_symlinks=False)
                try:
                    name.decode("utf-8")
                except UnicodeDecodeError:
                    names.append((name, False))
                    continue
                if is_folder:
                    names += self.names(folder, name + b"/")
                elif entry.is_file(follow_symlinks=False):
                    names.append((name, True))
        return sorted(names)

    def stat(self, folder, name):
        told = os.stat(os.path.join(folder, name), follow_symlinks=False)
        return told.st_size, told.st_mtime_ns // 1_000_000

    def columns(self, entries):
        """A page by column; what a folder does not know is left out."""
        keys = [key for key, _, _ in entries]
        ends = list(itertools.accumulate(len(key.encode("utf-8")) for key in keys))
        nothing = record(joined="", ends=[])
        return record(
            keys=record(joined="".join(keys), ends=ends), sizes_bytes=[size for _, size, _ in entries],
            last_modified_millis=[millis for _, _, millis in entries], etags=nothing, storage_classes=nothing,
            version_ids=nothing, are_latest=[], are_delete_markers=[], owner_ids=nothing,
            checksum_algorithms=nothing,
        )

    def head_many(self, _store, bucket, refs, _kinds):
        """The size of each file; nothing else is known of one."""
        details = []
        for ref in refs:
            path = os.path.join(self.buckets[bucket], ref.key.encode("utf-8"))
            size = os.path.getsize(path) if os.path.isfile(path) else None
            details.append(None if size is None else self.detail(size))
        return details

    def detail(self, size):
        return record(
            size_bytes=size, last_modified=None, etag=None, content_type=None, encryption_status=None,
            bucket_key_enabled=None, replication_status=None, object_lock_mode=None, object_lock_retain_until=None,
            object_lock_legal_hold=None, access_tier=None, expires_at=None, crc64=None, user_metadata=[], tags=None,
            acl=None,
        )

    def absent(self, _store, *arguments):
        raise NotImplementedError("nobody is expected to call this")


class Uploads:
    """Writes into folders, all at once."""

    def __init__(self, buckets):
        self.buckets = buckets
        self.begun = {}

    def functions(self):
        return {"put": self.put, "begin": self.begin, "write-part": self.write_part, "complete": self.complete,
                "abort": self.abort, "abort-all": self.abort_all}

    def put(self, _store, bucket, key, body, options):
        if options.precondition.tag != "none" or options.encryption.tag != "bucket-default":
            raise NotImplementedError("a report asks for neither")
        path = os.path.join(self.buckets[bucket], key.encode("utf-8"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(body)
        return hashlib.md5(body).hexdigest()

    def begin(self, _store, bucket, key, options):
        upload = f"upload {len(self.begun)}"
        self.begun[upload] = {}
        return Variant("ok", upload)

    def write_part(self, _store, bucket, key, upload, number, body):
        self.begun[upload][number] = body
        return record(number=number, etag=hashlib.md5(body).hexdigest())

    def complete(self, store, bucket, key, upload, parts, options):
        stored = self.begun.pop(upload)
        return self.put(store, bucket, key, b"".join(stored[part.number] for part in parts), options)

    def abort(self, _store, bucket, key, upload):
        self.begun.pop(upload, None)

    def abort_all(self, _store, bucket, key):
        raise NotImplementedError("nobody is killed here")


class State:
    """Records in a dictionary."""

    def __init__(self):
        self.items = {}
        self.writes = 0

    def functions(self):
        return {"get": self.get, "put": self.put, "delete": self.delete, "list": self.list}

    def get(self, _store, key):
        return self.item(key) if key in self.items else None

    def item(self, key):
        value, revision = self.items[key]
        return record(key=key, value=value, revision=revision)

    def holds(self, key, condition):
        if condition.tag == "absent":
            return key not in self.items
        if condition.tag == "unchanged":
            return key in self.items and self.items[key][1] == condition.payload
        return True

    def put(self, _store, key, value, condition):
        if not self.holds(key, condition):
            return None
        self.writes += 1
        self.items[key] = (value, self.writes)
        return self.writes

    def delete(self, _store, key, condition):
        if key not in self.items or not self.holds(key, condition):
            return None
        return self.items.pop(key)[1]

    def list(self, _store, prefix, cursor):
        keys = sorted((key for key in self.items if key.startswith(prefix)), key=lambda key: key.encode("utf-8"))
        left = [key for key in keys if cursor is None or key.encode("utf-8") > cursor.encode("utf-8")]
        page = left[:1000]
        return record(items=[self.item(key) for key in page], next=page[-1] if len(left) > len(page) else None)


class Clock:
    """A clock that stands still."""

    def __init__(self, seconds):
        self.seconds = seconds

    def functions(self):
        return {"now": lambda _store: record(seconds=self.seconds, nanoseconds=0),
                "resolution": lambda _store: record(seconds=1, nanoseconds=0)}


class Stopwatch:
    """Time since the start, in nanoseconds."""

    def functions(self):
        return {"now": lambda _store: time.monotonic_ns(), "resolution": lambda _store: 1}


class Guest:
    """A component, of which every call gets a new instance."""

    def __init__(self, path, supplies):
        config = Config()
        config.wasm_component_model = True
        self.engine = Engine(config)
        self.component = Component.from_file(self.engine, path)
        self.linker = Linker(self.engine)
        # A world lists what a component can do, so nothing but that is supplied.
        imported = self.component.type.imports(self.engine)
        with self.linker.root() as root:
            for name, supply in supplies.items():
                if name not in imported:
                    raise SystemExit(f"{path} does not import {name}")
                with root.add_instance(name) as interface:
                    for function, implementation in supply.functions().items():
                        interface.add_func(function, implementation)

    def call(self, interface, function, *arguments):
        store = Store(self.engine)
        instance = self.linker.instantiate(store, self.component)
        at = instance.get_export_index(store, interface)
        found = instance.get_func(store, instance.get_export_index(store, function, at))
        return found(store, *arguments)


def report(told):
    """Does all tasks of a run."""
    with open(told.plan, "rb") as file:
        plan = file.read()
    run = json.loads(plan)
    buckets = {run["bucket"]: os.fsencode(told.tree), told.destination_bucket: os.fsencode(told.destination)}
    supplies = {
        HOST.format("objects"): Objects(buckets), HOST.format("uploads"): Uploads(buckets),
        HOST.format("state"): State(), "wasi:clocks/wall-clock@0.2.0": Clock(told.now),
        "wasi:clocks/monotonic-clock@0.2.0": Stopwatch(),
    }
    guest = Guest(told.component, supplies)
    first = {"name": f"{run['run']}/plan", "component": "report-writer", "kind": "plan", "input": plan, "delay_ms": 0}
    tasks, done = deque([record(**first)]), 0
    while tasks:
        # The last one first: no component may depend on an order.
        task = tasks.pop()
        answer = guest.call(FUNCTIONS.format("tasks"), "handle", task)
        if not isinstance(answer, list):
            raise SystemExit(f"{task.name} failed: {answer if isinstance(answer, str) else answer.reason}")
        tasks.extend(answer)
        done += 1
    state = supplies[HOST.format("state")]
    print(json.dumps({"tasks": done, "record": json.loads(state.items[f"runs/{run['run']}/record"][0])}))


def plain(value):
    """What a component answers, as JSON has it."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Variant):
        return {value.tag: plain(value.payload)}
    if isinstance(value, Record):
        return {name.replace("-", "_"): plain(one) for name, one in vars(value).items()}
    return value


def inventory(told):
    """Makes the calls of a script, one line of JSON each: the function and its arguments."""
    guest = Guest(told.component, {HOST.format("state"): State()})
    with open(told.calls, encoding="utf-8") as file:
        for line in file:
            function, *arguments = json.loads(line)
            if function in ("validate", "put"):
                document = 0 if function == "validate" else 2
                arguments[document] = arguments[document].encode("utf-8")
            answer = guest.call(FUNCTIONS.format("inventory-config"), function, *arguments)
            print(json.dumps(plain(answer), sort_keys=True, ensure_ascii=False))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--component", required=True)
    words = parser.add_subparsers(required=True)
    making = words.add_parser("report")
    making.add_argument("--plan", required=True, help="the input of the first task")
    making.add_argument("--tree", required=True, help="the folder that is the source bucket")
    making.add_argument("--destination", required=True, help="the folder that is the destination bucket")
    making.add_argument("--destination-bucket", required=True)
    making.add_argument("--now", required=True, type=int, help="seconds since the epoch")
    making.set_defaults(work=report)
    keeping = words.add_parser("inventory")
    keeping.add_argument("--calls", required=True)
    keeping.set_defaults(work=inventory)
    told = parser.parse_args()
    told.work(told)


main()
