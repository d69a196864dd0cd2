"""Speaks to `stocktake serve --listen` as people do: with boto3 and the AWS CLI.

`calls` makes every call that should succeed and prints what came back; `checksums` tells in every way what bodies are;
`refusals` makes calls that must not succeed; `skewed` expects a server whose clock is elsewhere. An assertion that fails ends the program.
"""

import argparse
import base64
import hashlib
import json
import os
import sys

# Python is told to look nowhere of itself.
sys.path.insert(0, os.path.dirname(__file__))
sys.dont_write_bytecode = True

from s3_calls import CLI_REFUSED, aws, client, fetched, main, refused

BUCKET = "orbit-raw"
DOCUMENT = {
    "Id": "daily", "IsEnabled": True, "IncludedObjectVersions": "Current",
    "Schedule": {"Frequency": "Daily"}, "OptionalFields": ["Size", "LastModifiedDate"],
    "Destination": {"S3BucketDestination": {
        "Bucket": "arn:aws:s3:::orbit-reports", "Format": "CSV", "Prefix": "inv"}},
}
POLICY = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:user/somebody"},
    "Action": "s3:PutInventoryConfiguration", "Resource": f"arn:aws:s3:::{BUCKET}"}]}


def calls(given):
    s3 = client(given)
    place = {"Bucket": BUCKET, "Id": "daily"}
    s3.put_bucket_inventory_configuration(**place, InventoryConfiguration=DOCUMENT)
    got = s3.get_bucket_inventory_configuration(**place)
    assert got["InventoryConfiguration"] == DOCUMENT, got
    shown = aws(given, "get-bucket-inventory-configuration", "--bucket", BUCKET, "--id", "daily")
    assert shown["InventoryConfiguration"] == DOCUMENT, shown
    weekly = {**DOCUMENT, "Id": "weekly", "Schedule": {"Frequency": "Weekly"}}
    aws(given, "put-bucket-inventory-configuration", "--bucket", BUCKET, "--id", "weekly",
        "--inventory-configuration", json.dumps(weekly))
    listed = s3.list_bucket_inventory_configurations(Bucket=BUCKET)
    assert listed["IsTruncated"] is False, listed
    assert listed["InventoryConfigurationList"] == [DOCUMENT, weekly], listed
    shown = aws(given, "list-bucket-inventory-configurations", "--bucket", BUCKET)
    assert shown["InventoryConfigurationList"] == [DOCUMENT, weekly], shown
    aws(given, "delete-bucket-inventory-configuration", "--bucket", BUCKET, "--id", "weekly")
    s3.delete_bucket_inventory_configuration(**place)
    refused(lambda: s3.get_bucket_inventory_configuration(**place), 404, "NoSuchConfiguration")

    refused(lambda: s3.get_bucket_policy(Bucket=BUCKET), 404, "NoSuchBucketPolicy")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(POLICY))
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]) == POLICY
    shown = aws(given, "get-bucket-policy", "--bucket", BUCKET)
    assert json.loads(shown["Policy"]) == POLICY, shown
    aws(given, "delete-bucket-policy", "--bucket", BUCKET)
    refused(lambda: s3.get_bucket_policy(Bucket=BUCKET), 404, "NoSuchBucketPolicy")

    s3.create_bucket(Bucket="made-by-boto")
    aws(given, "create-bucket", "--bucket", "made-by-cli")
    s3.head_bucket(Bucket="made-by-cli")
    aws(given, "head-bucket", "--bucket", "made-by-boto")
    assert s3.get_bucket_location(Bucket="made-by-cli")["LocationConstraint"] is None
    shown = aws(given, "get-bucket-location", "--bucket", "made-by-boto")
    assert shown == {"LocationConstraint": None}, shown
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert names == ["made-by-boto", "made-by-cli", BUCKET, "orbit-reports"], names
    shown = aws(given, "list-buckets")
    assert [bucket["Name"] for bucket in shown["Buckets"]] == names, shown

    s3.put_bucket_inventory_configuration(**place, InventoryConfiguration=DOCUMENT)
    url = s3.generate_presigned_url(
        "get_bucket_inventory_configuration", Params=place, ExpiresIn=600)
    for _ in range(2):
        status, text = fetched(url)
        assert status == 200 and "<Id>daily</Id>" in text, (status, text)


