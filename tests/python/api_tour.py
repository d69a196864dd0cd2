"""What no guide of the AWS CLI goes through: Tencent COS's calls, runs by the JSON API, and who may do what.

An assertion that fails ends the program. Sources: "PUT Bucket inventory" and "POST Bucket inventory" in Tencent COS's
API reference; "Actions, resources, and condition keys for Amazon S3" in the AWS service authorization reference;
CoreWeave's guide to bucket inventory.
"""

import json
import os
import re
import sys

# Python is told to look nowhere of itself.
sys.path.insert(0, os.path.dirname(__file__))
sys.dont_write_bytecode = True

from botocore.exceptions import ClientError
from s3_calls import aws, aws_refused, client, fetched, main, signed

BUCKET = "orbit-raw"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
# The parts of a document of Tencent COS, in the order in which clients send them.
COS_PARTS = {
    "Id": "<Id>m1</Id>",
    "IsEnabled": "<IsEnabled>True</IsEnabled>",
    "Destination": "<Destination><COSBucketDestination><Format>CSV</Format>"
                   "<Bucket>qcs::cos:ap-tokyo::reports-1259999999</Bucket><Prefix>inv</Prefix>"
                   "<Encryption><SSE-COS></SSE-COS></Encryption></COSBucketDestination>"
                   "</Destination>",
    "Schedule": "<Schedule><Frequency>Monthly</Frequency><MonthlyDate>1</MonthlyDate></Schedule>",
    "Filter": "<Filter><And><Prefix>docs/</Prefix><Tag><Key>team</Key><Value>a</Value></Tag></And>"
              "<Period><StartTime>1767225600</StartTime></Period></Filter>",
    "IncludedObjectVersions": "<IncludedObjectVersions>Current</IncludedObjectVersions>",
    "OptionalFields": "<OptionalFields><Field>Size</Field><Field>Tag</Field></OptionalFields>",
}


def cos_document(**others):
    """The document; a part that is given as none is left out."""
    parts = {**COS_PARTS, **others}
    inner = "".join(part for part in parts.values() if part is not None)
    return f"<InventoryConfiguration>{inner}</InventoryConfiguration>"


def same_xml(one, other):
    """Whether two documents have the same parts, in whatever order."""
    return sorted(re.findall("<[^>]*>|[^<>]+", one)) == sorted(re.findall("<[^>]*>|[^<>]+", other))


COS_PLACE = "/orbit-raw-1259999999?inventory"
SINGLE = {"IsEnabled": None, "Schedule": None}
# A folder of files neither encrypts nor knows tags.
ONCE = {"Id": "<Id>once</Id>",
        "Filter": "<Filter><Prefix>docs/</Prefix><Period><EndTime>1767225600</EndTime></Period>"
                  "</Filter>",
        "Destination": COS_PARTS["Destination"].replace(
            "<Encryption><SSE-COS></SSE-COS></Encryption>", ""),
        "OptionalFields": "<OptionalFields><Field>Size</Field></OptionalFields>"}


