"""Fabrics and the twelve kinds of Kubernetes resource that belong to one."""

from django.core.validators import RegexValidator
from django.db import models

from netbox.models import NetBoxModel

from . import choices

dns_1123 = RegexValidator(
    regex=r'^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
    message='Enter a DNS-1123 label.',
)


class HedgehogFabric(NetBoxModel):
    """One fabric. The order of the fields is the order of the keys in an answer."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=choices.FABRIC_STATUS, default='planned')
    connection_status = models.CharField(max_length=20, choices=choices.CONNECTION_STATUS, default='unknown')
    sync_status = models.CharField(max_length=20, choices=choices.SYNC_STATUS, default='never_synced')
    kubernetes_server = models.URLField(blank=True)
    kubernetes_token = models.TextField(blank=True)
    kubernetes_ca_cert = models.TextField(blank=True)
    kubernetes_namespace = models.CharField(max_length=253, default='default')
    sync_enabled = models.BooleanField(default=True)
    sync_interval = models.PositiveIntegerField(default=300, help_text='Seconds')
    last_sync = models.DateTimeField(blank=True, null=True)
    sync_error = models.TextField(blank=True)
    connection_error = models.TextField(blank=True)
    cached_crd_count = models.PositiveIntegerField(default=0)
    cached_vpc_count = models.PositiveIntegerField(default=0)
    cached_connection_count = models.PositiveIntegerField(default=0)
    connections_count = models.PositiveIntegerField(default=0)
    servers_count = models.PositiveIntegerField(default=0)
    switches_count = models.PositiveIntegerField(default=0)
    vpcs_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ['name']
        verbose_name = 'Hedgehog Fabric'

    def __str__(self):
        return self.name


class CustomResource(NetBoxModel):
    """What the twelve kinds share.

    They have no default ordering, so that a list without `ordering=` fails as
    the contract says. `spec` may not be blank, and {} counts as blank.
    """

    fabric = models.ForeignKey(HedgehogFabric, on_delete=models.CASCADE)
    name = models.CharField(max_length=253, validators=[dns_1123])
    namespace = models.CharField(max_length=253, default='default', validators=[dns_1123])
    spec = models.JSONField()
    labels = models.JSONField(default=dict, blank=True)
    annotations = models.JSONField(default=dict, blank=True)
    kubernetes_status = models.CharField(max_length=20, choices=choices.KUBERNETES_STATUS, default='unknown')
    kubernetes_uid = models.CharField(max_length=36, blank=True)
    kubernetes_resource_version = models.CharField(max_length=50, blank=True)
    last_applied = models.DateTimeField(blank=True, null=True)
    last_synced = models.DateTimeField(blank=True, null=True)
    sync_error = models.TextField(blank=True)
    auto_sync = models.BooleanField(default=True)

    class Meta:
        abstract = True
        unique_together = [('fabric', 'namespace', 'name')]

    def __str__(self):
        return f'{self.name} ({self.fabric})'


class VPC(CustomResource):
    pass


class External(CustomResource):
    pass


class ExternalAttachment(CustomResource):
    pass


class ExternalPeering(CustomResource):
    pass


class IPv4Namespace(CustomResource):
    pass


class VPCAttachment(CustomResource):
    pass


class VPCPeering(CustomResource):
    pass


class Connection(CustomResource):
    pass


class Server(CustomResource):
    pass


class Switch(CustomResource):
    pass


class SwitchGroup(CustomResource):
    pass


class VLANNamespace(CustomResource):
    pass
