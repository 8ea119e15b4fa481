"""Serializers. NetBox finds each by the name <Model>Serializer when it renders an event."""

from rest_framework import serializers

from netbox.api.serializers import NetBoxModelSerializer
from netbox.plugins import get_plugin_config

from .. import models

PATCHED = get_plugin_config('netbox_hedgehog', 'display_url') == 'patched'


class HedgehogSerializer(NetBoxModelSerializer):
    """As published, `display_url` stays: it fails for every model without a page in ../urls.py."""

    if PATCHED:
        display_url = None


class HedgehogFabricSerializer(HedgehogSerializer):
    class Meta:
        model = models.HedgehogFabric
        fields = '__all__'


def custom_resource_serializer(resource):
    """Builds the serializer of one of the twelve kinds; `fabric` is a bare id."""

    class Meta:
        model = resource
        fields = '__all__'

    attributes = {
        'fabric': serializers.PrimaryKeyRelatedField(queryset=models.HedgehogFabric.objects.all()),
        'Meta': Meta,
        '__module__': __name__,
    }
    return type(f'{resource.__name__}Serializer', (HedgehogSerializer,), attributes)


VPCSerializer = custom_resource_serializer(models.VPC)
ExternalSerializer = custom_resource_serializer(models.External)
ExternalAttachmentSerializer = custom_resource_serializer(models.ExternalAttachment)
ExternalPeeringSerializer = custom_resource_serializer(models.ExternalPeering)
IPv4NamespaceSerializer = custom_resource_serializer(models.IPv4Namespace)
VPCAttachmentSerializer = custom_resource_serializer(models.VPCAttachment)
VPCPeeringSerializer = custom_resource_serializer(models.VPCPeering)
ConnectionSerializer = custom_resource_serializer(models.Connection)
ServerSerializer = custom_resource_serializer(models.Server)
SwitchSerializer = custom_resource_serializer(models.Switch)
SwitchGroupSerializer = custom_resource_serializer(models.SwitchGroup)
VLANNamespaceSerializer = custom_resource_serializer(models.VLANNamespace)
