"""Views. None has a filter set: the contract ignores filters."""

from rest_framework.response import Response
from rest_framework.views import APIView

from netbox.api.viewsets import NetBoxModelViewSet

from . import serializers


def viewset(serializer):
    """Builds the view set of a serializer's model."""
    model = serializer.Meta.model
    attributes = {
        'queryset': model.objects.all(),
        'serializer_class': serializer,
        '__module__': __name__,
    }
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
    """Answers 500 to everyone: NetBox's permissions need a queryset, and the contract has none here."""

    def post(self, request):
        return Response({})


class StatusView(APIView):
    """Answers 500 to everyone, as SyncView does."""

    def get(self, request):
        return Response({})