def cos(given):
    place = COS_PLACE
    sent = cos_document()
    assert signed(given, "PUT", f"{place}&id=m1", sent.encode()) == (200, "")
    # Lower case is what is answered.
    expected = sent.replace(">True<", ">true<")
    status, text = signed(given, "GET", f"{place}&id=m1")
    assert status == 200 and text.startswith(DECLARATION) and "xmlns" not in text, (status, text)
    assert same_xml(text, DECLARATION + expected), (text, expected)
    status, text = signed(given, "GET", place)
    listed = (f"{DECLARATION}<ListInventoryConfigurationResult>{expected}"
              "<IsTruncated>false</IsTruncated></ListInventoryConfigurationResult>")
    assert status == 200 and same_xml(text, listed), (status, text)

    def refused(method, config, document, status, code):
        found, text = signed(given, method, f"{place}&id={config}", document.encode())
        assert found == status and f"<Code>{code}</Code>" in text, (found, text, code)

    never = "<Schedule><Frequency>Monthly</Frequency></Schedule>"
    refused("PUT", "m1", cos_document(Schedule=never), 400, "MalformedXML")
    refused("PUT", "m2", sent, 400, "IdMismatch")
    refused("PUT", "m1", sent.replace("qcs::cos:", "arn:aws:"), 400, "InvalidS3DestinationBucket")
    refused("GET", "m2", "", 404, "NoSuchConfiguration")

    # Run at once and once: without a schedule, and nothing of it is kept.
    refused("POST", "m1", cos_document(**SINGLE), 409, "DuplicateInventory")
    refused("POST", "once", cos_document(**ONCE), 400, "MalformedXML")
    document = cos_document(**ONCE, **SINGLE)
    status, text = signed(given, "POST", f"{place}&id=once", document.encode())
    answer = f"{DECLARATION}<PostInventoryResult><JobId>[0-9a-f]{{32}}</JobId></PostInventoryResult>"
    assert status == 200 and re.fullmatch(answer.replace("?", r"\?"), text), (status, text)
    refused("POST", "once", document, 409, "DuplicateInventory")
    refused("GET", "once", "", 404, "NoSuchConfiguration")
    assert signed(given, "DELETE", f"{place}&id=m1") == (204, "")
    refused("DELETE", "m1", "", 404, "NoSuchConfiguration")


def configuration(name="daily", form="CSV"):
    return {
        "Id": name, "IsEnabled": True, "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Daily"}, "OptionalFields": ["Size"],
        "Destination": {"S3BucketDestination": {
            "Bucket": "arn:aws:s3:::orbit-reports", "Format": form, "Prefix": "inv"}}}


def runs(given):
    status, text = fetched(f"{given.endpoint}/v1/stocktake/openapi.json")
    described = json.loads(text)
    assert status == 200 and described["openapi"].startswith("3.1."), (status, text)

    def ask(method, path, expected):
        # Every call that is made is described, with the status that it has.
        shape = "/{bucket}/{id}" + re.sub("/[0-9a-f]{32}", "/{run}", path)
        described["paths"]["/v1/stocktake/inventory" + shape][method.lower()]["responses"][str(expected)]
        status, text = signed(given, method, f"/v1/stocktake/inventory/{BUCKET}/daily{path}")
        assert status == expected, (method, path, status, text)
        return json.loads(text)

    assert ask("POST", "/runs", 404)["code"] == "NoSuchConfiguration"
    client(given).put_bucket_inventory_configuration(
        Bucket=BUCKET, Id="daily", InventoryConfiguration=configuration())
    shown = ask("GET", "", 200)
    assert shown["configuration"] == configuration() and shown["latest_run"] is None, shown
    assert shown["next_run"].endswith("T01:00:00.000Z"), shown
    run = ask("POST", "/runs", 202)["run"]
    # Whoever started this program ends it if that never comes.
    while (told := ask("GET", f"/runs/{run}", 200))["state"] == "running":
        assert told["report"] == "partial", told
    assert (told["state"], told["report"], told["trigger"]) == ("complete", "complete", "on-demand"), told
    assert (told["run"], told["bucket"], told["id"]) == (run, BUCKET, "daily"), told
    assert (told["written"], told["files"], told["errors"]) == (302, 1, 0), told
    assert ask("GET", "/runs", 200) == {"runs": [told], "next": None}
    assert ask("GET", "", 200)["latest_run"] == told
    problem = ask("DELETE", f"/runs/{run}", 409)
    assert (problem["code"], problem["run"]) == ("RunEnded", run), problem
    assert ask("GET", f"/runs/{run}", 200) == told
    assert ask("GET", f"/runs/{'0' * 32}", 404)["code"] == "NoSuchRun"


