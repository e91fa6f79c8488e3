"""Seam: conditional copies.

MiniStack checks If-None-Match and If-Match of PutObject and CompleteMultipartUpload, and ignores them on CopyObject. S3
checks them there too, against the object at the destination.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from seam import need


def open_seam(s3) -> None:
    copy = need(s3, "_copy_object")
    check = need(s3, "_check_put_preconditions")
    bucket_of = need(s3, "_ensure_bucket")

    def copy_if(bucket_name, dest_key, headers):
        bucket = bucket_of(bucket_name)
        refused = check(headers, bucket["objects"].get(dest_key)) if bucket is not None else None
        return refused or copy(bucket_name, dest_key, headers)

    s3._copy_object = copy_if
