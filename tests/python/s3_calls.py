"""Calls of the S3 API: by boto3, by the AWS CLI, and by requests that are written and signed here."""

import argparse
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

REGION = "us-east-1"
# What the AWS CLI ends with when a service refuses a call.
CLI_REFUSED = 255


def client(given, key=None, secret=None, **more):
    # Of itself boto3 presigns with the signature before this one.
    config = Config(signature_version="s3v4", retries={"total_max_attempts": 1},
                    s3={"addressing_style": "path"}, **more)
    return boto3.client(
        "s3", endpoint_url=given.endpoint, region_name=REGION, config=config,
        aws_access_key_id=key or given.key, aws_secret_access_key=secret or given.secret)


def aws_said(given, *words, code=0):
    """The AWS CLI; answers what it printed and what it complained of."""
    environment = {"AWS_ACCESS_KEY_ID": given.key, "AWS_SECRET_ACCESS_KEY": given.secret,
                   "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": os.devnull,
                   "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_MAX_ATTEMPTS": "1"}
    done = subprocess.run(
        [sys.executable, "-I", "-m", "awscli", "--endpoint-url", given.endpoint, "s3api", *words],
        env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, (words, done)
    return done.stdout, done.stderr


def aws(given, *words, code=0):
    """The AWS CLI; answers what it printed, as JSON where it is some."""
    stdout, stderr = aws_said(given, *words, code=code)
    return json.loads(stdout) if code == 0 and stdout.strip() else stderr


def aws_silent(given, *words):
    """A call of the AWS CLI that succeeds without a word."""
    said = aws_said(given, *words)
    assert said == ("", ""), (words, said)


def aws_refused(given, code, *words):
    """A call of the AWS CLI that is refused with this code."""
    said = aws_said(given, *words, code=CLI_REFUSED)
    assert said[0] == "" and f"({code})" in said[1], (code, words, said)


def refused(call, status, code):
    try:
        call()
    except ClientError as error:
        found = (error.response["ResponseMetadata"]["HTTPStatusCode"],
                 error.response["Error"]["Code"])
        assert found == (status, code), (found, status, code)
        return
    raise AssertionError(f"{code} was expected")


def fetched(request):
    """A URL or a request of urllib; answers status and text."""
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def signed(given, method, path, body=b""):
    """Sends a body as it stands, signed, to a path with its query; answers status and text."""
    url = given.endpoint + path
    request = AWSRequest(method=method, url=url, data=body)
    S3SigV4Auth(Credentials(given.key, given.secret), "s3", REGION).add_auth(request)
    sent = urllib.request.Request(url, data=body or None, method=method,
                                  headers=dict(request.headers.items()))
    return fetched(sent)


def main(parts):
    """Does the part of a script that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=sorted(parts))
    for name in ["endpoint", "key", "secret"]:
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    parts[given.part](given)
