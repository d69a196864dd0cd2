"""Policies over HTTP, by the AWS CLI, boto3 and requests that are signed here.

`refused` puts policies that are wrong and one that locks out; `in-use` changes the policies of buckets that reports come
from and go to; `judging` asks what the JSON API has to say. An assertion that fails ends the program.
"""

import json
import os
import sys
from tempfile import TemporaryDirectory

# Python is told to look nowhere of itself.
sys.path.insert(0, os.path.dirname(__file__))
sys.dont_write_bytecode = True

from botocore.exceptions import ClientError
from s3_calls import (CLI_REFUSED, aws, aws_refused, aws_said, aws_silent, client, fetched, main,
                      refused, signed)

BUCKET = "orbit-raw"
ROOT = "ROOTKEY"
USER = "arn:aws:iam::f3a9c1:coreweave/u-7c21"
CONFIRMED = "--confirm-remove-self-bucket-access"


def policy(effect, principal, action, bucket=BUCKET):
    return {"Version": "2012-10-17", "Statement": [{
        "Effect": effect, "Principal": principal, "Action": action,
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}]}


def put(document, *more, bucket=BUCKET):
    return ("put-bucket-policy", "--bucket", bucket, "--policy", json.dumps(document), *more)


def told(found):
    """The codes that a header tells."""
    headers = found["ResponseMetadata"]["HTTPHeaders"]
    return {finding["code"] for finding in json.loads(headers.get("x-stocktake-findings", "[]"))}


def confirming(given, value):
    """A client that sends our header with every policy; it is signed with all others."""
    s3 = client(given)
    s3.meta.events.register("before-sign.s3.PutBucketPolicy",
                            lambda request, **_: request.headers.add_header("x-stocktake-confirm", value))
    return s3


def wrong(given):
    s3 = client(given)
    absent = policy("Allow", {"AWS": "123456789012"}, ["s3:ListObjects", "s3:Nothing"])
    _, complaint = aws_said(given, *put(absent), code=CLI_REFUSED)
    assert "(MalformedPolicy)" in complaint, complaint
    assert "PC101 at /Statement/0/Action/0: " in complaint and "; and 1 more" in complaint, complaint
    try:
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(absent))
        raise AssertionError("MalformedPolicy was expected")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "MalformedPolicy", error
        assert "PC101" in told(error.response), error.response
    # Nothing of it is kept; and what is merely unwise is, and told.
    refused(lambda: s3.get_bucket_policy(Bucket=BUCKET), 404, "NoSuchBucketPolicy")
    answer = s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy("Allow", "*", "s3:GetObject")))
    assert "PC221" in told(answer), answer
    s3.delete_bucket_policy(Bucket=BUCKET)

    shut = policy("Deny", "*", "s3:*")
    _, complaint = aws_said(given, *put(shut), code=CLI_REFUSED)
    assert "(PolicyLocksOut)" in complaint and "x-stocktake-confirm: lockout" in complaint, complaint
    text = json.dumps(shut)
    refused(lambda: confirming(given, "yes").put_bucket_policy(Bucket=BUCKET, Policy=text),
            409, "PolicyLocksOut")
    refused(lambda: s3.get_bucket_policy(Bucket=BUCKET), 404, "NoSuchBucketPolicy")
    root = client(given, key=ROOT)
    # The account itself is never locked out.
    root.put_bucket_policy(Bucket=BUCKET, Policy=text)
    root.delete_bucket_policy(Bucket=BUCKET)
    confirming(given, "lockout").put_bucket_policy(Bucket=BUCKET, Policy=text)
    aws_refused(given, "AccessDenied", *put(shut, CONFIRMED))
    root.delete_bucket_policy(Bucket=BUCKET)
    aws_silent(given, *put(shut, CONFIRMED))
    aws_refused(given, "AccessDenied", "delete-bucket-policy", "--bucket", BUCKET)
    assert json.loads(root.get_bucket_policy(Bucket=BUCKET)["Policy"]) == shut
    root.delete_bucket_policy(Bucket=BUCKET)


DESTINATION = policy("Allow", {"CW": "arn:aws:iam::static:role/static/inventory"}, "s3:PutObject",
                     "orbit-reports")
OPEN = {**DESTINATION, "Statement": DESTINATION["Statement"] + policy(
    "Allow", {"CW": USER}, ["s3:GetObject", "s3:ListBucket", "s3:GetBucketPolicy"],
    "orbit-reports")["Statement"]}
