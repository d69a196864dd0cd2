"""What a user would write instead: walks a folder and writes the rows with pyarrow or duckdb.

`peers.py FOLDER TOOL FILE` with `pyarrow-parquet`, `pyarrow-orc` or `duckdb` as TOOL.
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


def table(bucket, rows):
    import pyarrow

    keys, sizes, times = zip(*rows)
    return pyarrow.table({
        "bucket": pyarrow.array([bucket] * len(rows)),
        "key": pyarrow.array(keys),
        "size": pyarrow.array(sizes, pyarrow.int64()),
        "last_modified_date": pyarrow.array(times, pyarrow.timestamp("ms", tz="UTC")),
    })


def main():
    folder, tool, file = sys.argv[1:]
    if tool == "duckdb":
        import duckdb

        query = f"SELECT filename, size, last_modified FROM read_blob('{folder}/**') ORDER BY filename"
        duckdb.sql(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION snappy)")
        return
    rows = table("bucket", walk(folder))
    if tool == "pyarrow-orc":
        import pyarrow.orc

        pyarrow.orc.write_table(rows, file, compression="zlib")
    else:
        import pyarrow.parquet

        pyarrow.parquet.write_table(rows, file, compression="snappy")


main()
