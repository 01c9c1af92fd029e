"""Whether storage knows videos that the tables do not: MiniStack's state is gone, or storage is another's."""

from infra.local import deploy
from infra.local.keys import KeyPair
from infra.local.seaweedfs import client

LOOKED_AT = 50


def lost_videos(aws: str, root: KeyPair, storage: str, pair: KeyPair, media: str, uploads: str) -> int:
    """How many videos storage has, up to 50, where the tables have none; 0 where they have some.

    Args:
        aws, root: where the tables are, and their root's key.
        storage, pair: where objects are, and a key that lists them.
        media, uploads: the buckets.
    """
    tables = deploy.client("dynamodb", aws, root)
    if tables.scan(TableName=f"{deploy.STACK}-videos", Limit=1)["Items"]:
        return 0
    objects = client(storage, pair)
    found: set[str] = set()
    for bucket, folder in ((media, "videos/"), (uploads, "uploads/")):
        answer = objects.list_objects_v2(Bucket=bucket, Prefix=folder, Delimiter="/", MaxKeys=LOOKED_AT)
        found |= {item["Prefix"].removeprefix(folder) for item in answer.get("CommonPrefixes", [])}
    return min(len(found), LOOKED_AT)
