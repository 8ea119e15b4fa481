"""Pages that `display_url` can name.

Only these seven kinds have one in the contract; for fabrics and the other five
the name is missing, and rendering their `display_url` fails.
"""

from django.urls import path
from django.views.generic import RedirectView

PAGES = {
    'vpc': 'vpcs',
    'ipv4namespace': 'ipv4namespaces',
    'connection': 'connections',
    'server': 'servers',
    'switch': 'switches',
    'switchgroup': 'switch-groups',
    'vlannamespace': 'vlan-namespaces',
}

urlpatterns = [
    path(
        f'{folder}/<int:pk>/',
        RedirectView.as_view(pattern_name=f'plugins-api:netbox_hedgehog-api:{model}-detail'),
        name=model,
    )
    for model, folder in PAGES.items()
]
