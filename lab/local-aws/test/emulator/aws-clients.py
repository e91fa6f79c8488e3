"""Calls the local cloud as boto3 and the AWS CLI do, by botocore and the environment alone: AWS_SHARED_CREDENTIALS_FILE,
AWS_ENDPOINT_URL and AWS_DEFAULT_REGION. Prints what came of it as one line of JSON."""

import json
import urllib.request

import botocore.session

session = botocore.session.get_session()
s3 = session.create_client("s3")
body = b"0123456789abcdef" * 200_000
bucket, key = "clients", "a b/(ä)+~release.tar.gz"

s3.create_bucket(Bucket=bucket)
s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata={"version": "1.0.0"})
got = s3.get_object(Bucket=bucket, Key=key)
upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")
part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload["UploadId"], PartNumber=1, Body=body)
parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload["UploadId"], MultipartUpload=parts)

put_url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "presigned", "ContentType": "text/plain"})
put = urllib.request.Request(put_url, data=b"by its URL", method="PUT", headers={"content-type": "text/plain"})
urllib.request.urlopen(put, timeout=10).close()
get_url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "presigned"})
with urllib.request.urlopen(get_url, timeout=10) as answer:
    presigned = answer.read().decode()

identity = session.create_client("sts").get_caller_identity()
tables = session.create_client("dynamodb").list_tables()
# One of the gateway's own services would be next to these; the emulator's IAM speaks the same protocol.
roles = session.create_client("iam").list_roles(PathPrefix="/a path/", MaxItems=3)
functions = session.create_client("lambda").list_functions()
print(
    json.dumps(
        {
            "arn": identity["Arn"],
            "same": got["Body"].read() == body,
            "version": got["Metadata"]["version"],
            "parts": s3.head_object(Bucket=bucket, Key="parts")["ContentLength"],
            "presigned": presigned,
            "listed": [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix="a b/(")["Contents"]],
            "lists": [isinstance(found, list) for found in (tables["TableNames"], roles["Roles"], functions["Functions"])],
        }
    )
)