CONFIGURATION = {
    "Id": "daily", "IsEnabled": True, "IncludedObjectVersions": "Current",
    "Schedule": {"Frequency": "Daily"}, "OptionalFields": ["Size"],
    "Destination": {"S3BucketDestination": {
        "Bucket": "arn:aws:s3:::orbit-reports", "Format": "CSV", "Prefix": "inv"}},
}


def in_use(given):
    s3 = client(given)
    configured = {"Bucket": BUCKET, "Id": "daily", "InventoryConfiguration": CONFIGURATION}
    with TemporaryDirectory() as folder:
        path = os.path.join(folder, "configuration.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(CONFIGURATION, file)
        call = ("put-bucket-inventory-configuration", "--bucket", BUCKET, "--id", "daily",
                "--inventory-configuration", f"file://{path}")
        # The finding that is the reason stands in the message.
        elsewhere = json.loads(json.dumps(OPEN).replace("orbit-reports/*", "orbit-reports/other/*"))
        aws_silent(given, *put(elsewhere, bucket="orbit-reports"))
        _, complaint = aws_said(given, *call, code=CLI_REFUSED)
        assert "(IllegalInventoryConfigurationException)" in complaint, complaint
        assert "PC201 at /Statement/0/Resource: " in complaint, complaint
        refused(lambda: s3.get_bucket_inventory_configuration(Bucket=BUCKET, Id="daily"),
                404, "NoSuchConfiguration")
    s3.put_bucket_policy(Bucket="orbit-reports", Policy=json.dumps(OPEN))
    assert "PC203" in told(s3.put_bucket_inventory_configuration(**configured))

    # Reports go there now, and its reader would lose them.
    _, complaint = aws_said(given, *put(DESTINATION, bucket="orbit-reports"), code=CLI_REFUSED)
    assert "(PolicyLocksOut)" in complaint and f"{USER} would lose s3:ListBucket" in complaint, complaint
    assert json.loads(s3.get_bucket_policy(Bucket="orbit-reports")["Policy"]) == OPEN
    aws_silent(given, *put(DESTINATION, CONFIRMED, bucket="orbit-reports"))
    # The first policy of the source takes it from everybody else.
    mine = policy("Allow", {"CW": USER}, "s3:*")
    _, complaint = aws_said(given, *put(mine), code=CLI_REFUSED)
    assert "(PolicyLocksOut)" in complaint and "reports list this bucket" in complaint, complaint
    aws_silent(given, *put(mine, CONFIRMED))
    aws_silent(given, *put(mine))


def judging(given):
    status, text = fetched(f"{given.endpoint}/v1/stocktake/openapi.json")
    assert status == 200, (status, text)
    paths = {path: item["post"] for path, item in json.loads(text)["paths"].items() if "/policy/" in path}
    assert len(paths) == 4, paths

    def ask(path, question, expected=200):
        status, text = signed(given, "POST", path, json.dumps(question).encode())
        assert status == expected, (path, status, text)
        return json.loads(text)

    answers = {}
    for path, item in paths.items():
        content = item["requestBody"]["content"]["application/json"]
        answers[path.rsplit("/", 1)[1]] = ask(path, content["example"])
        problem = ask(path, {"dialect": 1}, 400)
        assert problem["code"] == "InvalidRequest" and len(problem["findings"]) > 1, problem
        # Nobody in particular may not ask.
        status, _ = fetched(f"{given.endpoint}{path}")
        assert status in (403, 405), status
    assert answers["lint"]["usable"] is True, answers["lint"]
    assert answers["evaluate"]["decision"] == "allowed", answers["evaluate"]
    assert all(write["verdict"]["decision"] == "allowed" for write in answers["preflight"]["writes"])
    assert answers["compare"]["locks-out"] is False, answers["compare"]

    question = paths["/v1/stocktake/policy/evaluate"]["requestBody"]["content"]["application/json"]["example"]
    question["request"]["action"] = "s3:PutObject"
    verdict = ask("/v1/stocktake/policy/evaluate", question)
    assert verdict["decision"] == "implicit-deny", verdict
    assert verdict["because"]["element"] == "Action", verdict
    found = ask("/v1/stocktake/policy/lint", {"dialect": "aws", "document": {
        "text": policy("Allow", {"AWS": "123456789012"}, "s3:ListObjects")}})["findings"]
    assert [finding["code"] for finding in found] == ["PC101"], found
    # A patch is JSON, and mends what it is for.
    [change] = json.loads(found[0]["patch"])
    assert change == {"op": "replace", "path": "/Statement/0/Action", "value": "s3:ListBucket"}, found
    # It changes nothing.
    assert aws(given, "list-bucket-inventory-configurations", "--bucket", BUCKET) == {"IsTruncated": False}


main({"refused": wrong, "in-use": in_use, "judging": judging})
