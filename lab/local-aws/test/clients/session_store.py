"""ElastiCache: users, groups, and a replication group of two nodes that really run."""

import command_line

NAME = "clients-store"
# More than a page can be made to hold: the smallest has 20.
SEVERAL = 21
PASSWORD = "a-password-of-a-test"


def run(watch):
    cache = watch.client("elasticache")
    subnets(watch, cache)
    parameter_groups(watch, cache)
    users(watch, cache)
    cache.create_replication_group(
        ReplicationGroupId=NAME,
        ReplicationGroupDescription="of two nodes",
        Engine="valkey",
        CacheNodeType="cache.t4g.micro",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
        CacheParameterGroupName=NAME,
        CacheSubnetGroupName=NAME,
        UserGroupIds=[NAME],
        SnapshotRetentionLimit=1,
        Tags=[{"Key": "a", "Value": "b"}],
    )
    cache.describe_replication_groups(ReplicationGroupId=NAME)
    watch.wait("elasticache", "replication_group_available", ReplicationGroupId=NAME)
    watch.wait("elasticache", "cache_cluster_available", CacheClusterId=f"{NAME}-001")
    group = cache.describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"][0]
    cache.describe_cache_clusters(ShowCacheNodeInfo=True)
    tags(watch, cache, group["ARN"])
    cache.modify_replication_group(ReplicationGroupId=NAME, ApplyImmediately=True, SnapshotRetentionLimit=2)
    watch.wait("elasticache", "replication_group_available", ReplicationGroupId=NAME)
    cache.list_allowed_node_type_modifications(ReplicationGroupId=NAME)
    watch.refused(
        "InvalidReplicationGroupState", cache.modify_replication_group, ReplicationGroupId=NAME, PrimaryClusterId=f"{NAME}-002"
    )
    cache.increase_replica_count(ReplicationGroupId=NAME, NewReplicaCount=2, ApplyImmediately=True)
    watch.wait("elasticache", "replication_group_available", ReplicationGroupId=NAME)
    cache.decrease_replica_count(ReplicationGroupId=NAME, NewReplicaCount=1, ApplyImmediately=True)
    watch.wait("elasticache", "replication_group_available", ReplicationGroupId=NAME)
    cache.test_failover(ReplicationGroupId=NAME, NodeGroupId="0001")
    cache.describe_replication_groups(ReplicationGroupId=NAME)
    watch.wait("elasticache", "replication_group_available", ReplicationGroupId=NAME)
    command_line.session_store(watch, NAME, PASSWORD)
    watch.pages("elasticache", "describe_events", "Events", 20, least=1)
    refusals(watch, cache)
    watch.command_line(f"elasticache delete-replication-group --replication-group-id {NAME}")
    watch.wait("elasticache", "replication_group_deleted", ReplicationGroupId=NAME)
    watch.wait("elasticache", "cache_cluster_deleted", CacheClusterId=f"{NAME}-001")
    cache.delete_user_group(UserGroupId=NAME)
    for user in (NAME, f"{NAME}-open"):
        cache.delete_user(UserId=user)
    cache.delete_cache_subnet_group(CacheSubnetGroupName=NAME)
    cache.delete_cache_parameter_group(CacheParameterGroupName=NAME)


def subnets(watch, cache):
    ids = [subnet["SubnetId"] for subnet in watch.client("ec2").describe_subnets()["Subnets"]][:2]
    cache.create_cache_subnet_group(CacheSubnetGroupName=NAME, CacheSubnetGroupDescription="of the test", SubnetIds=ids)
    cache.modify_cache_subnet_group(CacheSubnetGroupName=NAME, CacheSubnetGroupDescription="changed")
    cache.describe_cache_subnet_groups(CacheSubnetGroupName=NAME)
    for n in range(SEVERAL):
        cache.create_cache_subnet_group(CacheSubnetGroupName=f"{NAME}-{n}", CacheSubnetGroupDescription="one of many", SubnetIds=ids)
    watch.pages("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", 20)
    watch.refused(
        "InvalidSubnet",
        cache.create_cache_subnet_group,
        CacheSubnetGroupName=f"{NAME}-none",
        CacheSubnetGroupDescription="d",
        SubnetIds=["subnet-00000000"],
    )
    cache.describe_serverless_caches()
    watch.refused("ServerlessCacheNotFoundFault", cache.describe_serverless_caches, ServerlessCacheName=NAME)
    for n in range(SEVERAL):
        cache.delete_cache_subnet_group(CacheSubnetGroupName=f"{NAME}-{n}")


