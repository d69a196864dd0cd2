"""Reads a finished report with pyarrow and duckdb and compares it with the directory, row by row.

Everything that the report should say is worked out here anew, from the directory and the configuration alone. Prints
one line of JSON with what was compared; any difference ends it with an error.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import zlib
from datetime import datetime, timezone
from urllib.parse import quote

import duckdb
import pyarrow
import pyarrow.csv
import pyarrow.orc
import pyarrow.parquet

STRING, BOOLEAN, INT32, INT64, TIME = "string", "boolean", "int32", "int64", "time"

# Every optional field of an inventory configuration with its columns, in report order: "Amazon S3 Inventory list" in
# the Amazon S3 user guide.
FIELDS = [
    ("Size", [("Size", "size", INT64)]),
    ("LastModifiedDate", [("LastModifiedDate", "last_modified_date", TIME)]),
    ("ETag", [("ETag", "e_tag", STRING)]),
    ("StorageClass", [("StorageClass", "storage_class", STRING)]),
    ("IsMultipartUploaded", [("IsMultipartUploaded", "is_multipart_uploaded", BOOLEAN)]),
    ("ReplicationStatus", [("ReplicationStatus", "replication_status", STRING)]),
    ("EncryptionStatus", [("EncryptionStatus", "encryption_status", STRING)]),
    ("ObjectLockRetainUntilDate", [("ObjectLockRetainUntilDate", "object_lock_retain_until_date", TIME)]),
    ("ObjectLockMode", [("ObjectLockMode", "object_lock_mode", STRING)]),
    ("ObjectLockLegalHoldStatus", [("ObjectLockLegalHoldStatus", "object_lock_legal_hold_status", STRING)]),
    ("ObjectLockEventHoldStatus", [("ObjectLockEventHoldStatus", "object_lock_event_hold_status", STRING)]),
    ("ObjectLockEventHoldDuration", [
        ("ObjectLockEventHoldDuration", "object_lock_event_hold_duration", INT32),
        ("ObjectLockEventHoldDurationUnit", "object_lock_event_hold_duration_unit", STRING),
    ]),
    ("IntelligentTieringAccessTier", [("IntelligentTieringAccessTier", "intelligent_tiering_access_tier", STRING)]),
    ("BucketKeyStatus", [("BucketKeyStatus", "bucket_key_status", STRING)]),
    ("ChecksumAlgorithm", [("ChecksumAlgorithm", "checksum_algorithm", STRING)]),
    ("ObjectAccessControlList", [("ObjectAccessControlList", "object_access_control_list", STRING)]),
    ("ObjectOwner", [("ObjectOwner", "object_owner", STRING)]),
    ("LifecycleExpirationDate", [("LifecycleExpirationDate", "lifecycle_expiration_date", TIME)]),
    ("IntelligentTieringReferenceDate", [
        ("IntelligentTieringReferenceDate", "intelligent_tiering_reference_date", TIME),
    ]),
]
VERSIONS = [
    ("VersionId", "version_id", STRING),
    ("IsLatest", "is_latest", BOOLEAN),
    ("IsDeleteMarker", "is_delete_marker", BOOLEAN),
]

# Physical type, logical type and converted type, as pyarrow calls them; then the type in a manifest's fileSchema.
PARQUET = {
    STRING: ("BYTE_ARRAY", "String", "UTF8", "binary", " (STRING)"),
    BOOLEAN: ("BOOLEAN", "None", "NONE", "boolean", ""),
    INT32: ("INT32", "None", "NONE", "int32", ""),
    INT64: ("INT64", "None", "NONE", "int64", ""),
    TIME: ("INT64", "Timestamp", "TIMESTAMP_MILLIS", "int64", " (TIMESTAMP(MILLIS,true))"),
}
ARROW = {
    STRING: pyarrow.string(),
    BOOLEAN: pyarrow.bool_(),
    INT32: pyarrow.int32(),
    INT64: pyarrow.int64(),
    TIME: pyarrow.timestamp("ms", tz="UTC"),
}
# The type in a manifest's fileSchema, and how pyarrow reads it: ORC's times have nanoseconds and no zone.
ORC = {
    STRING: ("string", pyarrow.string()),
    BOOLEAN: ("boolean", pyarrow.bool_()),
    INT32: ("int", pyarrow.int32()),
    INT64: ("bigint", pyarrow.int64()),
    TIME: ("timestamp", pyarrow.timestamp("ns")),
}


def equal(found, expected, what):
    """Fails with the first difference only: lists here have a hundred thousand entries."""
    if found == expected:
        return
    if isinstance(found, (list, bytes)) and isinstance(expected, (list, bytes)):
        at = next((i for i, (a, b) in enumerate(zip(found, expected)) if a != b), min(len(found), len(expected)))
        raise SystemExit(
            f"{what}: {len(found)} instead of {len(expected)}, first difference at {at}: "
            f"{found[at:at + 3]!r:.400} instead of {expected[at:at + 3]!r:.400}"
        )
    raise SystemExit(f"{what}: {found!r:.600} instead of {expected!r:.600}")


def files_below(folder, path=b""):
    """Every regular file: its path, size and time of change in nanoseconds."""
    with os.scandir(os.path.join(os.fsencode(folder), path)) as entries:
        for entry in entries:
            below = path + entry.name if path == b"" else path + b"/" + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from files_below(folder, below)
            elif entry.is_file(follow_symlinks=False):
                told = entry.stat(follow_symlinks=False)
                yield below, told.st_size, told.st_mtime_ns


def is_text(path):
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class Expected:
    """What the report should hold."""

    def __init__(self, tree, configuration):
        prefix = configuration.get("Filter", {}).get("Prefix", "").encode()
        wanted = configuration.get("OptionalFields", [])
        listed = sorted(
            (path, size, time // 1_000_000) for path, size, time in files_below(tree)
            if path.startswith(prefix) and is_text(path)
        )
        self.keys = [path.decode("utf-8") for path, _, _ in listed]
        self.columns = [("Bucket", "bucket", STRING), ("Key", "key", STRING)]
        if configuration["IncludedObjectVersions"] == "All":
            self.columns += VERSIONS
        self.columns += [column for field, columns in FIELDS if field in wanted for column in columns]
        known = {
            "IsLatest": [True] * len(listed),
            "IsDeleteMarker": [False] * len(listed),
            "Size": [size for _, size, _ in listed],
            "LastModifiedDate": [time for _, _, time in listed],
        }
        # A directory knows nothing else.
        self.values = {name: known.get(name, [None] * len(listed)) for name, _, _ in self.columns}
        self.values["Key"] = self.keys


def encoded(key):
    """A key in a text format: everything but `A-Z a-z 0-9 _ - . / : *` as %XX."""
    return quote(key.encode("utf-8"), safe="/:*").replace("~", "%7E")


def timestamp(millis):
    time = datetime.fromtimestamp(millis // 1000, timezone.utc)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{millis % 1000:03}Z"


def text(kind, value):
    if value is None:
        return ""
    if kind == TIME:
        return timestamp(value)
    if kind == BOOLEAN:
        return "true" if value else "false"
    return str(value)


def check_csv_bytes(path, expected, rows, source):
    """The exact bytes: gzip header, one member, quoting, encoding and line ends."""
    with open(path, "rb") as file:
        stored = file.read()
    equal(stored[:10], bytes.fromhex("1f8b0800000000000003"), "the gzip header")
    member = zlib.decompressobj(wbits=31)
    plain = member.decompress(stored)
    equal((member.eof, member.unused_data), (True, b""), "the gzip file ends with its first member")
    columns = [(name, kind, expected.values.get(name)) for name, _, kind in expected.columns]
    lines = []
    for row in rows:
        values = []
        for name, kind, of_rows in columns:
            if name == "Bucket":
                values.append(source)
            elif name == "Key":
                values.append(encoded(of_rows[row]))
            else:
                values.append(text(kind, of_rows[row]))
        lines.append(",".join(f'"{value}"' for value in values).encode() + b"\n")
    equal(plain.splitlines(keepends=True), lines, f"the lines of {path}")
    return plain


def check_csv(path, expected, rows, source):
    plain = check_csv_bytes(path, expected, rows, source)
    names = [name for name, _, _ in expected.columns]
    table = pyarrow.csv.read_csv(
        io.BytesIO(plain),
        read_options=pyarrow.csv.ReadOptions(column_names=names),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: pyarrow.string() for name in names}, strings_can_be_null=False
        ),
    )
    relation = duckdb.sql(
        f"SELECT * REPLACE (url_decode(Key) AS Key) FROM read_csv({sql(path)}, header = false, quote = '\"', "
        f"all_varchar = true, names = [{', '.join(map(sql, names))}])"
    )
    by_duckdb = dict(zip(names, zip(*relation.fetchall())))
    for name, _, kind in expected.columns:
        if name == "Bucket":
            wanted, wanted_text = ([source] * len(rows),) * 2
        else:
            values = [expected.values[name][row] for row in rows]
            wanted = [encoded(value) if name == "Key" else text(kind, value) for value in values]
            wanted_text = values if name == "Key" else wanted
        equal(table.column(name).to_pylist(), wanted, f"column {name} of {path} in pyarrow")
        # duckdb may read an empty value as null.
        found = ["" if value is None else value for value in by_duckdb[name]]
        equal(found, wanted_text, f"column {name} of {path} in duckdb")


def check_parquet_schema(file, expected, manifest):
    schema, metadata = file.schema, file.metadata
    equal(metadata.format_version, "1.0", "the version of the Parquet format")
    equal(metadata.metadata, None, "key-value metadata")
    root = re.search(r"(\w+) group field_id=-1 (\S+) \{", str(schema))
    equal(root and root.groups(), ("required", "s3.inventory"), "the root of the schema")
    equal([schema.column(i).name for i in range(len(schema))], [name for _, name, _ in expected.columns], "columns")
    said = "message s3.inventory {"
    for i, (_, name, kind) in enumerate(expected.columns):
        column = schema.column(i)
        physical, logical, converted, word, annotation = PARQUET[kind]
        is_required = name in ("bucket", "key")
        equal(column.physical_type, physical, f"physical type of {name}")
        equal(column.logical_type.type, logical.upper(), f"logical type of {name}")
        equal(column.converted_type, converted, f"converted type of {name}")
        equal(column.max_definition_level, 0 if is_required else 1, f"whether {name} may be null")
        if kind == TIME:
            told = json.loads(column.logical_type.to_json())
            equal((told["isAdjustedToUTC"], told["timeUnit"]), (True, "milliseconds"), f"unit of {name}")
        said += f"  {'required' if is_required else 'optional'} {word} {name}{annotation};"
    equal(manifest["fileSchema"], said + "}", "fileSchema")


def check_parquet_chunks(metadata, expected):
    for group in range(metadata.num_row_groups):
        equal(metadata.row_group(group).sorting_columns, (), "sorting columns")
        for i, (_, name, _) in enumerate(expected.columns):
            chunk = metadata.row_group(group).column(i)
            equal(chunk.compression, "SNAPPY", f"compression of {name}")
            # Readers take the two names of dictionary indices for one.
            unknown = set(chunk.encodings) - {"PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE"}
            equal(unknown, set(), f"encodings of {name}")
            statistics = chunk.statistics
            equal(statistics.has_null_count, True, f"null count of {name}")
            equal(statistics.has_min_max, statistics.null_count < chunk.num_values, f"smallest and largest {name}")


def check_parquet(path, expected, rows, source, manifest):
    file = pyarrow.parquet.ParquetFile(path)
    check_parquet_schema(file, expected, manifest)
    check_parquet_chunks(file.metadata, expected)
    table = file.read()
    selected = ", ".join(
        f"epoch_ms({name}) AS {name}" if kind == TIME else name for _, name, kind in expected.columns
    )
    relation = duckdb.sql(f"SELECT {selected} FROM read_parquet({sql(path)})")
    by_duckdb = dict(zip(relation.columns, zip(*relation.fetchall())))
    described = dict(duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet({sql(path)})").project(
        "column_name, column_type").fetchall())
    for column, name, kind in expected.columns:
        wanted = [source] * len(rows) if name == "bucket" else [expected.values[column][row] for row in rows]
        found = table.column(name)
        equal(found.type, ARROW[kind], f"arrow type of {name}")
        if kind == TIME:
            found = found.cast(pyarrow.int64())
            equal(described[name], "TIMESTAMP WITH TIME ZONE", f"duckdb's type of {name}")
        equal(found.to_pylist(), wanted, f"column {name} of {path} in pyarrow")
        equal(list(by_duckdb[name]), wanted, f"column {name} of {path} in duckdb")


def check_orc(path, expected, rows, source, manifest):
    file = pyarrow.orc.ORCFile(path)
    equal((file.file_version, file.compression, file.compression_size), ("0.12", "ZLIB", 262_144), f"kind of {path}")
    equal((file.row_index_stride, len(file.metadata)), (10_000, 0), f"row index and user metadata of {path}")
    equal(file.nstripe_statistics, file.nstripes, f"statistics of stripes of {path}")
    types = [(name, *ORC[kind]) for _, name, kind in expected.columns]
    equal([(field.name, field.type) for field in file.schema], [(name, kind) for name, _, kind in types], "columns")
    said = ",".join(f"{name}:{word}" for name, word, _ in types)
    equal(manifest["fileSchema"], f"struct<{said}>", "fileSchema")
    stripes = [file.read_stripe(i) for i in range(file.nstripes)]
    table = pyarrow.Table.from_batches(stripes, file.schema)
    equal(file.read().equals(table), True, f"{path} is its stripes")
    for column, name, kind in expected.columns:
        wanted = [source] * len(rows) if name == "bucket" else [expected.values[column][row] for row in rows]
        found = table.column(name)
        if kind == TIME:
            found = found.cast(pyarrow.timestamp("ms")).cast(pyarrow.int64())
        equal(found.to_pylist(), wanted, f"column {name} of {path} in pyarrow")


def check_manifest(folder, key, configuration, source):
    """The chain from manifest.checksum to every file, and that there is nothing else. Answers the manifest."""
    destination = configuration["Destination"]["S3BucketDestination"]
    bucket = destination["Bucket"].removeprefix("arn:aws:s3:::")
    base, time, name = key.rsplit("/", 2)
    prefix = destination.get("Prefix", "").removesuffix("/")
    equal(base, "/".join(filter(None, [prefix, source, configuration["Id"]])), "the folder of reports")
    equal(name, "manifest.json", "the name of the manifest")
    with open(os.path.join(folder, key), "rb") as file:
        stored = file.read()
    with open(os.path.join(folder, base, time, "manifest.checksum"), "rb") as file:
        equal(file.read(), hashlib.md5(stored).hexdigest().encode() + b"\n", "manifest.checksum")
    manifest = json.loads(stored)
    created = datetime.fromtimestamp(int(manifest["creationTimestamp"]) / 1000, timezone.utc)
    equal(f"{created:%Y-%m-%dT%H-%MZ}", time, "the time in the folder's name")
    equal(int(manifest["creationTimestamp"]) % 60_000, 0, "the time is a full minute")
    members = [(name, manifest[name]) for name in (
        "sourceBucket", "destinationBucket", "version", "creationTimestamp", "fileFormat", "fileSchema")]
    lines = [f'  "{name}" : "{value}"' for name, value in members]
    files = [
        '{\n    "key" : "%s",\n    "size" : %d,\n    "MD5checksum" : "%s"\n  }'
        % (file["key"], file["size"], file["MD5checksum"]) for file in manifest["files"]
    ]
    lines.append('  "files" : [ ' + (", ".join(files) + " ]" if files else "]"))
    equal(stored.decode(), "{\n" + ",\n".join(lines) + "\n}\n", "the text of the manifest")
    equal(manifest["sourceBucket"], source, "sourceBucket")
    equal(manifest["destinationBucket"], destination["Bucket"], "destinationBucket")
    equal(manifest["version"], "2016-11-30", "version")
    equal(manifest["fileFormat"], destination["Format"], "fileFormat")
    partition = f"{base}/hive/dt={created:%Y-%m-%d-%H-%M}/symlink.txt"
    with open(os.path.join(folder, partition), "rb") as file:
        listed = "\n".join(f"s3://{bucket}/{file['key']}" for file in manifest["files"])
        equal(file.read().decode(), listed, "symlink.txt")
    extension = {"CSV": "csv.gz", "ORC": "orc", "Parquet": "parquet"}[destination["Format"]]
    for file in manifest["files"]:
        with open(os.path.join(folder, file["key"]), "rb") as data:
            content = data.read()
        equal(len(content), file["size"], f"the size of {file['key']}")
        equal(hashlib.md5(content).hexdigest(), file["MD5checksum"], f"the MD5 of {file['key']}")
        uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        if not re.fullmatch(rf"{re.escape(base)}/data/{uuid}\.{re.escape(extension)}", file["key"]):
            raise SystemExit(f"the name of {file['key']}")
    beside = f"{base}/{time}/manifest.stocktake.json"
    with open(os.path.join(folder, beside), "rb") as file:
        told = json.loads(file.read())
    equal([file["key"] for file in told["files"]], [file["key"] for file in manifest["files"]], "manifest.stocktake.json")
    known = sorted([key, beside, partition, f"{base}/{time}/manifest.checksum"] + [file["key"] for file in manifest["files"]])
    equal(sorted(path.decode() for path, _, _ in files_below(folder)), known, "the files of the destination")
    return manifest


def rows_of(path):
    if path.endswith(".parquet"):
        return pyarrow.parquet.ParquetFile(path).metadata.num_rows
    if path.endswith(".orc"):
        return pyarrow.orc.ORCFile(path).nrows
    with gzip.open(path) as file:
        return file.read().count(b"\n")


def sql(value):
    return "'" + value.replace("'", "''") + "'"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tree", required=True, help="the folder that was listed")
    parser.add_argument("--source", required=True, help="the name of its bucket")
    parser.add_argument("--destination", required=True, help="the folder of the destination bucket")
    parser.add_argument("--manifest", required=True, help="the key of manifest.json")
    parser.add_argument("--configuration", required=True, help="the configuration as JSON")
    told = parser.parse_args()
    with open(told.configuration, encoding="utf-8") as file:
        configuration = json.load(file)
    expected = Expected(told.tree, configuration)
    manifest = check_manifest(told.destination, told.manifest, configuration, told.source)
    if manifest["fileFormat"] == "CSV":
        equal(manifest["fileSchema"], ", ".join(name for name, _, _ in expected.columns), "fileSchema")
    begin = 0
    for file in manifest["files"]:
        path = os.path.join(told.destination, file["key"])
        rows = range(begin, begin + rows_of(path))
        if not 0 < len(rows) <= len(expected.keys) - begin:
            raise SystemExit(f"{len(rows)} rows in {path}, {len(expected.keys) - begin} are left")
        if manifest["fileFormat"] == "CSV":
            check_csv(path, expected, rows, told.source)
        elif manifest["fileFormat"] == "ORC":
            check_orc(path, expected, rows, told.source, manifest)
        else:
            check_parquet(path, expected, rows, told.source, manifest)
        begin = rows.stop
    equal(begin, len(expected.keys), "the number of rows")
    print(json.dumps({"rows": begin, "files": len(manifest["files"])}))


main()
