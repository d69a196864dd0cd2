"""Follows the providers' guides to inventory reports word by word, against `stocktake serve --listen`.

Each part is one guide, or what stands between two moments of it at which the test looks at reports. An assertion that
fails ends the program. Sources: CoreWeave's guide to bucket inventory; AWS's guide to auditing encryption with
S3 Inventory; "PUT Bucket inventory" and "POST Bucket inventory" in Tencent COS's API reference.
"""

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

# Python is told to look nowhere of itself.
sys.path.insert(0, os.path.dirname(__file__))
sys.dont_write_bytecode = True

from s3_calls import aws, aws_refused, aws_silent, main, signed

USER = "arn:aws:iam::f3a9c1:coreweave/u-7c21"
WRITER = "arn:aws:iam::static:role/static/inventory"


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal, action, *resources):
    return {"Effect": "Allow", "Principal": principal, "Action": action,
            "Resource": list(resources)}


def write(bucket):
    return allow({"CW": WRITER}, "s3:PutObject", f"arn:aws:s3:::{bucket}/*")


MANAGE = allow({"CW": [USER]}, [
    "s3:GetObject", "s3:PutObject", "s3:PutInventoryConfiguration",
    "s3:ListInventoryConfigurations", "s3:GetInventoryConfiguration",
    "s3:DeleteInventoryConfiguration"], "arn:aws:s3:::orbit-raw/*")
SOURCE_POLICY = policy(MANAGE)
DESTINATION_POLICY = policy(write("orbit-reports"), allow(
    {"CW": [USER]}, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListObjects"],
    "arn:aws:s3:::orbit-reports", "arn:aws:s3:::orbit-reports/*"))
SAME_BUCKET_POLICY = policy(write("orbit-raw"))
CONFIGURATION = {
    "Destination": {"S3BucketDestination": {
        "Bucket": "arn:aws:s3:::orbit-reports", "Format": "ORC", "Prefix": "inventory/"}},
    "IsEnabled": True, "Filter": {"Prefix": "docs/"}, "Id": "docs-daily",
    "IncludedObjectVersions": "All", "OptionalFields": ["LastAccessedDate"],
    "Schedule": {"Frequency": "Daily"}}
MODIFIED = {**CONFIGURATION, "IsEnabled": False}


def files(folder, **documents):
    """Writes documents; answers what the CLI is given for each."""
    found = []
    for name, document in documents.items():
        path = Path(folder, name.replace("_", "-") + ".json")
        path.write_text(json.dumps(document))
        found.append(f"file://{path}")
    return found


def here(word, bucket="orbit-raw", config="docs-daily"):
    """A call on a configuration, or on all of them."""
    if word == "list":
        return ("list-bucket-inventory-configurations", "--bucket", bucket)
    return (f"{word}-bucket-inventory-configuration", "--bucket", bucket, "--id", config)


def put_policy(bucket, file):
    return ("put-bucket-policy", "--bucket", bucket, "--policy", file)


def put(file, bucket="orbit-raw", config="docs-daily"):
    return (*here("put", bucket, config), "--inventory-configuration", file)


def stands(given, expected):
    """What get and list answer is the file."""
    shown = aws(given, *here("get"))
    assert shown == {"InventoryConfiguration": expected}, shown
    shown = aws(given, *here("list"))
    assert shown == {"InventoryConfigurationList": [expected], "IsTruncated": False}, shown


def coreweave(given):
    """Until the report is waited for."""
    with TemporaryDirectory() as folder:
        source, destination, wanted = files(
            folder, source_bucket_policy=SOURCE_POLICY,
            destination_bucket_policy=DESTINATION_POLICY, bucket_inventory_config=CONFIGURATION)
        made = aws(given, "create-bucket", "--bucket", "orbit-reports",
                   "--create-bucket-configuration", "LocationConstraint=US-EAST-04A")
        assert made == {"Location": "/orbit-reports"}, made
        aws_silent(given, *put_policy("orbit-raw", source))
        aws_refused(given, "IllegalInventoryConfigurationException", *put(wanted))
        assert aws(given, *here("list")) == {"IsTruncated": False}
        aws_silent(given, *put_policy("orbit-reports", destination))
        aws_silent(given, *put(wanted))
        stands(given, CONFIGURATION)


def coreweave_after(given):
    """Once the report is there."""
    with TemporaryDirectory() as folder:
        [modified] = files(folder, modified_inventory_config=MODIFIED)
        stands(given, CONFIGURATION)
        aws_silent(given, *put(modified))
        stands(given, MODIFIED)
        aws_silent(given, *here("delete"))
        aws_refused(given, "NoSuchConfiguration", *here("delete"))
        aws_refused(given, "NoSuchConfiguration", *here("get"))
        assert aws(given, *here("list")) == {"IsTruncated": False}


def coreweave_one_bucket(given):
    """Reports go into the bucket that is listed. The policy of the guide shuts out everybody but the writer."""
    to_itself = {"S3BucketDestination": {
        **CONFIGURATION["Destination"]["S3BucketDestination"], "Bucket": "arn:aws:s3:::orbit-raw"}}
    wanted = {**CONFIGURATION, "Destination": to_itself}
    with TemporaryDirectory() as folder:
        source, same, both, file = files(
            folder, source_bucket_policy=SOURCE_POLICY, same_bucket_policy=SAME_BUCKET_POLICY,
            both=policy(MANAGE, write("orbit-raw")), bucket_inventory_config=wanted)
        aws_silent(given, *put_policy("orbit-raw", source))
        aws_refused(given, "IllegalInventoryConfigurationException", *put(file))
        # It takes the place of the policy before, and a policy that is silent about somebody refuses them. That is
        # asked first; and whoever may set a bucket's policy can always mend it.
        aws_refused(given, "PolicyLocksOut", *put_policy("orbit-raw", same))
        aws_silent(given, *put_policy("orbit-raw", same), "--confirm-remove-self-bucket-access")
        aws_refused(given, "AccessDenied", *put(file))
        aws_silent(given, *put_policy("orbit-raw", both))
        aws_silent(given, *put(file))
        stands(given, wanted)


