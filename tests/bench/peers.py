"""What a user would write instead: lists a folder or a bucket, and writes the rows with pyarrow or duckdb.

`peers.py FOLDER TOOL FILE` with `pyarrow-parquet`, `pyarrow-orc` or `duckdb` as TOOL.
`peers.py s3://BUCKET TOOL FILE`, also with `boto3-parquet`; AWS_ENDPOINT_URL names the store.

duckdb itself can list a folder. It cannot list a bucket with sizes and times and without an extension that is not part
of its package, so a listing of boto3 goes into a table that is then copied.
"""

import os
import sys


def walk(folder):
    """Key, size and time in milliseconds of every file, in the order of keys."""
    rows = []
    pending = [("", folder)]
    while pending:
        prefix, path = pending.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append((prefix + entry.name + "/", entry.path))
                elif entry.is_file(follow_symlinks=False):
                    told = entry.stat(follow_symlinks=False)
                    rows.append((prefix + entry.name, told.st_size, told.st_mtime_ns // 1_000_000))
    rows.sort()
    return rows


def pyarrow_listing(bucket):
    """Key, size and time of every object, as pyarrow's own client lists them."""
    from pyarrow import fs

    store = fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"])
    found = store.get_file_info(fs.FileSelector(bucket, recursive=True))
    cut = len(bucket) + 1
    rows = [(f.path[cut:], f.size, f.mtime) for f in found if f.type == fs.FileType.File]
    rows.sort()
    return rows


def boto3_listing(bucket):
    """Key, size and time of every object, in the order of keys."""
    import boto3

    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [(o["Key"], o["Size"], o["LastModified"]) for page in pages for o in page.get("Contents", [])]


def table(bucket, rows):
    import pyarrow

    keys, sizes, times = zip(*rows)
    return pyarrow.table({
        "bucket": pyarrow.array([bucket] * len(rows)),
        "key": pyarrow.array(keys),
        "size": pyarrow.array(sizes, pyarrow.int64()),
        "last_modified_date": pyarrow.array(times, pyarrow.timestamp("ms", tz="UTC")),
    })


def duckdb_of_folder(folder, file):
    import duckdb

    query = f"SELECT filename, size, last_modified FROM read_blob('{folder}/**') ORDER BY filename"
    return copied(duckdb, f"({query})", file)


def copied(duckdb, what, file):
    """Answers the number of rows, which is what duckdb answers to COPY."""
    return duckdb.execute(f"COPY {what} TO '{file}' (FORMAT parquet, COMPRESSION snappy)").fetchone()[0]


def written(tool, listed, file):
    if tool == "duckdb":
        import duckdb

        duckdb.register("listing", listed)
        return copied(duckdb, "listing", file)
    if tool == "pyarrow-orc":
        import pyarrow.orc

        pyarrow.orc.write_table(listed, file, compression="zlib")
    else:
        import pyarrow.parquet

        pyarrow.parquet.write_table(listed, file, compression="snappy")
    return listed.num_rows


def main():
    source, tool, file = sys.argv[1:]
    bucket = source.removeprefix("s3://")
    if bucket == source:
        rows = duckdb_of_folder(source, file) if tool == "duckdb" else written(tool, table("bucket", walk(source)), file)
    else:
        listing = pyarrow_listing if tool.startswith("pyarrow") else boto3_listing
        rows = written(tool, table(bucket, listing(bucket)), file)
    print(rows, "rows")


main()
