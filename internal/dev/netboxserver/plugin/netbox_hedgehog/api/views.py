"""Views. As published, none has a filter set: the contract ignores filters."""

import django_filters
from rest_framework.response import Response
from rest_framework.views import APIView

from netbox.api.viewsets import NetBoxModelViewSet
from netbox.filtersets import NetBoxModelFilterSet
from netbox.plugins import get_plugin_config

from .. import models as plugin_models
from . import serializers

OBJECT_FILTER = get_plugin_config('netbox_hedgehog', 'object_filter')


def fabric_filter(resource):
    """Builds the filter set of one of the twelve kinds, with `fabric_id` as NetBox's own filter sets name it."""

    class Meta:
        model = resource
        fields = ('id', 'name', 'namespace')

    attributes = {
        'fabric_id': django_filters.ModelMultipleChoiceFilter(queryset=plugin_models.HedgehogFabric.objects.all()),
        'Meta': Meta,
        '__module__': __name__,
    }
    return type(f'{resource.__name__}FilterSet', (NetBoxModelFilterSet,), attributes)


def viewset(serializer):
    """Builds the view set of a serializer's model."""
    model = serializer.Meta.model
    attributes = {
        'queryset': model.objects.all(),
        'serializer_class': serializer,
        '__module__': __name__,
    }
    if issubclass(model, plugin_models.CustomResource):
        if OBJECT_FILTER == 'fields':
            attributes['filterset_fields'] = ['fabric']
        elif OBJECT_FILTER == 'filterset':
            attributes['filterset_class'] = fabric_filter(model)
    return type(f'{model.__name__}ViewSet', (NetBoxModelViewSet,), attributes)


ENDPOINTS = {
    'fabrics': viewset(serializers.HedgehogFabricSerializer),
    'vpcs': viewset(serializers.VPCSerializer),
    'externals': viewset(serializers.ExternalSerializer),
    'external-attachments': viewset(serializers.ExternalAttachmentSerializer),
    'external-peerings': viewset(serializers.ExternalPeeringSerializer),
    'ipv4-namespaces': viewset(serializers.IPv4NamespaceSerializer),
    'vpc-attachments': viewset(serializers.VPCAttachmentSerializer),
    'vpc-peerings': viewset(serializers.VPCPeeringSerializer),
    'connections': viewset(serializers.ConnectionSerializer),
    'servers': viewset(serializers.ServerSerializer),
    'switches': viewset(serializers.SwitchSerializer),
    'switch-groups': viewset(serializers.SwitchGroupSerializer),
    'vlan-namespaces': viewset(serializers.VLANNamespaceSerializer),
}


class SyncView(APIView):
    """Always answers 500: NetBox's permissions need a queryset, and the contract has none here."""

    def post(self, request):
        return Response({})


class StatusView(APIView):
    """Always answers 500, as SyncView does."""

    def get(self, request):
        return Response({})