def coreweave_oddities(given):
    """What the guide says beside its own commands."""
    place = CONFIGURATION["Destination"]["S3BucketDestination"]
    with TemporaryDirectory() as folder:
        [destination] = files(folder, destination=DESTINATION_POLICY)
        aws_silent(given, *put_policy("orbit-reports", destination))

        def kept(sent, expected):
            [file] = files(folder, sent=sent)
            aws_silent(given, *put(file))
            stands(given, expected)

        # The guide's other word for the versions; its Terraform provider knows `Current` alone.
        current = {**CONFIGURATION, "IncludedObjectVersions": "Current"}
        kept({**CONFIGURATION, "IncludedObjectVersions": "Latest"}, current)
        # A name where its own examples have an ARN; slashes are kept.
        for bucket, form, prefix in [
            ("orbit-reports", "CSV", "inventory/"), ("orbit-reports", "TSV", "inventory"),
            ("arn:aws:s3:::orbit-reports", "JSON", "/inventory//"),
            ("arn:aws:s3:::orbit-reports", "Parquet", "inventory/"),
        ]:
            changed = {"Bucket": bucket, "Format": form, "Prefix": prefix}
            wanted = {**CONFIGURATION, "Destination": {"S3BucketDestination": changed}}
            kept(wanted, wanted)
        for wrong in [
            {**CONFIGURATION, "IncludedObjectVersions": "LATEST"},
            {**CONFIGURATION, "Schedule": {"Frequency": "Monthly"}},
            {**CONFIGURATION, "OptionalFields": []},
            {**CONFIGURATION, "OptionalFields": ["ReplicationStatus"]},
            {**CONFIGURATION, "Destination": {"S3BucketDestination": {
                **place, "Encryption": {"SSES3": {}}}}},
        ]:
            [file] = files(folder, wrong=wrong)
            aws_refused(given, "MalformedXML", *put(file))
        [file] = files(folder, other={**CONFIGURATION, "Id": "another"})
        aws_refused(given, "IdMismatch", *put(file))
        status, text = signed(given, "POST", "/orbit-raw?inventory&id=docs-daily")
        assert status == 405 and "<Code>MethodNotAllowed</Code>" in text, (status, text)


OWNER = "210987654321"
LEDGER_POLICY = policy({
    "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::ledger-inventory/*", "Condition": {
        "StringEquals": {
            "aws:SourceAccount": OWNER, "s3:x-amz-acl": "bucket-owner-full-control"},
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::ledger-archive"}}})


def ledger(name, form, prefix, frequency, versions, fields):
    return {
        "Id": name, "IsEnabled": True, "Destination": {"S3BucketDestination": {
            "AccountId": OWNER, "Bucket": "arn:aws:s3:::ledger-inventory", "Format": form,
            "Prefix": f"{prefix}/ledger-archive"}},
        "Schedule": {"Frequency": frequency}, "IncludedObjectVersions": versions,
        "OptionalFields": fields}


AUDIT = ledger("ledger-audit", "CSV", "inventory", "Daily", "Current", [
    "Size", "LastModifiedDate", "StorageClass", "ETag", "IsMultipartUploaded", "ReplicationStatus",
    "EncryptionStatus", "ObjectLockRetainUntilDate", "ObjectLockMode",
    "ObjectLockLegalHoldStatus", "BucketKeyStatus"])
WEEKLY = ledger("ledger-weekly", "Parquet", "inventory-parquet", "Weekly", "All", [
    "Size", "LastModifiedDate", "StorageClass", "EncryptionStatus"])


def amazon(given):
    made = aws(given, "create-bucket", "--bucket", "ledger-inventory", "--region", "us-east-1")
    assert made == {"Location": "/ledger-inventory"}, made
    with TemporaryDirectory() as folder:
        [file] = files(folder, inventory_bucket_policy=LEDGER_POLICY)
        aws_silent(given, *put_policy("ledger-inventory", file))
    for one in [AUDIT, WEEKLY]:
        aws_silent(given, *put(json.dumps(one), "ledger-archive", one["Id"]))
        shown = aws(given, *here("get", "ledger-archive", one["Id"]))
        assert shown == {"InventoryConfiguration": one}, shown
    shown = aws(given, *here("list", "ledger-archive"))
    assert shown == {"InventoryConfigurationList": [AUDIT, WEEKLY], "IsTruncated": False}, shown
    for wrong in [
        {**AUDIT, "IncludedObjectVersions": "Latest"},
        {**AUDIT, "OptionalFields": ["LastAccessedDate"]},
        {**AUDIT, "Schedule": {"Frequency": "Monthly"}},
    ]:
        aws_refused(given, "MalformedXML", *put(json.dumps(wrong), "ledger-archive", "ledger-audit"))
    shown = aws(given, *here("get", "ledger-archive", "ledger-audit"))
    assert shown == {"InventoryConfiguration": AUDIT}, shown


main({"coreweave": coreweave, "coreweave-after": coreweave_after, "aws": amazon,
      "coreweave-one-bucket": coreweave_one_bucket, "coreweave-oddities": coreweave_oddities})