def refusals(given):
    s3 = client(given)
    place = {"Bucket": BUCKET, "Id": "daily"}
    put = {**place, "InventoryConfiguration": DOCUMENT}
    unknown = client(given, key="NOBODY")
    refused(lambda: unknown.put_bucket_inventory_configuration(**put), 403, "InvalidAccessKeyId")
    wrong = client(given, secret="another/secret")
    refused(lambda: wrong.put_bucket_inventory_configuration(**put), 403, "SignatureDoesNotMatch")
    assert "SignatureDoesNotMatch" in aws(
        argparse.Namespace(**{**vars(given), "secret": "another/secret"}),
        "get-bucket-policy", "--bucket", BUCKET, code=CLI_REFUSED)

    altered = client(given)
    altered.meta.events.register("before-send.s3", alter)
    refused(lambda: altered.put_bucket_inventory_configuration(**put),
            400, "XAmzContentSHA256Mismatch")
    refused(lambda: s3.get_bucket_inventory_configuration(**place), 404, "NoSuchConfiguration")

    refused(lambda: s3.head_bucket(Bucket="no-such-bucket"), 404, "404")
    missing = {"Bucket": "no-such-bucket", "Id": "daily"}
    refused(lambda: s3.get_bucket_inventory_configuration(**missing), 404, "NoSuchBucket")
    url = s3.generate_presigned_url("get_bucket_policy", Params={"Bucket": BUCKET}, ExpiresIn=600)
    status, text = fetched(url.replace("?policy", "?inventory"))
    assert status == 403 and "SignatureDoesNotMatch" in text, (status, text)
    status, text = fetched(f"{given.endpoint}/{BUCKET}?policy")
    assert status == 403 and "AccessDenied" in text, (status, text)


ALGORITHMS = {"CRC32": "crc32", "CRC32C": "crc32c", "CRC64NVME": "crc64nvme", "SHA1": "sha1",
              "SHA256": "sha256", "SHA512": "sha512"}


def checksums(given):
    """Every way in which tools tell what a body is, and bodies that are something else."""
    policy = json.dumps(POLICY)
    put = {"Bucket": BUCKET, "Policy": policy}
    sent = []

    def watched(s3):
        s3.meta.events.register("before-send.s3", lambda request, **_: sent.append(request.headers))
        return s3

    def names():
        found = {name.lower() for name in sent.pop() if name.lower().startswith("x-amz-checksum-")}
        assert not sent, sent
        return found

    for when in ["when_supported", "when_required"]:
        s3 = watched(client(given, request_checksum_calculation=when))
        s3.put_bucket_policy(**put)
        assert names() == {"x-amz-checksum-crc32"}, when
        for algorithm, suffix in ALGORITHMS.items():
            s3.put_bucket_policy(**put, ChecksumAlgorithm=algorithm)
            assert names() == {f"x-amz-checksum-{suffix}"}, algorithm
        md5 = base64.b64encode(hashlib.md5(policy.encode()).digest()).decode()
        s3.put_bucket_policy(**put, ContentMD5=md5)
        sent.clear()
    for algorithm in ALGORITHMS:
        aws(given, "put-bucket-policy", "--bucket", BUCKET, "--policy", policy,
            "--checksum-algorithm", algorithm)
    aws(given, "delete-bucket-policy", "--bucket", BUCKET)

    # Signed as they stand, so that the checksum alone can tell.
    s3 = client(given)
    for algorithm, suffix in ALGORITHMS.items():
        name = f"x-amz-checksum-{suffix}"

        def falsify(request, **_):
            digest = bytearray(base64.b64decode(request.headers[name]))
            digest[0] ^= 1
            request.headers.replace_header(name, base64.b64encode(digest).decode())

        s3.meta.events.register("before-sign.s3", falsify)
        refused(lambda: s3.put_bucket_policy(**put, ChecksumAlgorithm=algorithm), 400, "BadDigest")
        s3.meta.events.unregister("before-sign.s3", falsify)
    other = base64.b64encode(hashlib.md5(b"something else").digest()).decode()
    refused(lambda: s3.put_bucket_policy(**put, ContentMD5=other), 400, "BadDigest")
    refused(lambda: s3.put_bucket_policy(**put, ContentMD5="none"), 400, "InvalidDigest")
    refused(lambda: s3.get_bucket_policy(Bucket=BUCKET), 404, "NoSuchBucketPolicy")


def alter(request, **_):
    """What somebody on the way could do: another body of the same length, everything else as it was signed."""
    assert b"Daily" in request.body, request.body
    request.body = request.body.replace(b"<IsEnabled>true<", b"<IsEnabled>True<")


def skewed(given):
    s3 = client(given)
    refused(lambda: s3.list_buckets(), 403, "RequestTimeTooSkewed")
    url = s3.generate_presigned_url("get_bucket_policy", Params={"Bucket": BUCKET}, ExpiresIn=60)
    status, text = fetched(url)
    assert status == 403 and "<Code>AccessDenied</Code>" in text, (status, text)


main({"calls": calls, "checksums": checksums, "refusals": refusals, "skewed": skewed})
