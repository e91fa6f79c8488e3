"""What this LocalStack stores is reached through it alone.

DynamoDBLocal checks no signature, and has a database for each access key: with a secret in it, a program that finds the port finds
an empty one. LocalStack has one folder for the objects of S3 on a machine: the user whose LocalStack comes first owns it.
"""

import os
import secrets
import tempfile

from localstack.services.dynamodb import provider as dynamodb
from localstack.services.dynamodb import utils as dynamodb_utils
from localstack.services.s3 import provider as s3

_SECRET = secrets.token_hex(16)


def keep_data_to_itself() -> None:
    access_key = dynamodb_utils.get_ddb_access_key

    def own_access_key(account_id: str, region_name: str) -> str:
        return f"{access_key(account_id, region_name)}{_SECRET}"

    dynamodb_utils.get_ddb_access_key = own_access_key
    dynamodb.get_ddb_access_key = own_access_key
    s3.DEFAULT_S3_TMP_DIR = os.path.join(tempfile.gettempdir(), "s3-objects")