def lenient(given):
    """Without a dialect everything that some provider has is taken, and who would refuse it is told."""
    s3 = client(given)

    def told(document):
        answer = s3.put_bucket_inventory_configuration(
            Bucket=BUCKET, Id="daily", InventoryConfiguration=document)
        found = json.loads(answer["ResponseMetadata"]["HTTPHeaders"].get("x-stocktake-findings", "[]"))
        assert not any(finding["level"] == "error" for finding in found), found
        return {(finding["dialect"], finding["pointer"]) for finding in found}

    place = "/Destination/S3BucketDestination"
    found = told(configuration(form="TSV"))
    assert ("aws", f"{place}/Format") in found, found
    assert not any(dialect == "coreweave" for dialect, _ in found), found
    found = told({**configuration(), "OptionalFields": ["ReplicationStatus"]})
    assert ("coreweave", "/OptionalFields/0") in found, found
    assert not any(dialect == "aws" for dialect, _ in found), found
    got = s3.get_bucket_inventory_configuration(Bucket=BUCKET, Id="daily")
    assert got["InventoryConfiguration"]["OptionalFields"] == ["ReplicationStatus"], got


def paging(given):
    s3 = client(given)
    # Not in the order of their ids.
    names = [f"c{number * 37 % 101:03}" for number in range(101)]
    for name in names:
        s3.put_bucket_inventory_configuration(
            Bucket=BUCKET, Id=name, InventoryConfiguration=configuration(name))
    listing = ("list-bucket-inventory-configurations", "--bucket", BUCKET)
    first = aws(given, *listing)
    assert first["IsTruncated"] is True and "ContinuationToken" not in first, first
    token = first["NextContinuationToken"]
    second = aws(given, *listing, "--continuation-token", token)
    assert (second["IsTruncated"], second["ContinuationToken"]) == (False, token), second
    assert "NextContinuationToken" not in second, second
    pages = [page["InventoryConfigurationList"] for page in (first, second)]
    assert [len(page) for page in pages] == [100, 1], pages
    assert pages[0] + pages[1] == [configuration(name) for name in sorted(names)]
    aws_refused(given, "InvalidArgument", *listing, "--continuation-token", "another")


def permitted(given, dialect, expected):
    """What each of some callers may do, of put, get, list and delete in this order."""
    place = {"Bucket": BUCKET, "Id": "daily"}
    put = {**place, "InventoryConfiguration": configuration()}

    def answer(call, arguments):
        try:
            return call(**arguments)["ResponseMetadata"]["HTTPStatusCode"]
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied", error
            return error.response["ResponseMetadata"]["HTTPStatusCode"]

    admin = client(given)
    if dialect == "coreweave":
        # It refuses reports that its service may not write.
        admin.put_bucket_policy(Bucket="orbit-reports", Policy=json.dumps(WRITER_MAY))
    for key, statuses in expected.items():
        admin.put_bucket_inventory_configuration(**put)
        s3 = client(given, key=key)
        found = [
            answer(s3.put_bucket_inventory_configuration, put),
            answer(s3.get_bucket_inventory_configuration, place),
            answer(s3.list_bucket_inventory_configurations, {"Bucket": BUCKET}),
            answer(s3.delete_bucket_inventory_configuration, place)]
        assert found == statuses, (key, found, statuses)


WRITER_MAY = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"CW": "arn:aws:iam::static:role/static/inventory"},
    "Action": "s3:PutObject", "Resource": "arn:aws:s3:::orbit-reports/*"}]}
COREWEAVE_MAY = {"ONLYPUT": [200, 403, 403, 403], "ONLYGET": [403, 200, 403, 403],
                 "ONLYLIST": [403, 403, 200, 403], "ONLYDELETE": [403, 403, 403, 204]}
# Amazon S3 has two permissions for the four calls.
AWS_MAY = {"ONLYPUT": [200, 403, 403, 204], "ONLYGET": [403, 200, 200, 403],
           "ONLYLIST": [403] * 4, "ONLYDELETE": [403] * 4}

main({"cos": cos, "runs": runs, "any": lenient, "paging": paging,
      "permissions-coreweave": lambda given: permitted(given, "coreweave", COREWEAVE_MAY),
      "permissions-aws": lambda given: permitted(given, "aws", AWS_MAY)})