def parameter_groups(watch, cache):
    cache.create_cache_parameter_group(CacheParameterGroupName=NAME, CacheParameterGroupFamily="valkey8", Description="of the test")
    values = [{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}]
    cache.modify_cache_parameter_group(CacheParameterGroupName=NAME, ParameterNameValues=values)
    family = {"CacheParameterGroupFamily": "valkey8", "Description": "again"}
    for n in range(SEVERAL):
        cache.create_cache_parameter_group(CacheParameterGroupName=f"{NAME}-{n}", **family)
    watch.pages("elasticache", "describe_cache_parameter_groups", "CacheParameterGroups", 20)
    for n in range(SEVERAL):
        cache.delete_cache_parameter_group(CacheParameterGroupName=f"{NAME}-{n}")
    watch.pages("elasticache", "describe_cache_parameters", "Parameters", 20, least=2, CacheParameterGroupName=NAME)
    cache.reset_cache_parameter_group(CacheParameterGroupName=NAME, ResetAllParameters=True)
    watch.refused("CacheParameterGroupNotFound", cache.describe_cache_parameters, CacheParameterGroupName="none")
    watch.refused("CacheParameterGroupAlreadyExists", cache.create_cache_parameter_group, CacheParameterGroupName=NAME, **family)


def users(watch, cache):
    cache.create_user(UserId=NAME, UserName="client", Engine="valkey", AccessString="on ~* +@all", Passwords=[PASSWORD])
    cache.create_user(
        UserId=f"{NAME}-open", UserName=f"{NAME}-open", Engine="valkey", AccessString="on ~* +get", AuthenticationMode={"Type": "iam"}
    )
    mode = {"Type": "password", "Passwords": [PASSWORD, f"{PASSWORD}-2"]}
    cache.modify_user(UserId=NAME, AuthenticationMode=mode)
    cache.create_user_group(UserGroupId=NAME, Engine="valkey", UserIds=[NAME])
    cache.modify_user_group(UserGroupId=NAME, UserIdsToAdd=[f"{NAME}-open"])
    cache.modify_user_group(UserGroupId=NAME, UserIdsToRemove=[f"{NAME}-open"])
    for n in range(SEVERAL):
        cache.create_user(UserId=f"{NAME}-{n}", UserName=f"client{n}", Engine="valkey", AccessString="on ~* +get", Passwords=[PASSWORD])
        cache.create_user_group(UserGroupId=f"{NAME}-{n}", Engine="valkey", UserIds=[f"{NAME}-{n}"])
    watch.pages("elasticache", "describe_users", "Users", 20)
    watch.pages("elasticache", "describe_user_groups", "UserGroups", 20)
    for n in range(SEVERAL):
        cache.delete_user_group(UserGroupId=f"{NAME}-{n}")
        cache.delete_user(UserId=f"{NAME}-{n}")
    watch.refused("UserNotFound", cache.describe_users, UserId="none")
    watch.refused("UserGroupNotFound", cache.describe_user_groups, UserGroupId="none")
    watch.refused("UserAlreadyExists", cache.create_user, UserId=NAME, UserName="x", Engine="valkey", AccessString="on", Passwords=[PASSWORD])
    watch.refused("InvalidParameterValue", cache.modify_user, UserId=NAME, Passwords=["short"])


def tags(watch, cache, arn):
    cache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "c", "Value": "d"}])
    cache.remove_tags_from_resource(ResourceName=arn, TagKeys=["c"])
    cache.list_tags_for_resource(ResourceName=arn)
    watch.refused("ReplicationGroupNotFoundFault", cache.list_tags_for_resource, ResourceName=f"{arn}-none")


def refusals(watch, cache):
    watch.refused("ReplicationGroupNotFoundFault", cache.describe_replication_groups, ReplicationGroupId="none")
    watch.refused("CacheClusterNotFound", cache.describe_cache_clusters, CacheClusterId="none")
    watch.refused("CacheSubnetGroupNotFoundFault", cache.describe_cache_subnet_groups, CacheSubnetGroupName="none")
    again = {"ReplicationGroupId": NAME, "ReplicationGroupDescription": "again", "CacheNodeType": "cache.t4g.micro"}
    watch.refused("ReplicationGroupAlreadyExists", cache.create_replication_group, **again)
    watch.refused("CacheParameterGroupNotFound", cache.describe_cache_parameter_groups, CacheParameterGroupName="none")
    watch.refused("NodeGroupNotFoundFault", cache.test_failover, ReplicationGroupId=NAME, NodeGroupId="0002")
    watch.refused("InvalidParameterValue", cache.describe_users, MaxRecords=101)
